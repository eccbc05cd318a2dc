"""How true a model's probabilities are."""

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
    from pages.components.charts import reliability_diagram  # brings pandas, which the first page has no need of

    with chart:
        reliability_diagram(found.bins)
