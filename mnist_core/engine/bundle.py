"""A model with all that one needs to use it elsewhere: in a folder with an example, or in one page for a browser."""

import base64
import gzip
import html
import inspect
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core import NUM_CLASSES
from mnist_core.datasets import DATASETS, load_dataset
from mnist_core.drawing import preprocessing
from mnist_core.drawing.inking import MNIST_PEN, REDRAWN_SIZE
from mnist_core.engine.export import ABOUT_WEIGHTS, export_model
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.calibration import read_calibration
from mnist_core.training.formats import FORMATS, About, Exported

WEB = Path(__file__).parent / "web"
"""A page with blanks to fill, and the runtime that it carries: onnxruntime-web, as tools/web/build.sh copies it."""

PREPARATION = (
    "MNIST's digits were cut out, scaled, with their proportions, so that the longer side measures 20 pixels, and "
    "placed in 28×28 with their centre of mass in the middle; ink is 1 (white) on 0 (black). The model reads a drawing "
    "well only if it is prepared in the same way: shrinking a whole sheet of paper to 28×28 is not enough."
)


def file_for(path: Path, ending: str, about: About) -> Exported:
    """A model as one file of a format.

    Args:
        path: A `.keras` file.
        ending: A key of `FORMATS`.
        about: What is written beside it.

    Raises:
        InvalidInput: as `export_model` does.
    """
    if ending != ".html":
        return export_model(path, ending, about.dataset)
    FORMATS[".html"].check_installed()
    inside = export_model(path, ".onnx", about.dataset)
    return Exported(_web_page(path, inside.content, about), inside.largest_difference, inside.num_different)


def bundle_for(path: Path, ending: str, about: About) -> Exported:
    """A model in a zip: its file, the classes, how drawings are prepared, ten pictures, an example, and a README.

    With an ONNX file goes a page for a browser, which needs no network.

    Args:
        path: A `.keras` file.
        ending: A key of `FORMATS` that has an example.
        about: What is written beside it.

    Raises:
        InvalidInput: as `export_model` does.
    """
    export_format = FORMATS[ending]
    if not export_format.load:
        raise InvalidInput(f"{export_format.title} is one file that needs nothing else. Take it as it is.")
    exported, known = export_model(path, ending, about.dataset), _about(path, about)
    model_name = f"model{ending}"
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(model_name, exported.content)
        packed.writestr("about.json", json.dumps(known, indent=1, ensure_ascii=False))
        packed.writestr("prepare.py", prepare_script())
        packed.writestr("example.py", EXAMPLE.format(model=model_name, load=export_format.load))
        packed.writestr("README.md", _readme(known, ending, exported))
        for label, picture in enumerate(sample_pictures(about.dataset)):
            packed.writestr(f"samples/{label}.png", _png(picture))
        if ending == ".onnx":
            packed.writestr("draw.html", _web_page(path, exported.content, about))
            packed.writestr("onnxruntime-LICENSE.txt", (WEB / "LICENSE").read_bytes())
    return Exported(result.getvalue(), exported.largest_difference, exported.num_different)


def sample_pictures(dataset: str) -> NDArray[np.uint8]:
    """The first test picture of each class, in the order of the classes, uint8 (10, 28, 28)."""
    data = load_dataset(dataset)
    return np.stack([data.x_test[data.y_test == label][0] for label in range(NUM_CLASSES)])


