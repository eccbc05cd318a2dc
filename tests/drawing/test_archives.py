"""Sets of drawings as files, and hostile files."""

import gzip
import io
import struct
import zipfile

import numpy as np
import pytest

from mnist_core.drawing.archives import as_idx, as_npz, read_set
from mnist_core.drawing.strokes import Drawing
from mnist_core.errors import InvalidInput


def drawing(label, seed=0):
    points = np.random.default_rng(seed).uniform(20, 260, (12, 2)).astype(np.float32).round(1)
    return Drawing((points,), label, "ada")


MANY = [drawing(i % 10, i) for i in range(40)]


def npy(descr, shape):
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    header = header.ljust(118 - 10) if len(header) < 108 else header
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()


@pytest.mark.parametrize(
    "content",
    [npy("'|u1'", "(10**30,)"),
     npy("'<f8'", "(10**13,)"), npy("'<U0'", "(10**11,)"), npy("[]", "(1,)"), npy("('", "()"),
     npy("-" * 3000 + "1", "()"), b"PK\x03\x04 and no more", b""],
    ids=["huge", "terabytes", "empty text", "no type", "torn", "deep", "archive", "nothing"],
)  # fmt: skip
def test_a_hostile_array_is_a_sentence(content):
    """NumPy's reader raises nearly anything, and asks for terabytes where a header says so."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("strokes.npy", content)
    with pytest.raises(InvalidInput, match="damaged|holds no strokes"):
        read_set(archive.getvalue(), "mine")


@pytest.mark.parametrize("make", [as_npz, as_idx])
def test_what_is_downloaded_can_be_loaded_in_again(make):
    again = read_set(make(MANY), "mine")
    assert [item.label for item in again] == [item.label for item in MANY]
    np.testing.assert_allclose(again[7].strokes[0], MANY[7].strokes[0], atol=0.05)


def test_the_archives_hold_what_other_programs_expect():
    with np.load(io.BytesIO(as_npz(MANY)), allow_pickle=False) as archive:
        assert archive["x"].shape == (40, 28, 28) and archive["y"].tolist() == [i % 10 for i in range(40)]
    with zipfile.ZipFile(io.BytesIO(as_idx(MANY))) as files:
        images = gzip.decompress(files.read("handwriting-images-idx3-ubyte.gz"))
        labels = gzip.decompress(files.read("handwriting-labels-idx1-ubyte.gz"))
    assert struct.unpack(">IIII", images[:16]) == (0x803, 40, 28, 28) and len(images) == 16 + 40 * 784
    assert struct.unpack(">II", labels[:8]) == (0x801, 40) and list(labels[8:]) == [i % 10 for i in range(40)]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04broken", b"GIF89a", as_npz(MANY)[:200]], ids=["empty", "no zip", "gif", "torn"]
)
def test_a_file_that_is_no_set_is_a_sentence(content):
    with pytest.raises(InvalidInput, match="mine"):
        read_set(content, "mine")


def test_an_archive_with_pickled_objects_is_not_unpickled():
    archive = io.BytesIO()
    np.savez(archive, strokes=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InvalidInput, match="holds no strokes"):
        read_set(archive.getvalue(), "mine")
