"""What several models say of one drawing."""

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.datasets import DATASETS
from mnist_core.evaluation.calibration import is_refused, read_calibration
from mnist_core.runs.models import shipped_models
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.answer import percent
from pages.components.gallery import bars_html
from pages.components.labels import accuracy
from pages.components.messages import plain
from pages.components.model_menu import listed_models, runs_menu
from pages.components.waiting import rerun_when_done


def show_opinions(picture: NDArray[np.float32], above: Run, answered: NDArray[np.float32] | None) -> None:
    """A row for each chosen model: answer, ten bars, parameters, test accuracy, milliseconds.

    Args:
        picture: float32, shape (28, 28), in [0, 1].
        above: The model whose answer stands above; those that say something else are marked.
        answered: Its probabilities, float32, shape (10,), or None where there are none yet.
    """
    models = {key: run for key, run in listed_models().items() if run.spec.dataset == "mnist"}
    runs = runs_menu(
        "Models to ask",
        "draw_models",
        models,
        [run.id for run in shipped_models() if run.id in models],
        "As many as you like: those that come with Digit Studio, and your own runs.",
    )
    if not runs:
        st.caption("Choose one or more models to see what each of them says.")
        return
    asked = get_studio().engine.compare([run.model_path for run in runs], picture)
    if not asked.done():
        try:
            asked.result(timeout=0.5)
        except TimeoutError:
            st.caption("The models are loading…")
            rerun_when_done(asked)
            return
    opinions = asked.result()
    answers = [_answer(run, opinion.probabilities) for run, opinion in zip(runs, opinions, strict=True)]
    first = _answer(above, answered)
    differs = [None not in (answer, first) and answer != first for answer in answers]
    rows = []
    for run, opinion, answer, is_other in zip(runs, opinions, answers, differs, strict=True):
        sure, bars, took = "", "", "–"
        if opinion.probabilities is not None:
            sure = percent(float(opinion.probabilities.max()))
            bars = bars_html(opinion.probabilities, int(opinion.probabilities.argmax()), 34)
            took = f"{opinion.milliseconds:.1f}"
        says = (answer or "–") + (" ≠" if is_other else "")
        rows.append([run.name, says, sure, bars, f"{run.spec.model.num_params:,}", accuracy(run), took])
    with st.container(key="draw_opinions"):
        if any(differs):
            st.caption(f"They disagree: ≠ marks those that do not say “{first}”, as {plain(above.name)} does above.")
        elif first is not None:
            st.caption("They agree.")
        st.html(_table(rows, differs))
    for run, opinion in zip(runs, opinions, strict=True):
        if opinion.problem:
            st.caption(f"{plain(run.name)}: {plain(opinion.problem)}")


def _answer(run: Run, probabilities: NDArray[np.float32] | None) -> str | None:
    """What a model says in a word or two; None where it could not be asked."""
    if probabilities is None:
        return None
    label = DATASETS[run.spec.dataset].class_names[int(probabilities.argmax())]
    return f"no digit ({label})" if is_refused(read_calibration(run.folder), probabilities.max()) else label


HEADINGS = ("Model", "Says", "Sure", "0 to 9", "Parameters", "Test accuracy", "Milliseconds")


def _table(rows: list[list[str]], differs: list[bool]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADINGS)
    body = ""
    for row, other in zip(rows, differs, strict=True):
        cells = "".join(f"<td>{cell if index == 3 else escape(cell)}</td>" for index, cell in enumerate(row))
        body += f"<tr{' class=differs' if other else ''}>{cells}</tr>"
    return f'<div class="opinions"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
