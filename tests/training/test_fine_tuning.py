"""Training a model further on one person's drawings."""

from mnist_core.networks.presets import preset
from mnist_core.training.fine_tuning import FINE_TUNING, fine_tuning_spec
from mnist_core.training.spec import TrainingSpec
from tests.settings import EVERY_SETTING


def test_it_goes_on_from_its_parent_and_keeps_what_it_does_not_set():
    """A setting that a new version adds must be the parent's: other labels or precision could not be continued."""
    parent = TrainingSpec(preset("cnn"), **{**EVERY_SETTING, "dataset": "mnist"})
    spec = fine_tuning_spec(parent, "the-parent", "ada for training")
    assert (spec.continues, spec.drawings, spec.model) == ("the-parent", "ada for training", parent.model)
    for name in EVERY_SETTING:
        assert getattr(spec, name) == FINE_TUNING.get(name, getattr(parent, name)), name
