"""Handwriting: the drawings a person has kept, how well models read them, and training a model further on them."""

import contextlib
import dataclasses
import json
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.drawing.archives import as_idx, as_npz, read_set
from mnist_core.drawing.drawings_file import drawings_content
from mnist_core.drawing.store import MIN_DRAWINGS
from mnist_core.drawing.strokes import Drawing
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.handwriting import Handwriting, confusions, reading_score
from mnist_core.evaluation.pictures import DRAWINGS
from mnist_core.files import read_json
from mnist_core.formatting import in_percent
from mnist_core.runs.models import parent_run, shipped_models, trained_models
from mnist_core.runs.progress import measure_progress
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from mnist_core.training.fine_tuning import fine_tuning_name, fine_tuning_spec, fine_tuning_tag
from pages.components.bin_panel import bin_panel
from pages.components.doors import open_draw, open_evaluate
from pages.components.drafts import keep_draft
from pages.components.drawing.canvas import Board
from pages.components.drawing.live import Reader
from pages.components.drawing.reading import show_reading
from pages.components.drawing.writer import name_field, writer_name
from pages.components.gallery import Tile, gallery
from pages.components.labels import model_label
from pages.components.messages import escape_markdown, show_problem
from pages.components.model_menu import model_menu
from pages.components.uploads import is_new
from pages.components.waiting import POLL_SECONDS, rerun_when_done, result_of
from pages.components.widgets import pressed

ROUND = 20
ROUND_BOARD = Board("round")
ROUND_HINT = "Here you will see what it is read as."
SHOWN = 60
MAX_READERS = 12

Pictures = NDArray[np.uint8]
"""A set's drawings as a network sees them, (N, 28, 28)."""


@st.fragment
def guided_round(name: str) -> None:
    """Asks for twenty digits, one after the other, in random order."""
    state = st.session_state
    keep_round()
    wanted = digits_to_draw(name)
    if not wanted:
        st.caption("Twenty digits, each one twice in random order: one or two minutes.")
        if pressed(
            "Start a round", key="round_start", type="primary", icon=":material/draw:",
            help="Asks you for one digit after the other and keeps what you draw.",
        ):  # fmt: skip
            state.round_digits = random.sample([*range(10), *range(10)], ROUND)
            state.round_writer, state.round_last = name, None
            ROUND_BOARD.clear()
            st.rerun()
        return
    ROUND_BOARD.keep()
    st.markdown(f"Draw {_a_digit(wanted[0])} · {ROUND - len(wanted) + 1} of {ROUND}")
    reader = shipped_models()[0]
    with st.container(key="round_layout"):
        with st.container(key="round_pad"):
            ROUND_BOARD.show(reader=Reader(reader.id, hint=ROUND_HINT))
        with st.container(key="round_result"):
            show_reading(ROUND_BOARD, reader, ROUND_HINT)
    with st.container(horizontal=True):
        if pressed(
            "Keep it, next", key="round_next", type="primary", disabled=not ROUND_BOARD.strokes(),
            help="Keeps the drawing and asks for the next digit.",
        ):  # fmt: skip
            drawing = Drawing(ROUND_BOARD.strokes(), wanted[0], name)
            try:
                get_studio().drawings.add(name, drawing)
            except InvalidInput as error:
                show_problem(error)
            else:
                state.round_digits, state.round_last = wanted[1:], drawing
                ROUND_BOARD.clear()
                if len(wanted) == 1:
                    st.toast(f"All {ROUND} are kept. Below you see how well each model reads them.")
                    st.rerun()
                st.rerun(scope="fragment")
        last: Drawing | None = state.get("round_last")
        if last and pressed(
            f"Undo the {last.label}", key="round_back", icon=":material/undo:",
            help="Deletes the drawing that was kept last, and asks for its digit again.",
        ):  # fmt: skip
            try:
                get_studio().drawings.replace(name, last, None)
            except InvalidInput as error:
                show_problem(error)
            else:
                state.round_digits, state.round_last = [last.label, *wanted], None
                st.rerun(scope="fragment")
        if pressed("End the round", key="round_end", help="Stops here. What you have drawn so far is kept."):
            state.round_digits = []
            ROUND_BOARD.clear()
            st.rerun()


