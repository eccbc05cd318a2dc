"""The datasets that ship."""

import numpy as np
import pytest

from mnist_core import datasets
from mnist_core.datasets import DATASETS, load_dataset, read_checked_npz
from mnist_core.errors import InvalidInput


@pytest.mark.parametrize("name", DATASETS)
def test_each_dataset_is_the_full_original(name):
    data = load_dataset(name)
    assert data.x_train.shape == (60000, 28, 28) and data.x_train.dtype == np.uint8
    assert data.x_test.shape == (10000, 28, 28) and data.x_test.dtype == np.uint8
    assert data.y_train.shape == (60000,) and np.issubdtype(data.y_train.dtype, np.signedinteger)
    assert np.bincount(data.y_test).shape == (10,) and len(data.class_names) == 10
    assert data.x_train.max() == 255 and data.x_train.min() == 0


def test_a_page_cannot_change_what_all_pages_share():
    with pytest.raises(ValueError, match="read-only"):
        load_dataset("mnist").x_train[0] = 0


def test_a_dataset_is_loaded_once():
    assert load_dataset("mnist") is load_dataset("mnist")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InvalidInput, match="'letters' is not known.*mnist, fashion_mnist"):
        load_dataset("letters")


@pytest.mark.parametrize("damage", ["missing", "one byte", "text"])
def test_a_damaged_file_names_itself_and_its_remedy(tmp_path, monkeypatch, damage):
    """Keras's own loader fails with a zip error that names neither file nor remedy."""
    path = tmp_path / "mnist.npz"
    if damage == "one byte":
        content = bytearray((datasets.DATA_FOLDER / "mnist.npz").read_bytes())
        content[5000] ^= 1
        path.write_bytes(content)
    elif damage == "text":
        path.write_text("not data")
    monkeypatch.setattr(datasets, "DATA_FOLDER", tmp_path)
    with pytest.raises(InvalidInput, match="mnist.npz.*(git checkout|clone)"):
        load_dataset.__wrapped__("mnist")


def test_a_pickle_inside_an_archive_is_never_loaded(tmp_path):
    """np.load with pickling allowed runs whatever code an archive brings."""
    import hashlib

    path = tmp_path / "evil.npz"
    np.savez(path, x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        read_checked_npz(path, hashlib.sha256(path.read_bytes()).hexdigest())


def test_the_classes_are_counted_and_a_sample_holds_none_twice():
    data = load_dataset("mnist")
    num_train, num_test = data.class_counts()
    assert num_train.sum() == 60_000 and num_test.sum() == 10_000 and num_train[1] == 6742
    assert len(set(data.sample(25, 3).tolist())) == 25 and (data.sample(25, 3) == data.sample(25, 3)).all()
    assert [array.shape[0] for array in data.arrays().values()] == [60_000, 60_000, 10_000, 10_000]
