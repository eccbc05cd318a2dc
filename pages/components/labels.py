"""Runs, times and figures as people read them."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from mnist_core.datasets import DATASETS
from mnist_core.formatting import in_percent
from mnist_core.runs.models import is_shipped
from mnist_core.runs.run import Run

STATUS_ICONS = {
    "queued": ":material/hourglass_top:",
    "running": ":material/play_circle:",
    "finished": ":material/check_circle:",
    "stopped": ":material/stop_circle:",
    "failed": ":material/error:",
    "interrupted": ":material/power_off:",
}


def status_text(run: Run) -> str:
    """A run's status with its icon, as Markdown; one that pauses says so."""
    if run.is_paused:
        return ":material/pause_circle: paused"
    return f"{STATUS_ICONS[run.status]} {run.status}"


def accuracy_text(run: Run) -> str:
    """Test accuracy, such as "97.6 %", or a dash."""
    value = run.result.get("test_accuracy")
    return in_percent(value, 2) if isinstance(value, int | float) else "–"


def rough_duration(seconds: float) -> str:
    """A time that is not known exactly: "less than a second", "about 3 seconds", "about 2 minutes"."""
    if seconds < 1:
        return "less than a second"
    if seconds < 90:
        rounded = round(seconds) if seconds < 10 else 5 * round(seconds / 5)
        return f"about {rounded} second{'s' if rounded > 1 else ''}"
    return f"about {round(seconds / 60)} minutes"


def duration(seconds: float | None) -> str:
    """A time span: 0:07, 12:30, 1:02:03; a dash for None."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def local_time(iso: str | None) -> str:
    """A moment in the visitor's own time zone, such as "21 Nov 22:45"."""
    if not iso:
        return "–"
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    moment = datetime.fromisoformat(iso).astimezone(zone)
    return f"{moment.day} {moment:%b %H:%M}"


def describe_run(run: Run) -> str:
    """What was trained on what, such as "fc on MNIST digits"."""
    return f"{run.spec.model.name} on {DATASETS[run.spec.dataset].title}"


def model_label(run: Run) -> str:
    """A trained model in a menu: its name, dataset, accuracy, and when it was trained if the user did it."""
    parts = [
        run.name,
        DATASETS[run.spec.dataset].title,
        _result(run),
    ]
    return " · ".join(parts if is_shipped(run) else [*parts, local_time(run.created)])


def _result(run: Run) -> str:
    """What came of a run: its accuracy, or its status where it has none."""
    return accuracy_text(run) if "test_accuracy" in run.result else run.status