def keep_round() -> None:
    """Keeps the name and the round that has begun over a reload."""
    state = st.session_state

    def take_back(draft: str) -> None:
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            saved = read_json(draft)
            name, digits = saved.get("name"), saved.get("digits")
            get_studio().drawings.path(name)
            state.handwriting_name = state.round_writer = name
            if len(digits) <= ROUND and all(digit in range(10) for digit in digits):
                state.round_digits = [int(digit) for digit in digits]

    name = writer_name()
    keep_draft("handwriting", json.dumps({"name": name, "digits": digits_to_draw(name)}) if name else "", take_back)


def digits_to_draw(name: str) -> list[int]:
    """The digits that are still asked for in this person's round; none where there is none."""
    state = st.session_state
    return state.get("round_digits", []) if state.get("round_writer") == name else []


def _a_digit(digit: int) -> str:
    return f"an **{digit}**" if digit == 8 else f"a **{digit}**"


def show_set(name: str, drawings: list[Drawing], pictures: Pictures) -> None:
    """The drawings, and what can be done with one or with all of them."""
    first = max(len(drawings) - SHOWN, 0)
    if first:
        st.caption(f"The last {SHOWN} of {len(drawings):,}.")
    with st.container(key="handwriting_set"):
        gallery([Tile(pictures[i], f"{i + 1}: {_label(drawings[i])}") for i in range(first, len(drawings))], size=56)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.number_input(
            "Drawing", 1, len(drawings), len(drawings), key=f"handwriting_number_{len(drawings)}", width=125,
            help="The number that stands below a drawing.",
        )  # fmt: skip
        label = st.selectbox(
            "Label", list(range(10)), index=drawings[number - 1].label, key=f"handwriting_label_{number}", width=80,
            help="The digit that this drawing really is.",
        )  # fmt: skip
        store, chosen = get_studio().drawings, drawings[number - 1]
        if pressed("Correct it", key="handwriting_correct", help="Changes what this drawing is kept as."):
            _change(store.replace, name, chosen, dataclasses.replace(chosen, label=label))
        if pressed("Delete it", key="handwriting_delete", help="Moves this drawing into the bin for 30 days."):
            _change(store.replace, name, chosen, None)
        delete_menu(name, f"All {len(drawings)} drawings of {name}")
    with st.container(horizontal=True):
        for title, data, ending, help in (
            ("Download .npz", as_npz, "npz", "A NumPy archive: pictures x, labels y, and the strokes."),
            ("Download IDX", as_idx, "zip", "MNIST's own file format, two files in a zip archive, and the strokes."),
            ("Download .jsonl", drawings_content, "jsonl", "The strokes, one drawing a line."),
        ):
            st.download_button(
                title, partial(data, drawings), f"{name}.{ending}", key=f"handwriting_{ending}",
                on_click="ignore", help=help,
            )  # fmt: skip


def delete_menu(name: str, what: str) -> None:
    """Deletes a person's set, and with it, if wanted, the models that have learned from it.

    Args:
        name: The person's name.
        what: What is deleted, as the question begins.
    """
    with st.popover("Delete all", key="handwriting_delete_all", help="Asks once more."):
        st.write(escape_markdown(f"{what} go into the bin for 30 days, without the copy to train on."))
        tuned = [run for run in get_studio().store.listing().runs if run.tag == fine_tuning_tag(name)]
        models_too = False
        if tuned:
            models_too = st.toggle(
                f"Also the models trained on them ({len(tuned)})", value=True, key="handwriting_delete_models",
                help="A model keeps what it has learned from your hand, and its name holds yours.",
            )  # fmt: skip
        for_good = st.toggle(
            "For good, at once", key="handwriting_delete_for_good",
            help="Nothing of it stays here, in the bin neither. There is no way back.",
        )  # fmt: skip
        if pressed("Delete them", key="handwriting_delete_sure", type="primary", help="Deletes what is said above."):
            _change(_delete_all, name, tuned if models_too else [], for_good)


