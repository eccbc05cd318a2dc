"""How true a model's probabilities are."""

import streamlit as st

from mnist_core.evaluation.calibration import read_calibration
from mnist_core.formatting import in_percent
from mnist_core.runs.run import Run
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
    if found.taken_over:
        st.info(
            f"**{plain(run.name)}** was trained further from **{plain(found.taken_over)}** and uses its temperature, "
            f"{found.temperature:.2f}: below {in_percent(found.threshold)} it says *not a digit, I think*. How true "
            "its percentages are now, nobody has measured.",
            icon=":material/speed:",
        )
        return
    text, chart = st.columns([3, 2], gap="medium")
    with text:
        most = max(found.bins, key=lambda item: item.count)
        share = most.count / sum(item.count for item in found.bins)
        st.markdown(
            f"Where it says 90 %, it should be right nine times in ten. What the last layer gives is divided by "
            f"a **temperature** of **{found.temperature:.2f}** before it becomes percentages: below 1 makes it surer, "
            f"above 1 less sure, and no answer changes. On {plain(found.source)}, what it says and how often it is "
            f"right lie **{100 * found.error:.1f} points** apart on average: the expected calibration error.\n\n"
            f"The larger a dot, the more answers: {in_percent(share)} of them are the one dot at "
            f"{in_percent(most.confidence)}; the small ones stand for a few drawings each.\n\n"
            f"Below **{in_percent(found.threshold)}** it says *not a digit, I think*. Of a hundred real digits "
            "it refuses about one."
        )
    from pages.components.charts import reliability_diagram  # brings pandas, which the first page has no need of

    with chart:
        reliability_diagram(found.bins)
