"""Curves and what is said of them, by hand-made logs."""

import pytest

from mnist_core.runs.curves import MAX_CURVE_POINTS, curves_of, in_words
from tests.runs.test_progress import STARTED, progress


def epoch(number, training, validation, accuracy=0.9):
    return {"event": "epoch", "epoch": number, "loss": training + 0.1, "train_loss": training, "val_loss": validation,
            "accuracy": 0.8, "train_accuracy": accuracy, "val_accuracy": accuracy - 0.02, "seconds": 1.0}  # fmt: skip


OVERFIT = [(0.5, 0.5), (0.3, 0.4), (0.2, 0.45), (0.1, 0.5), (0.05, 0.6)]


def log(pairs):
    return [STARTED, *(epoch(number, *pair) for number, pair in enumerate(pairs, 1))]


def test_training_is_what_was_measured_at_the_epochs_end_and_the_running_mean_stands_apart():
    found = curves_of([STARTED, progress(1, 50, 1.0, loss=0.7), epoch(1, 0.4, 0.5)], "loss")
    [point] = found.points
    assert (point.epoch, point.training, point.validation) == (1, 0.4, 0.5)
    assert found.running == ((0.5, 0.7), (1.0, 0.5)) and found.num_cut == 0


def test_mistakes_are_counted_in_a_hundred():
    [point] = curves_of(log([(0.1, 0.2)]), "mistakes").points
    assert point.training == pytest.approx(10) and point.validation == pytest.approx(12)


def test_the_beginning_is_cut_from_the_scale_but_not_before_an_epoch_is_finished():
    steps = [progress(1, step, 1.0, loss=loss) for step, loss in ((1, 2.4), (50, 1.2), (99, 0.5))]
    assert curves_of([STARTED, *steps], "loss").num_cut == 0
    found = curves_of([STARTED, *steps, epoch(1, 0.4, 0.5)], "loss")
    assert found.num_cut == 1 and max(value for _, value in found.running) == 1.2
    found = curves_of([STARTED, *steps, *(epoch(number, 0.4, 0.5) for number in (1, 2, 3))], "loss")
    assert found.num_cut == 2 and max(value for _, value in found.running) <= 0.6


def test_what_was_changed_on_the_way_is_marked_where_it_was():
    changed = {"event": "changed", "setting": "learning_rate", "before": 0.001, "after": 0.01, "epoch": 2, "step": 50}
    changed["steps_done"] = 150
    assert curves_of([STARTED, epoch(1, 0.4, 0.5), changed], "loss").changes == ((1.5, "learning rate 0.001 → 0.01"),)


def test_the_curves_within_an_epoch_follow_its_own_number_of_steps():
    """Since the batch size was changed, an epoch has fewer."""
    report = {**progress(2, 25, 1.0, loss=0.5), "steps": 50}
    assert curves_of([STARTED, epoch(1, 0.4, 0.5), report], "loss").running[-1][0] == 1.5


def test_the_best_epoch_is_that_of_the_lowest_validation():
    assert curves_of(log(OVERFIT), "loss").best == 2
    assert curves_of([STARTED], "loss").best is None


def test_a_continued_run_goes_on_at_the_epoch_where_the_first_ended():
    events = [{**STARTED, "epochs_before": 5}, progress(1, 50, 1.0, loss=0.4), epoch(1, 0.4, 0.5)]
    found = curves_of(events, "loss")
    assert found.points[0].epoch == 6 and found.running[0][0] == 5.5 and found.best == 6


def test_an_older_run_has_the_mean_over_the_epoch_for_its_training():
    old = {name: value for name, value in epoch(1, 0.4, 0.5).items() if not name.startswith("train_")}
    assert curves_of([STARTED, old], "loss").points[0].training == 0.5
    assert curves_of([STARTED, old], "mistakes").points[0].training == pytest.approx(20)


def test_learning_by_heart_is_said_after_three_epochs_and_not_before():
    assert in_words(log(OVERFIT[:4])) == ""
    said = in_words(log(OVERFIT))
    assert "Since epoch 2 training still improves (loss 0.300 → 0.050)" in said
    assert "validation does not (0.400 → 0.600)" in said and "by heart" in said


def test_where_nothing_improves_that_is_said_and_where_all_does_too():
    assert "Neither" in in_words(log([(0.2, 0.2), *[(0.5, 0.5)] * 4]))
    better = [epoch(number, 1 / number, 1 / number, 0.5 + number / 20) for number in range(1, 6)]
    assert "more may help" in in_words([STARTED, *better])
    assert in_words([STARTED]) == "" and in_words([]) == ""


def test_a_thousand_epochs_are_as_few_points_as_a_screen_shows():
    found = curves_of(log([(1 / number, 1 / number) for number in range(1, 1001)]), "loss")
    assert len(found.points) <= MAX_CURVE_POINTS + 1 and found.points[-1].epoch == 1000