def _delete_all(name: str, tuned: list[Run], for_good: bool) -> None:
    for run in tuned:
        get_studio().store.delete(run.id, for_good=for_good)
    get_studio().drawings.delete(name, for_good=for_good)


def show_bin(name: str) -> None:
    """What was deleted of this person's drawings lately."""
    store = get_studio().drawings
    bin_panel("drawings_bin", store.deleted(name), store.bin, store.restore)


def _label(drawing: Drawing) -> str:
    return "?" if drawing.label is None else str(drawing.label)


def _change(change: Callable[..., None], *values: Any) -> None:
    """Changes the set and shows it anew, or says why that cannot be."""
    try:
        change(*values)
    except InvalidInput as error:
        show_problem(error)
    else:
        st.rerun()


def load_in(name: str) -> None:
    """Adds the drawings of a file to the set."""
    with st.popover("Import", icon=":material/upload_file:", key="handwriting_load", help="Adds a downloaded set."):
        file = st.file_uploader(
            "A set downloaded here, or a drawings file",
            type=["npz", "zip", "jsonl", "gz"],
            key="handwriting_file",
            help="Its drawings are added to yours. Nothing in the file is run.",
        )
        if file and is_new(file, "handwriting_file_read"):
            try:
                drawings = read_set(file.getvalue(), file.name)
                new = get_studio().drawings.add(name, *drawings)
            except InvalidInput as error:
                show_problem(error)
            else:
                already = f"; {len(drawings) - new} were there already" if new < len(drawings) else ""
                st.toast(f"{new} drawings were imported{already}.")
                st.rerun()


def show_readers(name: str, known: Handwriting) -> None:
    """How well each model reads these drawings, and which digits one of them takes for others.

    A model that was tuned on some of them is measured on the others alone.
    """
    runs = trained_models(get_studio().store, MAX_READERS, dataset="mnist")[:MAX_READERS]
    asked = {run.id: get_studio().engine.predict_each(run.model_path, known.images) for run in runs}
    rerun_when_done(*asked.values())
    if not all(work.done() for work in asked.values()):
        st.caption("The models are reading your drawings…")
        return
    read = {run.id: (run, asked[run.id].result().probabilities) for run in runs if not asked[run.id].exception()}
    if not read:
        return
    rows = [_reader_row(run, values, known, is_tuned=run.tag == fine_tuning_tag(name)) for run, values in read.values()]
    with st.container(key="handwriting_readers"):
        st.table({title: [row[title] for row in rows] for title in rows[0]}, hide_index=True)
    chosen = st.selectbox(
        "Mistakes made by",
        list(read),
        format_func=lambda run_id: model_label(read[run_id][0]),
        key="handwriting_reader",
        help="Which of your digits this model takes for others.",
    )
    mistakes = [f"{row} as {column} ({count}×)" for row, column, count in confusions(read[chosen][1], known)]
    st.caption(f"It takes {', '.join(mistakes)}." if mistakes else "It makes no mistake.")
    if pressed(
        "See each of them",
        key="handwriting_evaluate",
        icon=":material/fact_check:",
        help="Opens Evaluate with this model and your drawings: the whole confusion matrix, and the pictures.",
    ):
        open_evaluate(chosen, f"{DRAWINGS}{name}")


def _reader_row(run: Run, values: NDArray[np.float32], known: Handwriting, *, is_tuned: bool) -> dict[str, str]:
    score = reading_score(values, known, only_held_out=is_tuned)
    return {
        "Model": escape_markdown(model_label(run)),
        "Accuracy on you": "–" if score.accuracy is None else in_percent(score.accuracy, 1),
        "Errors": f"{score.errors} of {score.count}{' held out' if is_tuned else ''}",
    }


