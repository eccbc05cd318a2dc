"""How true a model's probabilities are."""

import streamlit as st

from mnist_core.evaluation.calibration import read_calibration
from mnist_core.formatting import in_percent
from mnist_core.runs.run import Run
from pages.components.messages import escape_markdown


def show_confidence(run: Run) -> None:
    """The reliability diagram of a calibrated model, with what the temperature and the bound mean."""
    found = read_calibration(run.folder)
    name = escape_markdown(run.name)
    if found is None:
        st.info(
            f"**{name}** is not calibrated: its percentages are what training made of them, mostly too high for "
            "drawings, and it takes everything for a digit. Choose **digits** to see a calibrated model.",
            icon=":material/speed:",
        )
        return
    rejects_below = in_percent(found.rejection_threshold)
    if found.inherited_from:
        parent = escape_markdown(found.inherited_from)
        st.info(
            f"**{name}** was trained further from **{parent}** and uses its temperature, {found.temperature:.2f}. "
            f"Below {rejects_below} it says *not a digit, I think*. How true its percentages are now, nobody has "
            "measured.",
            icon=":material/speed:",
        )
        return
    text, chart = st.columns([3, 2], gap="medium")
    with text:
        most = max(found.bins, key=lambda item: item.count)
        share = most.count / sum(item.count for item in found.bins)
        st.markdown(
            f"Where it says 90 %, it should be right nine times in ten. What the last layer gives is divided by "
            f"a **temperature** of **{found.temperature:.2f}** before it becomes percentages: below 1 makes it more "
            f"confident, above 1 less, and no answer changes. On {escape_markdown(found.source)}, what it says and how "
            f"often it is right lie **{100 * found.expected_calibration_error:.1f} points** apart on average: the "
            f"expected calibration error.\n\n"
            f"The larger a dot, the more answers: {in_percent(share)} of them are the one dot at "
            f"{in_percent(most.confidence)}; the small ones stand for a few drawings each.\n\n"
            f"Below **{rejects_below}** it says *not a digit, I think*. Of a hundred real digits it rejects about one."
        )
    from pages.components.charts import reliability_diagram  # brings pandas, which the first page has no need of

    with chart:
        reliability_diagram(found.bins)
