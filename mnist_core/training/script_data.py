"""The part of a plain Keras script that is about pictures: which they are, how they are prepared, and how varied."""

import math

from mnist_core.formatting import as_file_name, in_full
from mnist_core.training.augmentation import AUGMENTATIONS, AugmentationInfo
from mnist_core.training.options import INPUT_SCALINGS
from mnist_core.training.spec import TrainingSpec


def needs_pictures(spec: TrainingSpec) -> bool:
    """Whether a run learns from more than its dataset, so that its script needs a file of them beside it."""
    return bool(spec.drawings) or spec.non_digits or bool(spec.hands)


def pictures_file(spec: TrainingSpec) -> str:
    """The name of that file: an NPZ archive with pictures `x`, uint8 (N, 28, 28), and labels `y`; 10 is no digit."""
    drawings = spec.drawings.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".jsonl")
    parts = [spec.model.file_name, *["hands"] * bool(spec.hands)]
    parts += [*[as_file_name(drawings)] * bool(drawings), *["no-digits"] * spec.non_digits]
    return f"{'-'.join(parts)}.npz"


def data_key(spec: TrainingSpec) -> tuple[object, ...]:
    """The same for two runs whose scripts load and prepare the same arrays."""
    if _is_plain(spec):
        return (spec.dataset,)
    fields = ("validation_split", "dataset_share", "augmentation", "drawings", "non_digits", "batch_size", "shuffle")
    return (spec.dataset, *(getattr(spec, field) for field in fields))


def data_codes(spec: TrainingSpec) -> dict[str, str]:
    """The code up to the network, by the title of each step."""
    load = (
        f"(x_train, y_train), (x_test, y_test) = keras.datasets.{spec.dataset}.load_data()\n"
        'print("training", x_train.shape, "test", x_test.shape)'
    )
    if _is_plain(spec):
        return {"Load the data": load, "Prepare the data": _prepare_code(spec)}
    codes = {"Load the data": load, "Choose what it learns from": _choose_code(spec)}
    codes["Prepare the data"] = _prepare_by_function_code(spec)
    how = AUGMENTATIONS[spec.augmentation]
    if not how.is_none:
        codes["Vary the pictures"] = _vary_code(how) + "\n\n\n" + batches_code(spec)
    return codes


def fit_arguments(spec: TrainingSpec) -> tuple[str, list[str]]:
    """What `fit` is given of pictures: lines before the call, and arguments."""
    batch_size = f"batch_size={spec.batch_size}"
    order = [] if spec.shuffle else ["shuffle=False"]
    if not _is_plain(spec):
        validation = f"validation_data=({'x_val, y_val' if spec.validation_split else 'x_test, y_test'})"
        if spec.augmentation != "none":
            return "", ["Varied(x_train, y_train)", "shuffle=False", validation]
        return "", ["x_train", "y_train", batch_size, validation, *order]
    few, pictures = "", ["x_train", "y_train"]
    if spec.dataset_share < 1:
        few = f"few = round({in_full(spec.dataset_share)} * len(x_train))\n"
        pictures = ["x_train[:few]", "y_train[:few]"]
    validation = (
        f"validation_split={in_full(spec.validation_split)}"
        if spec.validation_split
        else "validation_data=(x_test, y_test)"
    )
    return few, [*pictures, batch_size, validation, *order]


def _is_plain(spec: TrainingSpec) -> bool:
    """Whether `fit` takes the dataset's own arrays."""
    return spec.augmentation == "none" and not needs_pictures(spec)


def _prepare_code(spec: TrainingSpec) -> str:
    lines = [INPUT_SCALINGS[spec.preparation].code.format(x=name) for name in ("x_train", "x_test")]
    if len(spec.model.input_shape) == 3:
        lines += [f"{name} = {name}.reshape(-1, 28, 28, 1)" for name in ("x_train", "x_test")]
    if spec.labels == "one_hot":
        lines += [f"{name} = keras.utils.to_categorical({name}, 10)" for name in ("y_train", "y_test")]
    return "\n".join(lines)


def _choose_code(spec: TrainingSpec) -> str:
    """Takes the validation pictures away first, then a share of the others, then adds what there is besides."""
    lines = []
    if spec.validation_split:
        lines += [
            f"num_train = len(x_train) - round({in_full(spec.validation_split)} * len(x_train))",
            "x_val, y_val = x_train[num_train:], y_train[num_train:]",
            "x_train, y_train = x_train[:num_train], y_train[:num_train]",
        ]
    if spec.dataset_share < 1:
        lines += [
            f"few = round({in_full(spec.dataset_share)} * len(x_train))",
            "x_train, y_train = x_train[:few], y_train[:few]",
        ]
    if needs_pictures(spec):
        what = ["digits in the hands of the world"] * bool(spec.hands)
        what += ["drawings"] * bool(spec.drawings) + ["pictures that are no digits (label 10)"] * spec.non_digits
        lines += [
            f"# It also learned from {' and '.join(what)}. Their file is offered beside this script.",
            f'with np.load("{pictures_file(spec)}") as more:',
            '    x_train = np.concatenate([x_train, more["x"]])',
            '    y_train = np.concatenate([y_train, more["y"]])',
        ]
    return "\n".join([*lines, 'print("learns from", len(x_train))'])


