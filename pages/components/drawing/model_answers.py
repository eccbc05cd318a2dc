"""What several models say of one drawing."""

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.datasets import DATASETS
from mnist_core.errors import InvalidInput
from mnist_core.runs.models import shipped_models
from mnist_core.runs.run import Run
from mnist_core.server.questions import Answer
from mnist_core.server.studio import get_studio
from pages.components.answer import percent
from pages.components.gallery import bars_html
from pages.components.labels import accuracy_text
from pages.components.messages import escape_markdown
from pages.components.model_menu import listed_models, runs_menu
from pages.components.waiting import result_of

BARS_HEIGHT = 34


def show_model_answers(picture: NDArray[np.float32], above: Run, answered: Answer | None) -> None:
    """A row for each chosen model: answer, ten bars, parameters, test accuracy, milliseconds.

    Args:
        picture: float32, shape (28, 28), in [0, 1].
        above: The model whose answer stands above; those that say something else are marked.
        answered: What it says, or None where there is no answer yet.
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
    answers = result_of(asked, "The models are loading…")
    if answers is None:
        return
    first = _words(above, answered) if answered else None
    says = [
        None if isinstance(item, InvalidInput) else _words(run, item) for run, item in zip(runs, answers, strict=True)
    ]
    differs = [None not in (word, first) and word != first for word in says]
    rows = [_row(*columns) for columns in zip(runs, answers, says, differs, strict=True)]
    with st.container(key="draw_opinions"):
        if any(differs):
            name = escape_markdown(above.name)
            st.caption(f"They disagree: ≠ marks those that do not say “{first}”, as {name} does above.")
        elif first is not None:
            st.caption("They agree.")
        st.html(_table(rows, differs))
    for run, answer in zip(runs, answers, strict=True):
        if isinstance(answer, InvalidInput):
            st.caption(f"{escape_markdown(run.name)}: {escape_markdown(str(answer))}")


def _row(run: Run, answer: Answer | InvalidInput, says: str | None, is_other: bool) -> list[str]:
    confidence, bars, took = "", "", "–"
    if isinstance(answer, Answer):
        confidence, took = percent(answer.confidence), f"{answer.milliseconds:.1f}"
        bars = bars_html(answer.probabilities, answer.label, BARS_HEIGHT)
    word = (says or "–") + (" ≠" if is_other else "")
    return [run.name, word, confidence, bars, f"{run.spec.model.num_params:,}", accuracy_text(run), took]


def _words(run: Run, answer: Answer) -> str:
    """What a model says in a word or two."""
    label = DATASETS[run.spec.dataset].class_names[answer.label]
    return label if answer.is_digit else f"no digit ({label})"


HEADINGS = ("Model", "Says", "Confidence", "0 to 9", "Parameters", "Test accuracy", "Milliseconds")


def _table(rows: list[list[str]], differs: list[bool]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADINGS)
    body = ""
    for row, other in zip(rows, differs, strict=True):
        cells = "".join(f"<td>{cell if index == 3 else escape(cell)}</td>" for index, cell in enumerate(row))
        body += f"<tr{' class=differs' if other else ''}>{cells}</tr>"
    return f'<div class="opinions"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
