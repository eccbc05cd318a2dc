"""How true a model's probabilities are."""

import altair as alt
import pandas as pd
import streamlit as st

from mnist_core.calibration import read_calibration
from mnist_core.runs import Run
from pages.components.messages import plain


def show_confidence(run: Run) -> None:
    """The reliability diagram of a calibrated model, with what the temperature and the bound mean."""
    found = read_calibration(run.folder)
    if found is None:
        st.info(
            f"**{plain(run.name)}** is not calibrated: its percentages are what training made of them, mostly too high "
            "for drawings, and it takes everything for a digit. Choose **digits** to see a calibrated model.",
            icon=":material/speed:",
        )
        return
    text, chart = st.columns([3, 2], gap="medium")
    with text:
        st.markdown(
            f"Of the drawings it calls with 90 %, nine in ten should be right. Its logits are divided by a "
            f"**temperature** of **{found.temperature:.2f}** to make that so, which changes no answer. On "
            f"{plain(found.source)}, confidence and truth lie **{100 * found.error:.1f} points** apart on average "
            f"(before: {100 * found.error_before:.1f}): the expected calibration error.\n\n"
            f"Below **{found.threshold:.0%}** it says *not a digit, I think*. Of a hundred real digits it refuses one "
            "or two."
        )
    points = pd.DataFrame(
        [{"confidence": item.confidence, "right": item.accuracy, "answers": item.count} for item in found.bins]
    )
    scale = alt.Scale(domain=[0, 1])
    dots = alt.Chart(points).mark_line(point=True).encode(
        x=alt.X("confidence:Q", scale=scale, title="it says"),
        y=alt.Y("right:Q", scale=scale, title="it is right"),
        tooltip=[alt.Tooltip("confidence:Q", format=".1%"), alt.Tooltip("right:Q", format=".1%"), "answers:Q"],
    )  # fmt: skip
    diagonal = alt.Chart(pd.DataFrame({"x": [0, 1], "y": [0, 1]})).mark_line(strokeDash=[4, 4], color="grey")
    with chart:
        st.altair_chart(
            (diagonal.encode(x="x:Q", y="y:Q") + dots).properties(height=230),
            key="draw_reliability",
            alt="Reliability diagram: how often it is right, by how sure it is; the dashed line is perfect",
        )
