"""The plain Keras script that does what a run does, from `load_data` to `save`, as a course would write it."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mnist_core.errors import InvalidInput
from mnist_core.formatting import in_full
from mnist_core.networks.layers import LayerSpec
from mnist_core.training.controls import FROM_THE_NEXT_EPOCH, Change
from mnist_core.training.options import LABELS, OPTIMIZERS, PRECISIONS
from mnist_core.training.script_data import batches_code, data_codes, data_key, fit_arguments, needs_pictures
from mnist_core.training.spec import TrainingSpec

FORMS = ("sequential", "functional", "subclassed")
"""The three ways to write a model in Keras."""


@dataclass(frozen=True)
class Section:
    """One step of a script.

    Attributes:
        title: What the step does, in a few words.
        code: Its lines.
    """

    title: str
    code: str


def script_sections(
    spec: TrainingSpec, form: str | None = None, earlier: Sequence[TrainingSpec] = (), ended: str = ""
) -> list[Section]:
    """The steps of the script for a run.

    Args:
        spec: The run.
        form: "sequential" for a stack, "functional" for Keras's functional API, "subclassed" for a class of one's own;
            by default as the architecture says.
        earlier: What was trained before with the same weights, the first of all first, where the run continues others.
            Without the first of them, the script begins by loading the model of the run that is continued.
        ended: How the run ended where that was not by itself, a sentence, which the script says; it goes on to the end.

    Raises:
        InvalidInput: if the form is unknown.
    """
    form = form or spec.model.style
    if form not in FORMS:
        raise InvalidInput(f"Form: {form!r} is not known. Choose one of {', '.join(FORMS)}.")
    first = earlier[0] if earlier else spec
    fits = [*earlier, spec]
    model = (
        [Section("Take the model of the run that this one continues", _continue_code(first))]
        if first.continues
        else [
            Section("Build the network", _model_code(first, form)),
            Section("Choose loss and optimizer", _compile_code(_parts(first)[0][1])),
        ]
    )
    return [
        Section("Import Keras", _import_code(fits)),
        *_data_sections(first),
        *model,
        Section("Train", _ended_code(ended if not earlier else "") + _fit_code(first)),
        *(
            section
            for before, fit in pairwise(fits)
            for section in _further_sections(before, fit, ended if fit is spec else "")
        ),
        Section("Test and save", _end_code(spec)),
    ]


def as_python(sections: list[Section]) -> str:
    """The steps as one `.py` file."""
    return "\n\n".join(f"# {section.title}\n{section.code}" for section in sections) + "\n"


def as_notebook(sections: list[Section]) -> str:
    """The steps as a Jupyter notebook, format 4.5, in JSON: a heading and a code cell for each."""
    cells = []
    for index, section in enumerate(sections):
        heading = {"cell_type": "markdown", "id": f"title-{index}", "metadata": {}, "source": f"## {section.title}"}
        code: dict[str, object] = {
            "cell_type": "code",
            "id": f"code-{index}",
            "metadata": {},
            "source": section.code,
            "execution_count": None,
            "outputs": [],
        }
        cells += [heading, code]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    return json.dumps(notebook, indent=1)


def layer_code(layer: LayerSpec, dtype: str | None = None) -> str:
    """A layer as Keras code, such as `layers.Dense(128, activation="relu")`, with a dtype where one is given."""
    arguments = []
    for field in dataclasses.fields(layer):
        value = getattr(layer, field.name)
        if isinstance(value, str):
            if (field.name, value) != ("padding", "valid"):
                arguments.append(f'{field.name}="{value}"' if layer.kind != "Activation" else f'"{value}"')
        else:
            arguments.append(repr(value))
    if dtype:
        arguments.append(f'dtype="{dtype}"')
    return f"layers.{layer.kind}({', '.join(arguments)})"


def _data_sections(spec: TrainingSpec) -> list[Section]:
    return [Section(title, code) for title, code in data_codes(spec).items()]


def _further_sections(before: TrainingSpec, spec: TrainingSpec, ended: str) -> list[Section]:
    """What a continued run adds: other data where it had other data, and another call of `fit`."""
    data = _data_sections(spec) if data_key(spec) != data_key(before) else []
    return [*data, Section("Train further", _ended_code(ended) + _rate_code(before, spec) + _fit_code(spec))]


def _ended_code(ended: str) -> str:
    return f"# {ended}\n" if ended else ""


def _import_code(fits: Sequence[TrainingSpec]) -> str:
    spec = fits[-1]
    is_varied = any(fit.augmentation != "none" for fit in fits)
    needs_math = ["import math", ""] if is_varied or any(fit.schedule == "cosine" for fit in fits) else []
    needs_numpy = ["import numpy as np"] if is_varied or any(map(needs_pictures, fits)) else []
    lines = [*needs_math, "import keras", *needs_numpy, "from keras import layers", ""]
    lines.append(f"keras.utils.set_random_seed({spec.seed})")
    if is_varied:
        lines.append(f"rng = np.random.default_rng({spec.seed})")
    if (policy := PRECISIONS[spec.precision].policy) != "float32":
        lines.append(f'keras.config.set_dtype_policy("{policy}")')
    return "\n".join(lines)


def _model_code(spec: TrainingSpec, form: str) -> str:
    model, last = spec.model, len(spec.model.layers) - 1
    # Probabilities need more digits than bfloat16 has, so the last layer has float32.
    dtypes = ["float32" if index == last and spec.precision != "float32" else None for index in range(last + 1)]
    calls = [layer_code(layer, dtype) for layer, dtype in zip(model.layers, dtypes, strict=True)]
    shape = ", ".join(str(size) for size in model.input_shape)
    if form == "sequential":
        stack = "".join(f"    {call},\n" for call in calls)
        return f"model = keras.Sequential([\n    keras.Input(({shape})),\n{stack}])\nmodel.summary()"
    if form == "subclassed":
        return _class_code(spec, calls)
    lines = [f"inputs = keras.Input(({shape}))"]
    before = "inputs"
    for index, call in enumerate(calls):
        name = "outputs" if index == last else "x"
        lines.append(f"{name} = {call}({before})")
        before = name
    return "\n".join([*lines, "model = keras.Model(inputs, outputs)", "model.summary()"])


def _class_code(spec: TrainingSpec, calls: Sequence[str]) -> str:
    """The network as a class: its layers are made once, and called one after the other for each batch."""
    names = [f"layer_{number}" for number in range(1, len(calls) + 1)]
    made = "".join(f"        self.{name} = {call}\n" for name, call in zip(names, calls, strict=True))
    called = "".join(f"        x = self.{name}(x)\n" for name in names)
    shape = ", ".join(str(size) for size in spec.model.input_shape)
    return (
        "@keras.saving.register_keras_serializable()\n"
        "class Network(keras.Model):\n"
        "    def __init__(self, **kwargs):\n"
        "        super().__init__(**kwargs)\n"
        f"{made}\n"
        "    def call(self, x):\n"
        f"{called}"
        "        return x\n\n"
        "model = Network()\n"
        f"model.build((None, {shape}))\n"
        "model.summary()"
    )


def _continue_code(spec: TrainingSpec) -> str:
    return (
        f"# Download it on the Model page; it is that of the run {spec.continues}.\n"
        f'model = keras.models.load_model("{spec.model.file_name}.keras")'
    )


def _compile_code(spec: TrainingSpec) -> str:
    optimizer = OPTIMIZERS[spec.optimizer]
    rate = in_full(spec.learning_rate or optimizer.learning_rate)
    momentum = f", momentum={in_full(spec.momentum)}" if optimizer.takes_momentum and spec.momentum else ""
    return (
        "model.compile(\n"
        f"    optimizer=keras.optimizers.{optimizer.keras_class}(learning_rate={rate}{momentum}),\n"
        f'    loss="{LABELS[spec.targets].loss}",\n'
        '    metrics=["accuracy"],\n'
        ")"
    )


def _rate_code(before: TrainingSpec, spec: TrainingSpec) -> str:
    """Sets the learning rate where it is another than before, or a schedule has left it elsewhere."""
    if spec.learning_rate == before.learning_rate and before.schedule == "constant" and not before.changes:
        return ""
    return f"model.optimizer.learning_rate = {in_full(spec.rate_in(1))}\n"


def _fit_code(spec: TrainingSpec) -> str:
    """The call of `fit`; one for each part of a run whose batch size or momentum was changed between two epochs."""
    rates = [change for change in spec.changes if change.setting == "learning_rate"]
    parts = _parts(spec)
    code = [_time_limit_code(spec) + _changed_rates_code(spec, rates)]
    for place, (first_epoch, part) in enumerate(parts):
        last_epoch = parts[place + 1][0] - 1 if place + 1 < len(parts) else spec.epochs
        if last_epoch < first_epoch:
            continue
        if first_epoch > 1:
            before = parts[place - 1][1]
            code.append(f"\n\n# Changed after {first_epoch - 1} epoch{'s' if first_epoch > 2 else ''}.\n")
            if part.momentum != before.momentum:
                code.append(_compile_code(part) + "\n")
            if part.augmentation != "none" and part.batch_size != before.batch_size:
                code.append(batches_code(part) + "\n\n\n")
        code.append(_one_fit_code(part, first_epoch, last_epoch, has_changed_rates=bool(rates)))
    return "".join(code)


def _parts(spec: TrainingSpec) -> list[tuple[int, TrainingSpec]]:
    """The epochs at which batch size or momentum is another than before, and the run as it is from there on."""
    parts = [(1, spec)]
    for change in spec.changes:
        if change.setting in FROM_THE_NEXT_EPOCH:
            changed = parts[-1][1].with_setting(change.setting, change.after)
            parts = [*(part for part in parts if part[0] < change.epoch), (change.epoch, changed)]
    return parts


def _changed_rates_code(spec: TrainingSpec, changes: Sequence[Change]) -> str:
    """A callback that sets the learning rate as it was set by hand, after the same steps."""
    if not changes:
        return ""
    first = changes[0].before
    rates = ", ".join(f"{step}: {in_full(rate)}" for step, rate in {
        0: first, **{change.steps_done: change.after for change in changes}
    }.items())  # fmt: skip
    falls = f" * (1 + math.cos(math.pi * self.epoch / {spec.epochs})) / 2" if spec.schedule == "cosine" else ""
    return (
        "class ChangedRates(keras.callbacks.Callback):\n"
        '    """The learning rate as it was set by hand, by the steps done until then."""\n\n'
        f"    rates = {{{rates}}}\n"
        "    step = 0\n\n"
        "    def on_epoch_begin(self, epoch, logs=None):\n"
        "        self.epoch = epoch\n\n"
        "    def on_train_batch_begin(self, batch, logs=None):\n"
        "        rate = self.rates[max(step for step in self.rates if step <= self.step)]\n"
        f"        self.model.optimizer.learning_rate = rate{falls}\n"
        "        self.step += 1\n\n"
        "changed_rates = ChangedRates()\n\n"
    )


def _one_fit_code(spec: TrainingSpec, first_epoch: int, last_epoch: int, *, has_changed_rates: bool) -> str:
    few, arguments = fit_arguments(spec)
    if first_epoch > 1:
        arguments.append(f"initial_epoch={first_epoch - 1}")
    arguments.append(f"epochs={last_epoch}")
    callbacks = ["changed_rates"] if has_changed_rates else []
    if spec.schedule == "cosine" and not has_changed_rates:
        rate = in_full(spec.rate_in(1))
        callbacks.append(
            "keras.callbacks.LearningRateScheduler("
            f"lambda epoch: {rate} * (1 + math.cos(math.pi * epoch / {spec.epochs})) / 2)"
        )
    if spec.early_stopping:
        callbacks.append(
            f'keras.callbacks.EarlyStopping(monitor="val_loss", patience={spec.early_stopping}, '
            "restore_best_weights=True)"
        )
    if spec.time_limit:
        callbacks.append("TimeLimit()")
    if callbacks:
        arguments.append(f"callbacks=[{', '.join(callbacks)}]")
    inner = "".join(f"    {argument},\n" for argument in arguments)
    return f"{few}history = model.fit(\n{inner})"


def _time_limit_code(spec: TrainingSpec) -> str:
    if not spec.time_limit:
        return ""
    return (
        "import time\n\n"
        "class TimeLimit(keras.callbacks.Callback):\n"
        "    def on_train_begin(self, logs=None):\n"
        "        self.begin = time.perf_counter()\n\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        f"        if time.perf_counter() - self.begin >= {in_full(spec.time_limit)}:\n"
        "            self.model.stop_training = True\n\n"
    )


def _end_code(spec: TrainingSpec) -> str:
    return (
        "test_loss, test_accuracy = model.evaluate(x_test, y_test)\n"
        f'model.save("{spec.model.file_name}.keras")\n'
        'print(f"Test accuracy: {test_accuracy:.4f}")'
    )