def fine_tune(name: str, drawings: list[Drawing], known: Handwriting) -> None:
    """Trains a model further on most of the drawings, as an ordinary run."""
    run = model_menu("handwriting_model", "Model to train further", dataset="mnist")
    if run and pressed(
        "Fine-tune it on my handwriting",
        key="handwriting_tune",
        icon=":material/tune:",
        type="primary" if len(drawings) >= MIN_DRAWINGS else "secondary",
        help="Another run begins with this model. One drawing in four is held out, to see what it has brought.",
    ):
        try:
            part = get_studio().drawings.write_training_part(name)
            spec = fine_tuning_spec(run.spec, run.id, part)
            get_studio().queue.submit(spec, name=fine_tuning_name(run.name, name), tag=fine_tuning_tag(name))
        except InvalidInput as error:
            show_problem(error)
        else:
            st.rerun()
    tuned = next((run for run in get_studio().store.listing().runs if run.tag == fine_tuning_tag(name)), None)
    if tuned:
        st.fragment(_before_and_after, run_every=POLL_SECONDS if tuned.is_active else None)(tuned, known)


def _before_and_after(tuned: Run, known: Handwriting) -> None:
    run = get_studio().store.get(tuned.id)
    if run.status != tuned.status:
        st.rerun()
    with st.container(key="handwriting_result"):
        if run.is_active:
            progress = measure_progress(run.spec.epochs, get_studio().store.events(run))
            st.markdown(f"**{escape_markdown(run.name)}** · {run.status}. About half a minute.")
            st.progress(progress.fraction)
        elif run.has_model:
            _what_it_brought(run, known.held_out())
        else:
            st.markdown(f"**{escape_markdown(run.name)}** · {run.status}")
            if run.error:
                show_problem(run.error)


def _what_it_brought(run: Run, held_out: Handwriting) -> None:
    """What the model and the one it came from read of the drawings that neither has learned from."""
    parent = parent_run(run, get_studio().store)
    if not len(held_out.labels) or not parent:
        st.caption("There is nothing held out to compare with any more.")
        return
    shares = []
    for reader in (parent, run):
        asked = get_studio().engine.predict_each(reader.model_path, held_out.images)
        if (found := result_of(asked, "Both models are reading the drawings held out…")) is None:
            return
        shares.append(in_percent(reading_score(found.probabilities, held_out, only_held_out=False).accuracy or 0))
    st.markdown(
        f"**{escape_markdown(run.name)}**: of {len(held_out.labels)} drawings held out, "
        f"**{escape_markdown(parent.name)}** reads **{shares[0]}** and the fine-tuned model **{shares[1]}**."
    )
    if pressed("Draw with it", key="handwriting_draw", icon=":material/draw:", help="Opens the canvas with it."):
        open_draw(run.id)


st.caption(
    "What you draw is kept only when you say so, and only on this server. Others on this server who know the name can "
    "see it."
)
name_field(
    "Your drawings are kept under it, on this server alone. The same name opens them again.",
    may_be_emptied=True,
    width=300,
)
name = writer_name()
if not name:
    keep_round()
    st.info("Give a name or a nickname first. Then draw twenty digits, and see how well each model reads you.")
    st.stop()
try:
    drawings, pictures = get_studio().drawings.read_with_pictures(name)
except InvalidInput as error:
    show_problem(error)
    if get_studio().drawings.holds(name):
        delete_menu(name, f"The drawings of {name}, which cannot be read,")
    st.stop()
left, right = st.columns(2, gap="medium")
with left:
    st.markdown("##### Draw")
    guided_round(name)
    load_in(name)
with right:
    is_drawing = bool(digits_to_draw(name))
    st.markdown(f"##### {len(drawings)} drawings" if drawings else "##### No drawings here yet")
    if is_drawing:
        st.caption("What you draw in this round is shown when it ends.")
    if drawings:
        show_set(name, drawings, pictures)
    elif not is_drawing:
        st.caption("Start a round, or press Yes under an answer on the Draw page.")
    show_bin(name)
if drawings:
    known = Handwriting.of(drawings, pictures)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("##### How well each model reads you")
        show_readers(name, known)
    with right:
        st.markdown("##### A model for your hand")
        if len(drawings) < MIN_DRAWINGS:
            st.caption(f"{MIN_DRAWINGS - len(drawings)} more drawings are needed before a model can learn your hand.")
        fine_tune(name, drawings, known)
