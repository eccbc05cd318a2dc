"""Lessons: predict what will happen, run it for real, and see the answer beside the prediction."""

import dataclasses
import itertools
import statistics

import pandas as pd
import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.evaluation.figures import results_figure
from mnist_core.evaluation.findings import Finding
from mnist_core.formatting import in_percent
from mnist_core.lessons.lesson import Experiment, Lesson, findings, runs_of
from mnist_core.lessons.reader import SHIPPED_LESSONS, read_lessons
from mnist_core.paths import LESSONS_FOLDER
from mnist_core.runs.progress import epoch_rows, measure_progress
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.charts import results_bars
from pages.components.doors import open_compare
from pages.components.downloads import as_csv, figure_buttons
from pages.components.drafts import keep_draft
from pages.components.labels import duration
from pages.components.messages import escape_markdown, show_problem
from pages.components.waiting import POLL_SECONDS
from pages.components.widgets import pressed

FIGURES = ("Epochs", "Time", "Training", "Validation", "Test accuracy")
REPEATS = {1: "once", 3: "3 times", 5: "5 times"}


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


def predict(lesson: Lesson, *, was_run: bool) -> str | None:
    """The question; returns what the person predicts, or None. With the results before one's eyes it stands."""
    st.markdown(f"**{escape_markdown(lesson.question)}**")
    key, standing = f"lesson_prediction_{lesson.id}", f"lesson_standing_{lesson.id}"
    prediction: str | None = st.session_state.get(standing)
    if prediction not in lesson.choices:
        prediction = st.radio(
            "Your prediction",
            lesson.choices,
            index=None,
            key=key,
            persist_state="session",
            help="Say what you expect before you run it; that is half the lesson.",
        )
        if prediction is not None and was_run:
            st.session_state[standing] = prediction
        return prediction
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_standing"):
        st.markdown(f"Your prediction: **{escape_markdown(prediction)}**")
        st.button(
            "Predict again",
            key="lesson_anew",
            icon=":material/restart_alt:",
            on_click=st.session_state.update,
            args=({key: None, standing: None},),
            help="Hides the results, for you or for whoever comes next.",
        )
    return prediction


def repeats(lesson: Lesson) -> int:
    """How often each experiment is to be run, with other chance each time."""
    chosen: int = st.segmented_control(
        "Run each",
        list(REPEATS),
        default=1,
        required=True,
        key=f"lesson_repeats_{lesson.id}",
        format_func=REPEATS.__getitem__,
        persist_state="session",
        help="Other random weights and another order of the pictures each time: so you see how much is luck.",
    )
    return chosen


def start(lesson: Lesson, num_repeats: int) -> None:
    """Puts every experiment into the queue: all of them once before any is repeated."""
    for repeat, experiment in itertools.product(range(num_repeats), lesson.experiments):
        spec = dataclasses.replace(experiment.spec, seed=experiment.spec.seed + repeat)
        try:
            name = f"{experiment.label[:28]} · {lesson.title[:28]}"
            get_studio().queue.submit(spec, name=name, tag=lesson.tag(experiment))
        except InvalidInput as error:
            show_problem(error)
            return


def show_results(lesson: Lesson, prediction: str | None, known_statuses: tuple[str, ...]) -> None:
    """The runs as far as they are, and once each experiment has ended what came of them."""
    runs = runs_of(lesson, get_studio().store.listing().runs)
    if statuses(runs) != known_statuses:
        st.rerun()
    found = findings(runs)
    by_label = {item.label: item for item in found}
    table = pd.DataFrame(
        [_row(each, runs.get(each.label, []), by_label.get(each.label)) for each in lesson.experiments]
    )
    if prediction is None:
        table = table.drop(columns="Course notes")
    with st.container(key="lesson_results"):
        st.table(table.map(escape_markdown), hide_index=True)
    if len(found) < len(lesson.experiments):
        return
    results_bars(found)
    if any(item.spread is not None for item in found):
        st.caption(
            "A dot is a run, a bar the mean of its runs. Where the dots of two bars mix, the difference may be luck."
        )
    with st.container(key="lesson_answer"):
        if prediction:
            say_what_came_true(lesson, prediction, found)
        st.markdown(lesson.explanation)
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
            open_compare(next(run.id for run in same if "test_accuracy" in run.result) for same in runs.values())
    figure_buttons(lambda: results_figure(lesson.title, found), lesson.id)


