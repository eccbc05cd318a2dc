"""A set of drawings as a file to download: `.npz`, or MNIST's own IDX."""

import gzip
import io
import struct
import zipfile

import numpy as np

from mnist_core.drawing.drawings_file import MAX_DRAWINGS_IN_SET, MAX_SET_BYTES, drawings_content, read_drawings
from mnist_core.drawing.inking import MNIST_PEN, mnist_pictures
from mnist_core.drawing.strokes import Drawing, labels_of
from mnist_core.errors import InvalidInput
from mnist_core.files import npz_content

MAX_UPLOAD_BYTES = 10_000_000


def as_npz(drawings: list[Drawing]) -> bytes:
    """A set as a NumPy archive: `x` uint8 (N, 28, 28), `y` int64 (N,), -1 without a label, and the strokes as bytes."""
    images, labels = mnist_pictures(drawings, MNIST_PEN), labels_of(drawings)
    content = np.frombuffer(drawings_content(drawings), np.uint8)
    return npz_content({"x": images, "y": labels, "strokes": content})


def as_idx(drawings: list[Drawing]) -> bytes:
    """A set as MNIST's own two files, in a zip archive, with the strokes as a third."""
    images, labels = mnist_pictures(drawings, MNIST_PEN), labels_of(drawings)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        header = struct.pack(">IIII", 0x0803, *images.shape)
        files.writestr("handwriting-images-idx3-ubyte.gz", gzip.compress(header + images.tobytes(), mtime=0))
        # An unsigned byte has no -1: a drawing without a label is 255.
        bytes_of_labels = labels.astype(np.uint8).tobytes()
        header = struct.pack(">II", 0x0801, len(labels))
        files.writestr("handwriting-labels-idx1-ubyte.gz", gzip.compress(header + bytes_of_labels, mtime=0))
        files.writestr("handwriting.jsonl", drawings_content(drawings))
    return archive.getvalue()


def read_set(content: bytes, name: str) -> list[Drawing]:
    """Reads a set that was downloaded, in any of its forms, or any drawings file. Nothing in it is unpickled.

    Raises:
        InvalidInput: if it is none of them, or too large.
    """
    if len(content) > MAX_UPLOAD_BYTES:
        raise InvalidInput(f"{name} is larger than {MAX_UPLOAD_BYTES // 1_000_000} MB.")
    if content[:4] != b"PK\x03\x04":
        return read_drawings(content, name, MAX_DRAWINGS_IN_SET, MAX_SET_BYTES)
    try:
        part = _strokes_in_archive(content, name)
    except InvalidInput:
        raise
    except Exception:  # A hostile archive can make the readers of zip and of NumPy headers raise nearly anything.
        raise InvalidInput(f"{name} is damaged and cannot be read.") from None
    return read_drawings(part, name, MAX_DRAWINGS_IN_SET, MAX_SET_BYTES)


def _strokes_in_archive(content: bytes, name: str) -> bytes:
    """The drawings file inside a set that was downloaded as `.npz` or IDX."""
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        inside = next((item for item in files.namelist() if item in ("handwriting.jsonl", "strokes.npy")), None)
        if inside is None:
            raise InvalidInput(f"{name} holds no strokes. Import a file that was downloaded from this page.")
        with files.open(inside) as file:
            part = file.read(MAX_UPLOAD_BYTES + 1)
    if len(part) > MAX_UPLOAD_BYTES:
        raise InvalidInput(f"{name} is larger than {MAX_UPLOAD_BYTES // 1_000_000} MB when unpacked.")
    if inside != "strokes.npy":
        return part
    array = io.BytesIO(part)
    version = np.lib.format.read_magic(array)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read_header(array)
    strokes = array.read()
    if dtype != np.uint8 or shape != (len(strokes),):
        raise InvalidInput(f"{name} holds no strokes. Import a file that was downloaded from this page.")
    return strokes
