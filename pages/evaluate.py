"""Evaluate: how well a model does on pictures it has never seen, and where it errs."""

from concurrent.futures import Future

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.errors import InvalidInput
from mnist_core.evaluation.figures import confusion_figure, predictions_figure
from mnist_core.evaluation.metrics import (
    Evaluation,
    choose_examples,
    class_scores,
    confident_mistakes,
    confused,
    evaluate,
)
from mnist_core.evaluation.pictures import KnownPictures, known_pictures, picture_sources
from mnist_core.formatting import in_percent
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.charts import confusion_matrix
from pages.components.doors import inside_address, keep_in_address, new_in_address
from pages.components.downloads import figure_buttons
from pages.components.gallery import Tile, gallery
from pages.components.messages import show_problem
from pages.components.model_menu import model_menu
from pages.components.waiting import POLL_SECONDS

NUM_EXAMPLES = 15
NUM_MISTAKES = 30


@st.fragment(run_every=POLL_SECONDS)
def show_progress(parts: list[Future[NDArray[np.float32]]]) -> None:
    """How many of the parts are there; runs the page again once all are."""
    done = sum(part.done() for part in parts)
    if done == len(parts):
        st.rerun()
    st.progress(done / len(parts), text=f"Looking at the test pictures: {done} of {len(parts)} parts are done")


def tile(data: KnownPictures, probabilities: NDArray[np.float32], place: int, *, with_bars: bool = True) -> Tile:
    """A test picture with predicted name, percentage and true name."""
    guess, truth = int(probabilities[place].argmax()), int(data.labels[place])
    caption = f"{data.class_names[guess]} {in_percent(probabilities[place, guess])} ({data.class_names[truth]})"
    tone = "right" if guess == truth else "wrong"
    model = st.session_state.get("evaluate_links")
    link = inside_address(model, str(place)) if model else ""
    return Tile(data.images[place], caption, tone, probabilities[place] if with_bars else None, truth, link)


def chance() -> int:
    """The number that decides which pictures are shown."""
    return int(st.session_state.setdefault("evaluate_seed", 0))


def show_others(key: str) -> None:
    """A button that takes other pictures."""
    st.button(
        "Show different ones", icon=":material/shuffle:", key=key, on_click=_next_chance, help="Takes other pictures."
    )


def _next_chance() -> None:
    st.session_state.evaluate_seed = chance() + 1


