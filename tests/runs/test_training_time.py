"""How long a run will take, said before it starts."""

import pytest

from mnist_core.networks.presets import PRESETS
from mnist_core.runs.store import RunStore
from mnist_core.runs.training_time import Speed, estimate_epoch, measured_epoch, training_flops
from mnist_core.training.spec import TrainingSpec

RESULT = {"epochs": 1, "seconds": 0.1}
TWO_CORES = Speed(matmul_flops=270e9, bfloat16_gain=1.0)


def test_operations_are_counted_by_hand_for_a_small_network():
    """784 products for each of 10 neurons: once forward, once for the weights, and nothing back to the picture."""
    assert training_flops(PRESETS["softmax"]) == 4 * 7840
    assert training_flops(PRESETS["dense_100"]) == 4 * 78_400 + 6 * 1000


def test_the_wide_network_is_thirty_six_million_million_operations_an_epoch():
    assert training_flops(PRESETS["cnn_wide"]) * 60_000 == pytest.approx(36e12, rel=0.05)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("softmax", 0.13), ("fc", 0.42), ("dense_512", 1.08), ("cnn", 6.4), ("cnn_wide", 124), ("digits", 44)],
)
def test_an_epoch_is_estimated_as_it_was_measured_on_two_cores(name, seconds):
    assert estimate_epoch(TrainingSpec(PRESETS[name]), TWO_CORES) == pytest.approx(seconds, rel=0.33)


def test_an_earlier_run_of_the_same_work_is_better_than_an_estimate(tmp_path):
    store = RunStore(tmp_path)
    spec = TrainingSpec(PRESETS["fc"], epochs=4)
    run = store.create(spec)
    assert measured_epoch(spec, [run]) is None
    done = store.end(run, "finished", result={"epochs": 4, "seconds": 6.0})
    assert measured_epoch(TrainingSpec(PRESETS["fc"], epochs=1, seed=7), [done]) == 1.5
    assert measured_epoch(TrainingSpec(PRESETS["fc"], batch_size=64), [done]) is None


@pytest.mark.parametrize(
    "change", [{"dataset_share": 0.1}, {"drawings": "mine"}, {"non_digits": True}, {"augmentation": "light"}]
)
def test_a_run_on_other_pictures_says_nothing_of_a_whole_epoch(change, tmp_path):
    """A fine-tuning run on a tenth of the dataset was taken for a whole epoch."""
    store = RunStore(tmp_path)
    done = store.end(store.create(TrainingSpec(PRESETS["fc"], **change)), "finished", result=RESULT)
    assert measured_epoch(TrainingSpec(PRESETS["fc"]), [done]) is None
    assert measured_epoch(TrainingSpec(PRESETS["fc"], **change), [done]) == 0.1


@pytest.mark.parametrize(
    ("name", "augmentation", "seconds"), [("fc", "strong", 2.7), ("cnn", "light", 8.3), ("cnn", "strong", 8.2)]
)
def test_varied_pictures_take_longer(name, augmentation, seconds):
    spec = TrainingSpec(PRESETS[name], augmentation=augmentation)
    assert estimate_epoch(spec, TWO_CORES) == pytest.approx(seconds, rel=0.33)
    assert estimate_epoch(spec, TWO_CORES) > estimate_epoch(TrainingSpec(PRESETS[name]), TWO_CORES)


def test_drawings_and_a_share_of_the_dataset_count_in_the_estimate():
    whole = estimate_epoch(TrainingSpec(PRESETS["cnn"]), TWO_CORES)
    tenth = estimate_epoch(TrainingSpec(PRESETS["cnn"], dataset_share=0.1), TWO_CORES)
    with_drawings = estimate_epoch(TrainingSpec(PRESETS["cnn"], dataset_share=0.1, drawings="mine"), TWO_CORES, 20)
    assert tenth == pytest.approx(whole / 10)
    assert with_drawings == pytest.approx(tenth * (5400 + 20 * 40) / 5400)
