"""`TrainingSpec`: a training run as data, what to train, on what, and how."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from mnist_core.datasets import DATASETS
from mnist_core.errors import InvalidInput
from mnist_core.networks.fields import check_fields, choice, limits_of, number, whole
from mnist_core.networks.spec import ModelSpec
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.controls import CHANGEABLE, FROM_THE_NEXT_EPOCH, Change
from mnist_core.training.options import INPUT_SCALINGS, LABELS, OPTIMIZERS, PRECISIONS, SCHEDULES

MAX_SEED = 2**32 - 1
SNAPSHOTS = {
    "auto": "unless the network is very large",
    "on": "on",
    "off": "off",
}
MAX_SNAPSHOT_PARAMS = 3_000_000
"""Of larger networks no snapshots are kept unless they are asked for."""

VALIDATION_SHARES = {
    0.0: "the 10,000 test pictures",
    0.1: "a tenth of the training pictures",
    0.2: "a fifth of the training pictures",
}
"""The usual shares of the training pictures to validate on, as people read them."""


@dataclass(frozen=True)
class TrainingSpec:
    """A training run as data: what to train, on what, and how.

    Attributes:
        model: The architecture.
        learning_rate: Step size of the optimizer; None takes the optimizer's default.
        validation_split: The share of the training images kept for validation; 0 validates on the test images.
        continues: The id of the run whose trained model this one starts from, or "" for fresh weights.
        drawings: A drawings file to learn from besides the dataset, or "" for none: a path, or the name of one that is
            kept with the runs.
        changes: What is set otherwise on the way, in its order; a run that was steered holds how.
    """

    model: ModelSpec
    dataset: str = choice("mnist", DATASETS, "Dataset", "The pictures that the network learns from.")
    epochs: int = whole(5, 1, 10_000, "Epochs", "How many times the network sees every training picture.")
    batch_size: int = whole(
        32,
        1,
        10_000,
        "Batch size",
        "How many pictures the network sees between two corrections of its weights.",
        unit="pictures",
    )
    optimizer: str = choice("adam", OPTIMIZERS, "Optimizer", "The rule by which the weights are corrected.")
    learning_rate: float | None = number(
        None,  # type: ignore[arg-type]
        0,
        10,
        "Learning rate",
        "The size of each correction. Too small learns slowly, too large never settles.",
        above_minimum=True,
    )
    validation_split: float = number(
        0.1,
        0.0,
        0.5,
        "Validation share",
        "0.1 keeps a tenth of the training pictures for it; 0 takes the test pictures, which then test nothing new.",
        usual=VALIDATION_SHARES,
    )
    momentum: float = number(
        0.0,
        0.0,
        0.99,
        "Momentum",
        "For sgd: how much of the last correction is added to the next, such as 0.9.",
        only_with=("optimizer", tuple(name for name, info in OPTIMIZERS.items() if info.takes_momentum)),
    )
    preparation: str = choice(
        "scale", INPUT_SCALINGS, "Input scaling", "What is done to the pixels before the network sees them."
    )
    labels: str = choice(
        "integers", LABELS, "Labels", "How the right answers are written down, and so which loss is used."
    )
    precision: str = choice(
        "float32", PRECISIONS, "Precision", "How many digits the network calculates with while it trains."
    )
    augmentation: str = choice(
        "none", AUGMENTATIONS, "Augmentation", "How much each picture is varied at random before the network sees it."
    )
    non_digits: bool = choice(
        False,
        (True, False),
        "Non-digits",
        "Also shows scribbles, letters and clothes, and teaches the network to be sure of nothing there.",
        {True: "included", False: "left out"},
    )
    dataset_share: float = number(
        1.0,
        0.01,
        1.0,
        "Share of the dataset",
        "1 learns from all training pictures, 0.1 from the first tenth of them. Drawings are always all taken.",
    )
    schedule: str = choice(
        "constant",
        SCHEDULES,
        "Schedule",
        "Whether the learning rate stays as it is, or falls towards 0 over the epochs along half a cosine.",
        SCHEDULES,
    )
    early_stopping: int = whole(
        0,
        0,
        100,
        "Early stopping",
        "Ends the run once the validation loss has not improved for so many epochs, and takes the best one. 0 is off.",
        unit="epochs",
    )
    time_limit: float = number(
        0.0,
        0.0,
        86_400.0,
        "Time limit",
        "Ends the run after the epoch in which so many seconds of training are over. 0 is off.",
        unit="seconds",
    )
    shuffle: bool = choice(
        True,
        (True, False),
        "Shuffle",
        "Whether each epoch goes through the pictures in a new order.",
        {True: "every epoch", False: "never"},
    )
    seed: int = whole(
        0, 0, MAX_SEED, "Seed", "The number that all chance starts from: the same seed gives the same run again."
    )

    snapshots: str = choice(
        "auto",
        SNAPSHOTS,
        "Snapshots",
        "Keeps the weights at up to 40 moments of the training, to go back to.",
        SNAPSHOTS,
    )

    continues: str = ""
    drawings: str = ""
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.continues, str) or not isinstance(self.drawings, str):
            raise InvalidInput("The run to continue, or the drawings file, is not named by a text.")
        if self.learning_rate is None and self.optimizer in tuple(OPTIMIZERS):
            object.__setattr__(self, "learning_rate", OPTIMIZERS[self.optimizer].learning_rate)
        check_fields(self)
        if self.hands and self.dataset != "mnist":
            raise InvalidInput("Hands of the world write digits. Choose another augmentation for this dataset.")
        for change in self.changes:
            check_change(self, change.setting, change.after)

    def to_json(self) -> dict[str, Any]:
        """The run's specification as plain JSON values."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        changes = [dataclasses.asdict(change) for change in self.changes]
        return {**values, "model": self.model.to_json(), "changes": changes}

    @property
    def hands(self) -> float:
        """How many digits in the hands of the world it learns from besides, as a share of the training pictures."""
        return AUGMENTATIONS[self.augmentation].hands

    @property
    def targets(self) -> str:
        """How the loss is given the right answers, a name in `LABELS`: for what is no digit they are ten numbers."""
        return "one_hot" if self.non_digits else self.labels

    @property
    def keeps_snapshots(self) -> bool:
        """Whether the weights are kept on the way."""
        return self.snapshots == "on" or (self.snapshots == "auto" and self.model.num_params <= MAX_SNAPSHOT_PARAMS)

    def with_setting(self, setting: str, value: Any) -> "TrainingSpec":
        """The same run with another value of a setting from its beginning, and no changes on the way."""
        others: dict[str, Any] = {setting: value}
        return dataclasses.replace(self, changes=(), **others)

    def as_it_ends(self, steps_done: int | None = None) -> "TrainingSpec":
        """The same run with what it was last changed to from its beginning, by its end or by so many steps."""
        last = dataclasses.replace(self, changes=())
        for change in self.changes:
            if steps_done is None or change.steps_done < steps_done:
                last = last.with_setting(change.setting, change.after)
        return last

    def rate_in(self, epoch: int) -> float:
        """The learning rate in an epoch, counted from 1."""
        rate = self.learning_rate or OPTIMIZERS[self.optimizer].learning_rate
        if self.schedule == "constant":
            return rate
        return rate * (1 + math.cos(math.pi * (epoch - 1) / self.epochs)) / 2

    @classmethod
    def from_json(cls, value: Any) -> "TrainingSpec":
        """Makes a specification from what `to_json` gives; settings it does not know are left out.

        Raises:
            InvalidInput: if the value is not a specification or a setting is not allowed.
        """
        if not isinstance(value, dict):
            raise InvalidInput("This is not a training run: a JSON object was expected.")
        known = {field.name for field in dataclasses.fields(cls)} - {"model"}
        settings = {name: setting for name, setting in value.items() if name in known}
        return cls(
            model=ModelSpec.from_json(value.get("model")),
            **{**settings, "changes": _changes_from_json(value.get("changes", []))},
        )


