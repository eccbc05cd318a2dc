"""The demo that most tutorials build, to be measured beside this app; `benchmarks.pen_to_bars` starts it.

One script that runs from top to bottom at every stroke: the model loaded, the whole canvas shrunk to 28×28,
`model.predict`, and a bar chart, with TensorFlow in the process that serves the page. Of six such demos looked at on
GitHub five load the model at every stroke (pathakanuj24/Handwritten-Digit-Recognizer and chnuch/digitpredictor among
them) and one only once (HS-Restaurant/recipe-book); with `USUAL_DEMO_LOADS_ONCE` this one is like the latter.
"""

import os

import keras
import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

st.title("Digit recogniser")
load = keras.models.load_model
if os.environ.get("USUAL_DEMO_LOADS_ONCE"):
    load = st.cache_resource(load)
model = load(os.environ["USUAL_DEMO_MODEL"])
with st.container(key="draw_canvas"):
    result = st_canvas(
        stroke_width=20,
        stroke_color="#fff",
        background_color="#000",
        width=280,
        height=280,
        return_image_data=True,
        key="canvas",
    )
if result.image_data is not None:
    grey = Image.fromarray(result.image_data.astype(np.uint8)).convert("L").resize((28, 28))
    probabilities = model.predict(np.asarray(grey)[None].reshape(1, *model.input_shape[1:]) / 255)[0]
    with st.container(key="draw_probabilities"):
        st.write(f"Prediction: {probabilities.argmax()}, probability {probabilities.max():.9f}")
        st.bar_chart(pd.DataFrame({"probability": probabilities}))