def _png(picture: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def prepare_script() -> str:
    """A module that prepares a drawing as the app does, of the app's own functions; it needs NumPy and Pillow."""
    parts = (
        preprocessing.find_ink,
        preprocessing._weighed,
        preprocessing.border_of,
        preprocessing.crop_to_ink,
        preprocessing.fit_to_box,
        preprocessing.centre_of_mass,
        preprocessing._place,
        preprocessing.centre_by_mass,
    )
    constants = ("BOX_SIZE", "CENTRE", "MIN_CONTRAST", "INK_THRESHOLD", "IMAGE_SIZE")
    return PREPARE.format(
        constants="\n".join(f"{name} = {getattr(preprocessing, name)}" for name in constants),
        functions="\n\n\n".join(inspect.getsource(part).strip() for part in parts),
    )


def _about(path: Path, about: About) -> dict[str, object]:
    calibration = read_calibration(path.parent)
    return {
        "name": about.name,
        "classes": list(DATASETS[about.dataset].class_names),
        "input": "float32, shape (N, 28, 28), in [0, 1], white ink (1) on black (0)",
        "output": "float32, shape (N, 10): the probability of each class, in the order of `classes`",
        "preparation": PREPARATION,
        "temperature": calibration.temperature if calibration else 1.0,
        "reject_below": calibration.rejection_threshold if calibration else 0.0,
        "learned": about.source,
    }


def _readme(known: dict[str, object], ending: str, exported: Exported) -> str:
    export_format = FORMATS[ending]
    needs = f"pip install numpy pillow {export_format.install}"
    lines = [
        f"# {_markdown(str(known['name']))}",
        "",
        _markdown(str(known["learned"])),
        "",
        f"`model{ending}` is the model: {export_format.help} {exported.sentence}",
        "",
        "## Try it",
        "",
        f"    {needs}",
        "    python example.py                 # reads the ten pictures in samples/",
        "    python example.py drawing.png …   # reads drawings of your own",
        "",
    ]
    if ending == ".onnx":
        lines += ["`draw.html` is the same in a browser: open it and draw. It needs no network.", ""]
    lines += [
        "## What goes in, what comes out",
        "",
        f"In: {known['input']}. {PREPARATION} `prepare.py` does it.",
        "",
        f"Out: {known['output']}. `about.json` names the classes.",
        "",
        "The app divides the logarithms of the probabilities by the temperature in `about.json` before it shows them, "
        "so that its percentages are true; `example.py` does the same. 1 changes nothing. What then has less than "
        "`reject_below` is taken for no digit at all.",
        "",
    ]
    if ending == ".json":
        lines += ["## Shapes", "", *(f"- {line}" for line in ABOUT_WEIGHTS), "", *_shapes(exported.content), ""]
    return "\n".join(lines)


def _shapes(content: bytes) -> list[str]:
    rows = ["| layer | weight | shape |", "|---|---|---|"]
    for layer in json.loads(content)["layers"]:
        for weight in layer["weights"]:
            size = " × ".join(map(str, weight["shape"])) or "one number"
            rows.append(f"| {layer['name']} ({layer['kind']}) | {weight['name']} | {size} |")
    return rows


def _markdown(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>#|!" else character for character in text)


def _web_page(path: Path, onnx_model: bytes, about: About) -> bytes:
    """The page with everything in it; what is large is compressed and written in Base64."""
    settings = {
        **_about(path, about),
        "box": preprocessing.BOX_SIZE,
        "centre": preprocessing.CENTRE,
        "threshold": preprocessing.INK_THRESHOLD,
        "pen": MNIST_PEN,
        "redrawn": REDRAWN_SIZE,
    }
    blanks = {
        "@TITLE@": html.escape(about.name),
        "@ABOUT@": json.dumps(settings).replace("<", "\\u003c"),
        "@SAMPLES@": _packed(sample_pictures(about.dataset).tobytes()),
        "@MODEL@": _packed(onnx_model),
        "@RUNTIME@": _packed((WEB / "ort.wasm.bundle.min.mjs").read_bytes()),
        "@WASM@": base64.b64encode((WEB / "ort-wasm-simd-threaded.wasm.gz").read_bytes()).decode(),
        "@LICENSE@": html.escape((WEB / "LICENSE").read_text(encoding="utf-8")).replace("--", "- -"),
    }
    page = (WEB / "page.html").read_text(encoding="utf-8")
    for blank, content in blanks.items():
        page = page.replace(blank, content)
    return page.encode()


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


PREPARE = '''"""From a drawing to the 28×28 pixels that the model takes. Needs NumPy and Pillow."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

{constants}

InkImage = NDArray[np.float32]
Point = tuple[float, float]


def prepare(rgba: NDArray[np.uint8]) -> InkImage | None:
    """A drawing, uint8 of shape (H, W, 4), as float32 of shape (28, 28) in [0, 1]; None where there is no ink."""
    ink = find_ink(rgba)
    if ink is None:
        return None
    image = centre_by_mass(fit_to_box(crop_to_ink(ink)))
    return (image / max(float(image.max()), 1e-6)).astype(np.float32)


def read(path) -> InkImage | None:
    """The picture in a file, prepared."""
    return prepare(np.asarray(Image.open(path).convert("RGBA")))


{functions}
'''

EXAMPLE = '''"""Reads pictures with the model beside this file.

    python example.py                 the ten pictures in samples/, which are 28×28 already
    python example.py drawing.png …   drawings of your own, dark ink on light or light on dark
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from prepare import read

HERE = Path(__file__).parent
MODEL = HERE / "{model}"
ABOUT = json.loads((HERE / "about.json").read_text(encoding="utf-8"))

{load}

def main(paths):
    if paths:
        pictures = [read(path) for path in paths]
    else:
        paths = sorted(HERE.glob("samples/*.png"))
        pictures = [np.asarray(Image.open(path), np.float32) / 255 for path in paths]
    for path, picture in zip(paths, pictures):
        if picture is None:
            print(f"{{path}}: no ink")
            continue
        probabilities = predict(picture[None].astype(np.float32))[0]
        logits = np.log(np.maximum(probabilities, 1e-12)) / ABOUT["temperature"]
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        unsure = " (perhaps not a digit)" if shares.max() < ABOUT["reject_below"] else ""
        print(f"{{path}}: {{ABOUT['classes'][shares.argmax()]}} {{shares.max():.4f}}{{unsure}}")


if __name__ == "__main__":
    main(sys.argv[1:])
'''
