"""What can be trained, as data: `ModelSpec` for an architecture, `TrainingSpec` for a whole run."""

import dataclasses
import math
import unicodedata
from dataclasses import dataclass
from typing import Any

from mnist_core.augmentation import AUGMENTATIONS
from mnist_core.datasets import DATASETS
from mnist_core.errors import InvalidInput
from mnist_core.layers import Activation, Dense, Dropout, LayerSpec, Shape, format_shape, layer_from_json
from mnist_core.optimizers import OPTIMIZERS, SCHEDULES
from mnist_core.preparation import LABELS, PRECISIONS, PREPARATIONS
from mnist_core.settings import check_fields, choice, number, whole

NUM_CLASSES = 10
IMAGE_SHAPE: Shape = (28, 28)
MAX_LAYERS = 50
MAX_PARAMS = 20_000_000
MAX_SEED = 2**32 - 1
BATCH_SIZES = (8, 16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True)
class LayerRow:
    """One layer as it stands in an architecture.

    Attributes:
        layer: The layer.
        input_shape: What it takes in, without the batch; None behind a layer that cannot be built.
        output_shape: What it puts out; None where it cannot be built.
        num_params: Its parameters; 0 where it cannot be built.
        problem: Why it cannot be built, with the remedy, or None.
    """

    layer: LayerSpec
    input_shape: Shape | None
    output_shape: Shape | None
    num_params: int
    problem: str | None


