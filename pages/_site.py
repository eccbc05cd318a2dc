"""The frame around every screen: title, style, and which screens there are."""

from pathlib import Path

import streamlit as st

from mnist_core.server.studio import get_studio
from pages.components.messages import escape_markdown

ENGINE_POLL_SECONDS = 1.0
ASSETS = Path(__file__).parent / "components" / "assets"


def show() -> None:
    """Sets the frame up and runs the screen that was asked for."""
    st.set_page_config(page_icon=ASSETS / "icon.png", layout="wide")
    st.html(ASSETS / "style.css")

    page = st.navigation(
        [
            st.Page(
                "draw.py",
                title="Draw",
                icon=":material/draw:",
                default=True,
                help="Draw a digit and see what a trained network makes of it.",
            ),
            st.Page(
                "number.py",
                title="Number",
                icon=":material/pin:",
                help="Write several digits in a row and see each found and read.",
            ),
            st.Page(
                "inside.py",
                title="Inside",
                icon=":material/visibility:",
                help="See what every layer makes of your drawing while you draw, and how any value came about.",
            ),
            st.Page(
                "train.py",
                title="Train",
                icon=":material/model_training:",
                help="Choose a network, train it on real data, and watch it learn.",
            ),
            st.Page(
                "several.py",
                title="Several",
                icon=":material/grid_on:",
                help="Train one network with several values of a setting, and see which does best.",
            ),
            st.Page(
                "build.py",
                title="Build",
                icon=":material/construction:",
                help="Put a network of your own together, layer by layer.",
            ),
            st.Page(
                "data.py",
                title="Data",
                icon=":material/grid_view:",
                help="See the pictures that networks learn from, and what the numbers in them are.",
            ),
            st.Page(
                "model.py",
                title="Model",
                icon=":material/schema:",
                help="Look inside a network: its layers, their shapes, and Keras's own summary.",
            ),
            st.Page(
                "evaluate.py",
                title="Evaluate",
                icon=":material/fact_check:",
                help="See how well a model does on pictures it has never seen, and where it errs.",
            ),
            st.Page(
                "compare.py",
                title="Compare",
                icon=":material/stacked_line_chart:",
                help="Lay the curves of several runs over each other, with what differs between them.",
            ),
            st.Page(
                "handwriting.py",
                title="Handwriting",
                icon=":material/ink_pen:",
                help="Keep your own digits, see how well each model reads you, and train one further on them.",
            ),
            st.Page(
                "lessons.py",
                title="Lessons",
                icon=":material/school:",
                help="Guided experiments: predict what will happen, run it for real, and compare.",
            ),
        ],
        position="top",
    )
    st.set_page_config(page_title=f"{page.title} · Digit Studio")
    st.html(f'<h1 class="visually-hidden">{page.title}</h1>')  # where screen readers begin
    engine = get_studio().engine
    st.fragment(show_engine_problem, run_every=None if engine.has_started else ENGINE_POLL_SECONDS)()
    try:
        page.run()
    finally:  # a page may end itself to run again
        get_studio().page_sent()


def show_engine_problem() -> None:
    """Says on every screen why networks cannot be used, where that is so."""
    if problem := get_studio().engine.problem:
        st.warning(escape_markdown(problem), icon=":material/warning:")


# A process that is started while a page runs imports this file too, under another name, and has no page to show.
if __name__ == "__main__":
    show()
