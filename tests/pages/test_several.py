"""Several runs at once: the form on Train, and what comes of them."""

import dataclasses

import pytest

from mnist_core.runs.sweeps import new_tag, sweeps
from tests.pages.screens import open_page, said, texts


def test_nothing_yet_says_what_to_do(studio):
    assert "Try several" in texts(open_page("several"))


def test_a_grid_is_said_before_it_starts_and_is_put_into_the_queue(studio):
    at = open_page("train")
    at.text_input("sweep_values_0_learning_rate").set_value("0.1 0.01 0.001").run()
    at.number_input("sweep_seeds").set_value(2).run()
    assert "**6 runs** · 3 combinations: learning rate (3), each with 2 seeds" in texts(at)
    at.button("sweep_start").click().run()
    [runs] = sweeps(studio.store.listing().runs).values()
    assert len(runs) == 6 and {run.spec.learning_rate for run in runs} == {0.1, 0.01, 0.001}
    assert {run.spec.seed for run in runs} == {0, 1} and runs[0].name == "fc by learning rate 1"


@pytest.mark.parametrize(
    ("text", "sentence"), [("0.1", "two values"), ("fast 1", "not a number"), ("1 – 100", "out of range")]
)
def test_values_that_cannot_be_used_are_said_and_start_nothing(studio, text, sentence):
    at = open_page("train")
    at.text_input("sweep_values_0_learning_rate").set_value(text).run()
    assert any(sentence in said(error) for error in at.error)
    assert "sweep_start" not in {button.key for button in at.button}


@pytest.mark.parametrize(
    "settings",
    [
        [{"learning_rate": rate} for rate in (0.1, 0.01, 0.001)],
        [{"optimizer": name} for name in ("adam", "sgd")],
        [{"learning_rate": rate, "optimizer": name} for rate in (0.1, 0.001) for name in ("adam", "nadam")],
        [
            {"learning_rate": r, "optimizer": n, "epochs": e}
            for r in (0.1, 0.001)
            for n in ("adam", "sgd")
            for e in (1, 2)
        ],
        [{}, {}],
    ],
)
def test_what_came_of_them_is_shown_with_the_best_and_how_sure_it_is(studio, spec, settings):
    tag = new_tag()
    for number, each in enumerate(settings):
        run = studio.store.create(dataclasses.replace(spec, **each), name=f"fc {number}", tag=tag)
        accuracy = 0.9 + 0.01 * number
        studio.store.end(run, "finished", result={"val_accuracy": accuracy, "test_accuracy": accuracy})
    at = open_page("several", sweep=tag)
    assert not at.exception and f"**{len(settings)} of {len(settings)}** runs are over" in texts(at)
    table = at.table[0].value
    assert "best" in next(iter(table["Validation"]))
    assert "sure" in texts(at) or "chance" in texts(at) or "first result" in texts(at)


def test_all_that_are_not_over_are_stopped_at_once(studio):
    at = open_page("train")
    at.button("sweep_start").click().run()
    [tag] = sweeps(studio.store.listing().runs)
    at = open_page("several", sweep=tag)
    assert "first results appear here" in texts(at)
    at.button("several_stop").click().run()
    assert {run.status for run in studio.store.listing().runs} == {"stopped"}
