"""Lessons: predict what will happen, run it for real, and see the answer beside the prediction."""

import pandas as pd
import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.evaluation.figures import results_figure
from mnist_core.formatting import in_percent
from mnist_core.lessons.lesson import Lesson, newest_runs
from mnist_core.lessons.reader import SHIPPED_LESSONS, read_lessons
from mnist_core.paths import LESSONS_FOLDER
from mnist_core.runs.progress import epoch_rows, measure_progress
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.charts import results_bars
from pages.components.doors import open_compare
from pages.components.downloads import as_csv, figure_buttons
from pages.components.drafts import keep_draft
from pages.components.labels import accuracy_text, duration
from pages.components.messages import escape_markdown, show_problem
from pages.components.waiting import POLL_SECONDS
from pages.components.widgets import pressed

FIGURES = ("Epochs", "Time", "Training", "Validation", "Test accuracy")


def choose_lesson() -> Lesson:
    """The menu of lessons, and what is wrong with files that are none."""
    lessons, problems = read_lessons(SHIPPED_LESSONS, get_studio().store.root / LESSONS_FOLDER)
    for problem in problems:
        show_problem(problem)
    by_id = {lesson.id: lesson for lesson in lessons}
    chosen = st.selectbox(
        "Lesson",
        list(by_id),
        key="lesson_choice",
        format_func=lambda lesson_id: f"{list(by_id).index(lesson_id) + 1}. {by_id[lesson_id].title}",
        persist_state="session",
        width=440,
        help="Each is an experiment with real runs. Files of your own go to lessons/ in the folder of runs.",
    )
    return by_id[chosen]


def keep_prediction(lesson: Lesson, prediction: str | None) -> None:
    """Keeps which lesson is open, and what was predicted, over a reload."""

    def take_back(draft: str) -> None:
        lessons, _ = read_lessons(SHIPPED_LESSONS, get_studio().store.root / LESSONS_FOLDER)
        lesson_id, _, predicted = draft.partition("\n")
        for known in lessons:
            if known.id == lesson_id:
                st.session_state.lesson_choice = known.id
                if predicted in known.choices:
                    st.session_state[f"lesson_prediction_{known.id}"] = predicted

    keep_draft("lesson", f"{lesson.id}\n{prediction or ''}", take_back)


def predict(lesson: Lesson) -> str | None:
    """The question; returns what the person predicts, or None."""
    st.markdown(f"**{escape_markdown(lesson.question)}**")
    return st.radio(
        "Your prediction",
        lesson.choices,
        index=None,
        key=f"lesson_prediction_{lesson.id}",
        persist_state="session",
        help="Say what you expect before you run it; that is half the lesson.",
    )


def start(lesson: Lesson) -> None:
    """Puts every experiment into the queue."""
    for experiment in lesson.experiments:
        try:
            name = f"{experiment.label[:28]} · {lesson.title[:28]}"
            get_studio().queue.submit(experiment.spec, name=name, tag=lesson.tag(experiment))
        except InvalidInput as error:
            show_problem(error)
            return


def show_results(lesson: Lesson, prediction: str | None, known_statuses: tuple[str, ...]) -> None:
    """The runs as far as they are, and once all have ended what came of them."""
    store = get_studio().store
    runs = newest_runs(lesson, store.listing().runs)
    if statuses(runs) != known_statuses:
        st.rerun()
    rows = [_row(lesson, label, runs.get(label)) for label in (e.label for e in lesson.experiments)]
    table = pd.DataFrame(rows)
    with st.container(key="lesson_results"):
        st.table(table.map(escape_markdown), hide_index=True)
    finished = {label: run for label, run in runs.items() if "test_accuracy" in run.result}
    if len(finished) < len(lesson.experiments):
        return
    labels = list(finished)
    accuracies = [run.result["test_accuracy"] for run in finished.values()]
    results_bars(labels, accuracies)
    with st.container(key="lesson_answer"):
        if prediction:
            st.markdown(f"You predicted: **{escape_markdown(prediction)}**")
        st.success(lesson.explanation)
    with st.container(horizontal=True):
        st.download_button(
            "Table as CSV",
            as_csv(table, index=False),
            f"{lesson.id}.csv",
            "text/csv",
            key="lesson_csv",
            on_click="ignore",
            help="The table above, for a spreadsheet.",
        )
        if pressed(
            "Compare the curves",
            key="lesson_compare",
            icon=":material/stacked_line_chart:",
            help="Lays the curves of these runs over each other, on the Compare page.",
        ):
            open_compare(run.id for run in finished.values())
    figure_buttons(lambda: results_figure(lesson.title, labels, accuracies), lesson.id)


def statuses(runs: dict[str, Run]) -> tuple[str, ...]:
    """The status of each run, to see whether one has changed."""
    return tuple(run.status for run in runs.values())


def _row(lesson: Lesson, label: str, run: Run | None) -> dict[str, str]:
    experiment = next(experiment for experiment in lesson.experiments if experiment.label == label)
    row = {"Run": label, "Parameters": f"{experiment.spec.model.num_params:,}"}
    if run is None:
        return {**row, "Status": "not yet run", **dict.fromkeys(FIGURES, "–"), "Course notes": experiment.notes or "–"}
    events = get_studio().store.events(run)
    epochs = epoch_rows(events)
    fraction = measure_progress(run.spec.epochs, events).fraction
    by_time = run.spec.time_limit > 0
    return {
        **row,
        "Status": f"running, {in_percent(fraction)}" if run.status == "running" and not by_time else run.status,
        "Epochs": str(len(epochs)),
        "Time": duration(run.result.get("seconds")),
        "Training": in_percent(epochs[-1].get("train_accuracy", epochs[-1]["accuracy"]), 2) if epochs else "–",
        "Validation": in_percent(epochs[-1]["val_accuracy"], 2) if epochs else "–",
        "Test accuracy": accuracy_text(run),
        "Course notes": experiment.notes or "–",
    }


lesson = choose_lesson()
text, results = st.columns([2, 3], gap="medium")
with text:
    st.markdown(lesson.text)
    prediction = predict(lesson)
    keep_prediction(lesson, prediction)
    current = newest_runs(lesson, get_studio().store.listing().runs)
    is_running = any(run.is_active for run in current.values())
    if pressed(
        "Run it again" if current else "Run it",
        key="lesson_start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=prediction is None or is_running,
        help="Trains every network of this lesson, one after the other. They are listed on the Train page too.",
    ):
        start(lesson)
        st.rerun()
    if any(experiment.spec.validation_split == 0 for experiment in lesson.experiments):
        st.caption(
            "As in the course notes, these runs validate on the 10,000 test images, so that validation and test are "
            "the same images. Runs of your own keep a tenth of the training images for it."
        )
    if prediction is None:
        st.caption("Choose a prediction first, then run it.")
with results:
    if prediction is None and current and not is_running:
        st.info("This was run before. Predict, and you will see what came out.", icon=":material/visibility_off:")
        st.stop()
    st.fragment(show_results, run_every=POLL_SECONDS if is_running else None)(lesson, prediction, statuses(current))