def show_examples(data: KnownPictures, probabilities: NDArray[np.float32]) -> None:
    """15 predictions: at random, of one class, or mistakes alone."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox(
            "Pictures",
            ["any", *data.class_names],
            key="evaluate_class",
            width=180,
            help="Take pictures of every class, or of one.",
        )
        mistakes = st.toggle("Mistakes only", key="evaluate_mistakes", help="Show only pictures that are read wrong.")
        show_others("evaluate_others")
    st.caption(
        "Predicted name, percentage, and in brackets the true name. Bars: blue the true class, red a wrong guess."
    )
    places = choose_examples(
        probabilities,
        data.labels,
        NUM_EXAMPLES,
        chance(),
        only_class=None if which == "any" else data.class_names.index(which),
        only_mistakes=mistakes,
    )
    if not len(places):
        st.info("There are no such pictures: it makes no mistake here.")
        return
    with st.container(key="evaluate_examples"):
        gallery([tile(data, probabilities, place) for place in places])
    figure_buttons(
        lambda: predictions_figure(data.images[places], data.labels[places], probabilities[places], data.class_names),
        "predictions",
    )


def show_confusion(run: Run, data: KnownPictures, probabilities: NDArray[np.float32], found: Evaluation) -> None:
    """The confusion matrix, and the pictures behind the cell that is clicked."""
    matrix, behind = st.columns([5, 4], gap="medium")
    with matrix:
        st.caption("Rows: what it is. Columns: what the model says. Click a cell to see the pictures behind it.")
        cell = confusion_matrix(found.confusion, data.class_names, "evaluate_confusion")
        title = f"{run.name}, test accuracy {in_percent(found.accuracy, 2)}"
        figure_buttons(
            lambda: confusion_figure(title, found, data.class_names),
            "confusion",
        )
    with behind, st.container(key="evaluate_cell"):
        if cell is None:
            st.info("No cell is chosen yet.", icon=":material/ads_click:")
            return
        truth, guess = cell
        places = confused(probabilities, data.labels, truth, guess)
        is_called = f"**{data.class_names[truth]}** are called **{data.class_names[guess]}**"
        st.markdown(f"**{len(places):,}** pictures of {is_called}; the most confident first:")
        gallery([tile(data, probabilities, place, with_bars=False) for place in places[:24]], size=64)


def show_classes(data: KnownPictures, found: Evaluation) -> None:
    """Precision and recall of each class."""
    scores = class_scores(found.confusion)
    st.table(
        {
            "Class": list(data.class_names),
            "Precision": [in_percent(score.precision, 1) for score in scores],
            "Recall": [in_percent(score.recall, 1) for score in scores],
            "Pictures": [f"{score.count:,}" for score in scores],
        },
        hide_index=True,
    )
    st.caption(
        "Precision: of the pictures that are called this class, how many are it. "
        "Recall: of the pictures that are this class, how many are called it."
    )


def show_all(run: Run, data: KnownPictures, probabilities: NDArray[np.float32]) -> None:
    """Everything there is to see once the model has looked at all test pictures."""
    found = evaluate(probabilities, data.labels)
    with st.container(horizontal=True, key="evaluate_figures"):
        st.metric("Test accuracy", in_percent(found.accuracy, 2), width=170)
        st.metric("Test loss", f"{found.loss:.4f}", width=170)
        st.metric(
            "Read wrong", f"{round((1 - found.accuracy) * len(data.labels)):,} of {len(data.labels):,}", width=240
        )
    examples, confusion, classes, mistakes, nine = st.tabs(
        ["Predictions", "Confusion matrix", "By class", "Most confident mistakes", "Nine random images"],
        key="evaluate_tabs",
    )
    with examples:
        show_examples(data, probabilities)
    with confusion:
        show_confusion(run, data, probabilities, found)
    with classes:
        show_classes(data, found)
    with mistakes:
        st.caption("The pictures that it reads wrong and is most confident of, those first.")
        gallery([tile(data, probabilities, p) for p in confident_mistakes(probabilities, data.labels, NUM_MISTAKES)])
    with nine:
        show_others("evaluate_other_nine")
        places = choose_examples(probabilities, data.labels, 9, chance())
        gallery([tile(data, probabilities, place, with_bars=False) for place in places], size=140)


def choose_pictures(run: Run) -> str:
    """The name of a dataset, or of a set of drawings as "drawings/NAME"."""
    sources = picture_sources(get_studio().drawings, run.spec.dataset)
    key = f"evaluate_dataset_{run.spec.dataset}"
    opened = new_in_address("pictures", "evaluate_opened")
    if opened in sources:
        st.session_state[key] = opened
    if st.session_state.get(key) not in sources:  # the set was deleted
        st.session_state[key] = run.spec.dataset
    chosen = st.selectbox(
        "Test pictures of",
        list(sources),
        format_func=lambda source: sources.get(source, source),
        key=key,
        width=220,
        help="A model can also be shown pictures of a kind that it was not trained on, and drawings that are kept on "
        "the Handwriting page or were added on the Train page.",
    )
    keep_in_address("pictures", chosen, "evaluate_opened")
    return chosen


def show(run: Run, name: str) -> None:
    """The model's figures on the pictures, once it has looked at all of them."""
    try:
        data = known_pictures(name, get_studio().drawings)
    except InvalidInput as error:
        show_problem(error)
        return
    # Its own test pictures have a place that the inside of the network can be opened with.
    st.session_state.evaluate_links = run.id if name == run.spec.dataset else ""
    parts = get_studio().engine.probabilities(run.model_path, name, data.images)
    problem = next((part.exception() for part in parts if part.done() and part.exception()), None)
    if problem:
        show_problem(problem)
    elif not all(part.done() for part in parts):
        show_progress(parts)
    else:
        show_all(run, data, np.concatenate([part.result() for part in parts]))


with st.container(horizontal=True):
    with st.container(width=420):
        run = model_menu("evaluate_model")
    if run:
        chosen = choose_pictures(run)
if run:
    show(run, chosen)
