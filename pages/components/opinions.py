"""What several models say of one drawing."""

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.datasets import DATASETS
from mnist_core.models import shipped_models
from mnist_core.studio import get_studio
from pages.components.answer import percent
from pages.components.gallery import bars_html
from pages.components.labels import accuracy
from pages.components.messages import plain
from pages.components.model_menu import listed_models, runs_menu
from pages.components.waiting import rerun_when_done


def show_opinions(picture: NDArray[np.float32]) -> None:
    """A row for each chosen model: answer, ten bars, parameters, test accuracy, milliseconds."""
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
    answers = [None if o.probabilities is None else int(o.probabilities.argmax()) for o in opinions]
    said = [answer for answer in answers if answer is not None]
    common = max(set(said), key=said.count) if said else None
    rows = []
    for run, opinion, answer in zip(runs, opinions, answers, strict=True):
        says, sure, bars, took = "–", "", "", "–"
        if opinion.probabilities is not None and answer is not None:
            says = DATASETS[run.spec.dataset].class_names[answer] + (" ≠" if answer != common else "")
            sure = percent(float(opinion.probabilities[answer]))
            bars = bars_html(opinion.probabilities, answer, 34)
            took = f"{opinion.milliseconds:.1f}"
        rows.append([run.name, says, sure, bars, f"{run.spec.model.num_params:,}", accuracy(run), took])
    with st.container(key="draw_opinions"):
        if len(set(said)) > 1:
            st.caption(f"They disagree: ≠ marks those that do not say {common}, as most do.")
        elif len(said) > 1:
            st.caption("They agree.")
        st.html(_table(rows, [answer is not None and answer != common for answer in answers]))
    for run, opinion in zip(runs, opinions, strict=True):
        if opinion.problem:
            st.caption(f"{plain(run.name)}: {plain(opinion.problem)}")


HEADINGS = ("Model", "Says", "Sure", "0 to 9", "Parameters", "Test accuracy", "Milliseconds")


def _table(rows: list[list[str]], differs: list[bool]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADINGS)
    body = ""
    for row, other in zip(rows, differs, strict=True):
        cells = "".join(f"<td>{cell if index == 3 else escape(cell)}</td>" for index, cell in enumerate(row))
        body += f"<tr{' class=differs' if other else ''}>{cells}</tr>"
    return f'<div class="opinions"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
