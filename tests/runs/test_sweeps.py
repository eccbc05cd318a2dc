"""What came of several runs."""

import dataclasses

import pytest

from mnist_core.runs.sweeps import Outcome, certainty, new_tag, outcomes, sweeps, varied


def ended(store, spec, tag, accuracy, **changes):
    run = store.create(dataclasses.replace(spec, **changes), name=f"x {accuracy}", tag=tag)
    result = {} if accuracy is None else {"val_accuracy": accuracy, "test_accuracy": accuracy - 0.01}
    return store.end(run, "finished" if result else "failed", result=result)


def test_runs_are_gathered_by_their_tag_and_the_best_combination_comes_first(store, spec):
    tag, other = new_tag(), new_tag()
    for rate, accuracies in ((0.1, (0.90, 0.92)), (0.01, (0.95, 0.97)), (1, (None,))):
        for seed, accuracy in enumerate(accuracies):
            ended(store, spec, tag, accuracy, learning_rate=rate, seed=seed)
    ended(store, spec, other, 0.5)
    ended(store, spec, "lesson", 0.5)
    found = sweeps(store.listing().runs)
    assert list(found) == [other, tag] and found[tag][0].spec.learning_rate == 0.1
    assert varied(found[tag]) == ["learning_rate"]
    best, second, failed = outcomes(found[tag])
    assert (best.values, best.mean, best.spread) == ((0.01,), pytest.approx(0.96), pytest.approx(0.01414, abs=1e-4))
    assert second.values == (0.1,) and failed.mean is None and failed.spread is None
    assert certainty(best, failed) is None


def outcome(run, *accuracies):
    return Outcome((1,), (run,), accuracies)


def test_how_sure_the_best_is_follows_the_spread_over_seeds(store, spec):
    run = store.create(spec)
    clear = certainty(outcome(run, 0.97, 0.971, 0.972), outcome(run, 0.95, 0.951, 0.952))
    near = certainty(outcome(run, 0.97, 0.95, 0.96), outcome(run, 0.968, 0.949, 0.958))
    assert clear > 0.99 and 0.5 < near < 0.7


def test_of_one_run_each_it_follows_the_number_of_pictures(store, spec):
    """0.2 points of 6,000 pictures are within chance; 2 points are not."""
    run = store.create(dataclasses.replace(spec, validation_split=0.1))
    assert 0.5 < certainty(outcome(run, 0.962), outcome(run, 0.960)) < 0.9
    assert certainty(outcome(run, 0.98), outcome(run, 0.96)) > 0.999
    assert certainty(outcome(run, 1.0), outcome(run, 1.0)) == 0.5