def say_what_came_true(lesson: Lesson, prediction: str, found: list[Finding]) -> None:
    """The prediction beside what came out, in the numbers of these runs."""
    said = f"You predicted: **{escape_markdown(prediction)}**."
    numbers = ", ".join(f"{escape_markdown(item.label)}: {in_percent(item.mean, 2)}" for item in found)
    if lesson.answer is None:
        st.markdown(said)
        return
    came_true = lesson.answer.of(found)
    if came_true == prediction:
        st.success(f"{said} It came true ({numbers}).", icon=":material/check:")
    else:
        st.info(f"{said} Not quite: **{escape_markdown(came_true)}** ({numbers}).", icon=":material/lightbulb:")
    if came_true != lesson.answer.usual:
        st.caption(
            f"As a rule it is: {escape_markdown(lesson.answer.usual)}. Run each several times, and see whether this "
            "was luck."
        )


def statuses(runs: dict[str, list[Run]]) -> tuple[str, ...]:
    """The status of each run, to see whether one has changed."""
    return tuple(run.status for same in runs.values() for run in same)


def _row(experiment: Experiment, runs: list[Run], found: Finding | None) -> dict[str, str]:
    """An experiment in the table: the means of its runs, where it was repeated."""
    row = {"Run": experiment.label, "Parameters": f"{experiment.spec.model.num_params:,}"}
    if not runs:
        return {**row, "Status": "not yet run", **dict.fromkeys(FIGURES, "–"), "Course notes": experiment.notes or "–"}
    logs = [epoch_rows(get_studio().store.events(run)) for run in runs]
    last = [log[-1] for log in logs if log]
    seconds = [run.result["seconds"] for run in runs if "seconds" in run.result]
    spread = f" ± {100 * found.spread:.2f}" if found and found.spread is not None else ""
    return {
        **row,
        "Status": _status(runs),
        "Epochs": str(len(logs[-1])),
        "Time": duration(statistics.fmean(seconds) if seconds else None),
        "Training": _mean([epoch.get("train_accuracy", epoch["accuracy"]) for epoch in last]),
        "Validation": _mean([epoch["val_accuracy"] for epoch in last]),
        "Test accuracy": f"{in_percent(found.mean, 2)}{spread}" if found else "–",
        "Course notes": experiment.notes or "–",
    }


def _status(runs: list[Run]) -> str:
    """How far they are, in a word or two."""
    if len(runs) > 1:
        over = sum(not run.is_active for run in runs)
        return f"{over} of {len(runs)} done" if over < len(runs) else f"{len(runs)} runs"
    [run] = runs
    if run.status != "running" or run.spec.time_limit > 0:
        return run.status
    return f"running, {in_percent(measure_progress(run.spec.epochs, get_studio().store.events(run)).fraction)}"


def _mean(shares: list[float]) -> str:
    return in_percent(statistics.fmean(shares), 2) if shares else "–"


lesson = choose_lesson()
text, results = st.columns([2, 3], gap="medium")
with text:
    st.markdown(lesson.text)
    current = runs_of(lesson, get_studio().store.listing().runs)
    prediction = predict(lesson, was_run=bool(current))
    keep_prediction(lesson, prediction)
    is_running = any(run.is_active for same in current.values() for run in same)
    num_repeats = repeats(lesson)
    if pressed(
        "Run it again" if current else "Run it",
        key="lesson_start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=prediction is None or is_running,
        help="Trains every network of this lesson, one after the other. They are listed on the Train page too.",
    ):
        start(lesson, num_repeats)
        st.rerun()
    if any(experiment.spec.validation_split == 0 for experiment in lesson.experiments):
        st.caption(
            "As in the course notes, these runs validate on the 10,000 test images, so that validation and test are "
            "the same images. Runs of your own keep a tenth of the training images for it."
        )
    if prediction is None:
        st.caption("Choose a prediction first, then run it.")
with results:
    if prediction is None and not is_running:
        if current:
            st.info("This was run before. Predict, and you will see what came out.", icon=":material/visibility_off:")
        else:
            st.info(
                "Your runs appear here, beside what the course notes report, once you have predicted.",
                icon=":material/visibility_off:",
            )
        st.stop()
    st.fragment(show_results, run_every=POLL_SECONDS if is_running else None)(lesson, prediction, statuses(current))
