"""How far a run is."""

import pytest

from mnist_core.runs.curves import MAX_CURVE_POINTS, RUNNING, curve_points
from mnist_core.runs.progress import epoch_rows, measure_progress

STARTED = {"event": "started", "steps": 100, "elapsed": 0.5}


def progress(epoch, step, elapsed, loss=1.0):
    return {"event": "progress", "epoch": epoch, "step": step, "loss": loss, "accuracy": 0.5, "elapsed": elapsed}


def epoch(number, elapsed=0.0):
    return {"event": "epoch", "epoch": number, "loss": 0.5, "val_loss": 0.6, "accuracy": 0.8, "val_accuracy": 0.7,
            "seconds": 1.0, "elapsed": elapsed}  # fmt: skip


def test_before_the_first_step_nothing_is_guessed():
    assert measure_progress(5, []).seconds_left is None
    assert measure_progress(5, [STARTED]).fraction == 0


def test_time_left_follows_the_pace_and_leaves_the_preparation_out():
    """Ten seconds of compiling before the first step are not a pace."""
    events = [STARTED, progress(1, 1, 10.0), progress(1, 51, 11.0)]
    found = measure_progress(2, events)
    assert found.fraction == pytest.approx(51 / 200)
    assert found.seconds_left == pytest.approx(149 / 50, rel=1e-6)


def test_a_finished_epoch_counts_whole():
    assert measure_progress(4, [STARTED, progress(1, 90, 1.0), epoch(1, 2.0)]).fraction == 0.25
    assert measure_progress(1, [STARTED, epoch(1)]).fraction == 1


def test_curves_move_within_the_epoch():
    points = curve_points([STARTED, progress(1, 50, 1.0, loss=2.0), epoch(1)], "loss")
    assert [(p["epoch"], p["value"], p["curve"]) for p in points] == [
        (0.5, 2.0, RUNNING), (1, 0.5, RUNNING), (1, 0.5, "training"), (1, 0.6, "validation")
    ]  # fmt: skip


def test_a_long_log_is_thinned_and_keeps_its_last_point():
    events = [STARTED, *(epoch(number) for number in range(1, 10_001))]
    points = curve_points(events, "accuracy")
    assert len(points) <= 3 * (MAX_CURVE_POINTS + 2)
    assert points[-1]["epoch"] == 10_000
    assert len(epoch_rows(events)) == 10_000
