"""A person's own architectures."""

import pytest

from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.networks.store import ArchitectureStore, NameTaken

OWN = ModelSpec("my network", PRESETS["cnn"].layers, "Mine.", "")


@pytest.mark.parametrize("name", ["my network", "../../etc", "名前", "a/b", "."])
def test_saved_under_any_name_and_found_again(tmp_path, name):
    store = ArchitectureStore(tmp_path)
    spec = ModelSpec(name, OWN.layers)
    store.save(spec)
    assert store.all() == {name: spec}
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "architectures"]
    store.delete(name)
    assert store.all() == {}


def test_a_presets_name_cannot_be_taken(tmp_path):
    with pytest.raises(InvalidInput, match="belongs to a preset"):
        ArchitectureStore(tmp_path).save(ModelSpec("fc", OWN.layers))


def test_a_damaged_file_hides_no_other(tmp_path):
    store = ArchitectureStore(tmp_path)
    store.save(OWN)
    (store.folder / "broken.json").write_text("{")
    assert list(store.all()) == [OWN.name]


def test_another_network_is_not_overwritten_unless_that_is_said(tmp_path):
    store = ArchitectureStore(tmp_path)
    store.save(OWN)
    store.save(OWN)  # the very same is none other
    other = ModelSpec(OWN.name, PRESETS["fc"].layers)
    with pytest.raises(NameTaken):
        store.save(other)
    store.save(other, replace=True)
    assert store.all() == {OWN.name: other}


def test_one_is_found_by_its_name_whatever_its_file_is_called(tmp_path):
    store = ArchitectureStore(tmp_path)
    spec = ModelSpec("Zoë's net", PRESETS["fc"].layers)
    store.save(spec)
    assert store.get("Zoë's net") == spec and store.get("another") is None
    next(store.folder.glob("*.json")).rename(store.folder / "copied.json")
    assert store.get("Zoë's net") == spec