def check_change(spec: TrainingSpec, setting: str, value: Any) -> float:
    """Checks that a setting of a run can be changed to a value while it trains.

    Args:
        spec: The run.
        setting: A name in `CHANGEABLE`.
        value: A number, or the text of one.

    Returns:
        The number.

    Raises:
        InvalidInput: if it cannot.
    """
    if setting not in CHANGEABLE:
        raise InvalidInput(f"{setting!r} cannot be changed while a run trains: {', '.join(CHANGEABLE)} can.")
    if setting == "momentum" and not OPTIMIZERS[spec.optimizer].takes_momentum:
        raise InvalidInput(f"Momentum is for sgd; this run learns with {spec.optimizer}.")
    number: float = limits_of(spec)[setting].check(value)
    return number


def _changes_from_json(value: Any) -> tuple[Change, ...]:
    try:
        changes = tuple(Change(**item) for item in value)
        places = [(change.epoch, change.step) for change in changes]
        whole_numbers = [number for change in changes for number in (change.epoch, change.step, change.steps_done)]
        is_right = all(type(number) is int and 0 <= number < 1e15 for number in whole_numbers)
        if not is_right or places != sorted(places):
            raise ValueError
        if any(change.step and change.setting in FROM_THE_NEXT_EPOCH for change in changes):
            raise ValueError
    except (TypeError, ValueError) as error:
        raise InvalidInput("What was changed on the way of this run cannot be read.") from error
    return changes
