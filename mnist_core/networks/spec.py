"""`ModelSpec`: an architecture as data, with the arithmetic of its shapes and parameters."""

import dataclasses
import unicodedata
from dataclasses import dataclass
from typing import Any

from mnist_core import IMAGE_SHAPE, NUM_CLASSES
from mnist_core.errors import InvalidInput
from mnist_core.formatting import as_file_name
from mnist_core.networks.fields import check_fields, choice
from mnist_core.networks.layers import Activation, Dense, Dropout, LayerSpec, Shape, format_shape, layer_from_json

MAX_LAYERS = 50
MAX_PARAMS = 20_000_000


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
        return as_file_name(self.name)

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