@dataclass(frozen=True)
class ModelSpec:
    """An architecture as data.

    Attributes:
        name: Short name, as on the command line.
        layers: The layers from input to output.
        description: A sentence on what it is good for.
        source: Where it comes from.
        style: "sequential" or "functional": which of Keras's two ways of writing it down is used.
    """

    name: str
    layers: tuple[LayerSpec, ...]
    description: str = ""
    source: str = ""
    style: str = choice(
        "sequential", ("sequential", "functional"), "Style", "Which of Keras's two ways of writing a model is used."
    )

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.name, str) or not 1 <= len(self.name.strip()) <= 60:
            raise InvalidInput(f"Name: {str(self.name)[:80]!r} cannot be used. Give 1 to 60 characters.")
        if any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in self.name):
            raise InvalidInput(f"Name: {self.name!a} cannot be used: it has characters that cannot be seen.")

    @property
    def input_shape(self) -> Shape:
        """(28, 28), or (28, 28, 1) where the first layer that cares needs a channel."""
        for layer in self.layers:
            if layer.problem(IMAGE_SHAPE) is not None and layer.problem((*IMAGE_SHAPE, 1)) is None:
                return (*IMAGE_SHAPE, 1)
            if layer.output_shape(IMAGE_SHAPE) != IMAGE_SHAPE:
                break
        return IMAGE_SHAPE

    @property
    def file_name(self) -> str:
        """The name as it may stand in the name of a file, without an ending."""
        return "".join(character if character.isalnum() or character in "-_" else "_" for character in self.name)

    def rows(self) -> list[LayerRow]:
        """Each layer with its shapes, its parameters and what is wrong with it, without building anything."""
        rows = []
        shape: Shape | None = self.input_shape
        for layer in self.layers:
            problem = layer.problem(shape) if shape is not None else None
            if shape is None or problem:
                rows.append(LayerRow(layer, shape, None, 0, problem))
                shape = None
                continue
            output = layer.output_shape(shape)
            rows.append(LayerRow(layer, shape, output, layer.count_params(shape), None))
            shape = output
        return self._with_output_problem(rows)

    def _with_output_problem(self, rows: list[LayerRow]) -> list[LayerRow]:
        if not rows or rows[-1].output_shape is None:
            return rows
        last = rows[-1]
        if last.output_shape != (NUM_CLASSES,):
            problem = (
                f"The last layer must put out {NUM_CLASSES} values, one for each class, but puts out "
                f"{format_shape(last.output_shape or ())}. End with Dense, {NUM_CLASSES} neurons, softmax."
            )
        elif not isinstance(last.layer, Dense | Activation) or last.layer.activation != "softmax":
            problem = "The last layer must turn its values into probabilities. Set its activation to softmax."
        else:
            return rows
        return [*rows[:-1], dataclasses.replace(last, problem=problem)]

    @property
    def num_params(self) -> int:
        """Parameters of all layers together, as Keras's `count_params` counts them."""
        return sum(row.num_params for row in self.rows())

    def problems(self) -> list[str]:
        """Everything that keeps this architecture from being trained, each with its remedy; empty if nothing does."""
        if not self.layers:
            return ["There are no layers yet. Add a Flatten and then a Dense with 10 neurons and softmax."]
        if len(self.layers) > MAX_LAYERS:
            return [f"{len(self.layers)} layers are too many. Use at most {MAX_LAYERS}."]
        rows = self.rows()
        problems = [f"Layer {index}: {row.problem}" for index, row in enumerate(rows, 1) if row.problem]
        num_params = sum(row.num_params for row in rows)
        if num_params > MAX_PARAMS:
            problems.append(f"{num_params:,} parameters are too many. Use smaller layers, at most {MAX_PARAMS:,}.")
        return problems

    def check(self) -> "ModelSpec":
        """Returns itself.

        Raises:
            InvalidInput: if it cannot be trained.
        """
        problems = self.problems()
        if problems:
            raise InvalidInput(" ".join(problems))
        return self

    def shape_line(self) -> str:
        """The way of a picture through the layers, such as "28×28 → 784 → 128 → 10"."""
        shapes = [self.input_shape]
        for row in self.rows():
            if row.output_shape is not None and row.output_shape != shapes[-1] and not isinstance(row.layer, Dropout):
                shapes.append(row.output_shape)
        return " → ".join(format_shape(shape) for shape in shapes)

    def to_json(self) -> dict[str, Any]:
        """The architecture as plain JSON values."""
        return {
            "name": self.name,
            "description": self.description,
            "source": self.source,
            "style": self.style,
            "layers": [layer.to_json() for layer in self.layers],
        }

    @classmethod
    def from_json(cls, value: Any) -> "ModelSpec":
        """Makes an architecture from what `to_json` gives.

        Raises:
            InvalidInput: if the value is not an architecture.
        """
        if not isinstance(value, dict) or not isinstance(value.get("layers"), list):
            raise InvalidInput('This is not an architecture: a JSON object with a list of "layers" was expected.')
        if len(value["layers"]) > MAX_LAYERS:
            raise InvalidInput(f"{len(value['layers'])} layers are too many. Use at most {MAX_LAYERS}.")
        return cls(
            name=value.get("name", "unnamed"),
            layers=tuple(layer_from_json(layer) for layer in value["layers"]),
            description=str(value.get("description", ""))[:500],
            source=str(value.get("source", ""))[:500],
            style=value.get("style", "sequential"),
        )


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
    """

    model: ModelSpec
    dataset: str = choice("mnist", DATASETS, "Dataset", "The pictures that the network learns from.")
    epochs: int = whole(5, 1, 10_000, "Epochs", "How many times the network sees every training picture.")
    batch_size: int = choice(
        32, BATCH_SIZES, "Batch size", "How many pictures the network sees between two corrections of its weights."
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
        0.0,
        0.0,
        0.5,
        "Validation share",
        "0 validates on the 10,000 test pictures; 0.1 keeps a tenth of the training pictures for it instead.",
    )
    momentum: float = number(
        0.0, 0.0, 0.99, "Momentum", "For sgd: how much of the last correction is added to the next, such as 0.9."
    )
    preparation: str = choice(
        "scale", PREPARATIONS, "Pixels", "What is done to the pixels before the network sees them."
    )
    labels: str = choice(
        "integers", LABELS, "Labels", "How the right answers are written down, and so which loss is used."
    )
    precision: str = choice(
        "float32", PRECISIONS, "Precision", "How many digits the network calculates with while it trains."
    )
    augmentation: str = choice(
        "none", AUGMENTATIONS, "Augmentation", "How much each picture is varied by chance before the network sees it."
    )
    non_digits: bool = choice(
        False,
        (True, False),
        "Non-digits",
        "Also shows scribbles, letters and clothes, and teaches the network to be sure of nothing there.",
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
    )
    early_stopping: int = whole(
        0,
        0,
        100,
        "Early stopping",
        "Ends the run once the validation loss has not improved for so many epochs, and takes the best one. 0 is off.",
    )
    time_limit: float = number(
        0.0,
        0.0,
        86_400.0,
        "Time limit",
        "Ends the run after the epoch in which so many seconds of training are over. 0 is off.",
    )
    shuffle: bool = choice(
        True, (True, False), "Shuffle", "Whether each epoch goes through the pictures in a new order."
    )
    seed: int = whole(
        0, 0, MAX_SEED, "Seed", "The number that all chance starts from: the same seed gives the same run again."
    )

    continues: str = ""
    drawings: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.continues, str) or not isinstance(self.drawings, str):
            raise InvalidInput("The run to continue, or the drawings file, is not named by a text.")
        if self.learning_rate is None and self.optimizer in tuple(OPTIMIZERS):
            object.__setattr__(self, "learning_rate", OPTIMIZERS[self.optimizer].learning_rate)
        check_fields(self)

    def to_json(self) -> dict[str, Any]:
        """The run's specification as plain JSON values."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**values, "model": self.model.to_json()}

    @property
    def targets(self) -> str:
        """How the loss is given the right answers, a name in `LABELS`: for what is no digit they are ten numbers."""
        return "one_hot" if self.non_digits else self.labels

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
        return cls(model=ModelSpec.from_json(value.get("model")), **settings)