def _prepare_by_function_code(spec: TrainingSpec) -> str:
    names = ["test", *["val"] * bool(spec.validation_split)]
    reshape = ".reshape(-1, 28, 28, 1)" if len(spec.model.input_shape) == 3 else ""
    lines = [
        "def prepare(x):",
        f"    {INPUT_SCALINGS[spec.preparation].code.format(x='x')}",
        f"    return x{reshape}",
        "",
        *(f"x_{name} = prepare(x_{name})" for name in [*names, *["train"] * (spec.augmentation == "none")]),
    ]
    if spec.non_digits:
        lines += [
            "",
            "def as_target(y):  # ten numbers: one of them 1, or each a tenth where the picture shows no digit",
            "    y = keras.utils.to_categorical(y, 11)",
            "    return y[:, :10] + y[:, 10:] / 10",
            "",
            *(f"y_{name} = as_target(y_{name})" for name in [*names, "train"]),
        ]
    elif spec.labels == "one_hot":
        lines += [f"y_{name} = keras.utils.to_categorical(y_{name}, 10)" for name in [*names, "train"]]
    return "\n".join(lines)


def _vary_code(how: AugmentationInfo) -> str:
    """A function that does what `mnist_core.engine.augmentation` does, in NumPy and Keras alone."""
    bent = f"""
    pulls = rng.normal(0, {1.6 * how.elastic:g}, (len(pictures), 6, 6, 2)).astype("float32")
    bent = keras.ops.convert_to_numpy(keras.ops.image.resize(pulls, (28, 28), "bicubic"))
    from_x, from_y = from_x + bent[..., 0], from_y + bent[..., 1]"""
    inked = f"""
    amount, channel = amounts({how.ink:g}), moved[..., None].astype("float32")
    thick = keras.ops.convert_to_numpy(keras.ops.max_pool(channel, 3, 1, "same"))[..., 0]
    thin = -keras.ops.convert_to_numpy(keras.ops.max_pool(-channel, 3, 1, "same"))[..., 0]
    moved = moved + abs(amount) * (np.where(amount > 0, thick, thin) - moved)"""
    return f"""def vary(pictures):
    \"\"\"Moves, turns, slants and bends each picture (N, 28, 28) by its own chance.\"\"\"

    def amounts(limit):
        return rng.uniform(-limit, limit, (len(pictures), 1, 1))

    # Where each pixel of the new picture comes from in the old one.
    y, x = np.indices((28, 28)) - 13.5
    angle, size = amounts({math.radians(how.rotation):.6g}), 1 + amounts({how.scale:g})
    cosine, sine = np.cos(angle) / size, np.sin(angle) / size
    slanted = x + amounts({how.slant:g}) * y
    from_x = cosine * slanted - sine * y + amounts({how.shift:g})
    from_y = sine * slanted + cosine * y + amounts({how.shift:g}){bent if how.elastic else ""}

    # Between pixels it takes a share of each of the four around; outside it is black.
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1))).astype("float32")
    from_x, from_y = np.clip(from_x + 14.5, 0, 28.999), np.clip(from_y + 14.5, 0, 28.999)
    left, top = from_x.astype(int), from_y.astype(int)
    right_share, low_share = from_x - left, from_y - top
    n = np.arange(len(pictures))[:, None, None]
    upper = padded[n, top, left] * (1 - right_share) + padded[n, top, left + 1] * right_share
    lower = padded[n, top + 1, left] * (1 - right_share) + padded[n, top + 1, left + 1] * right_share
    moved = upper * (1 - low_share) + lower * low_share
{f"{chr(10)}    # Lines thicker or thinner.{inked}" + chr(10) if how.ink else ""}    return moved"""


def batches_code(spec: TrainingSpec) -> str:
    """The class that gives `fit` varied pictures, in batches of the run's size."""
    order = "rng.permutation(len(self.x))" if spec.shuffle else "np.arange(len(self.x))"
    size = spec.batch_size
    return f"""class Varied(keras.utils.PyDataset):
    \"\"\"Pictures in batches, varied anew in every epoch.\"\"\"

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.x) / {size})

    def __getitem__(self, index):
        chosen = self.order[{size} * index : {size} * (index + 1)]
        return prepare(vary(self.x[chosen])), self.y[chosen]

    def on_epoch_end(self):
        self.order = {order}"""
