"""The usual demo, from public parts: whole-script rerun, `model.predict`, TensorFlow in the page's process."""

import os

import altair as alt
import keras
import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas


@st.cache_resource
def load() -> keras.Model:
    """The model, once for all sessions: kinder than many demos, which load it at every stroke."""
    return keras.models.load_model(os.environ["DEMO_MODEL"])


st.title("Draw a digit")
model = load()
with st.container(key="draw_canvas"):
    result = st_canvas(
        stroke_width=20, stroke_color="#000", background_color="#fff", width=280, height=280,
        return_image_data=True, key="canvas",
    )  # fmt: skip
if result.image_data is not None:
    grey = Image.fromarray(result.image_data).convert("L").resize((28, 28))
    x = 1 - np.asarray(grey, np.float32) / 255
    probabilities = model.predict(x[None], verbose=0)[0]
    st.header(int(probabilities.argmax()))
    with st.container(key="draw_probabilities"):
        table = pd.DataFrame({"digit": range(10), "probability": probabilities})
        st.altair_chart(alt.Chart(table).mark_bar().encode(x="digit:O", y="probability:Q"))
        st.html("<p>" + " ".join(f"{value:.6f}" for value in probabilities) + "</p>")
