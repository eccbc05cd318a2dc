"""Where runs are kept, and disks that refuse."""

import itertools
import os

import pytest

from mnist_core import files
from mnist_core.errors import InvalidInput
from mnist_core.paths import RECORD_FILE
from mnist_core.runs import run as run_module
from mnist_core.runs import store as store_module
from mnist_core.runs.store import RunStore


def test_a_run_is_found_again_by_another_store(store, spec):
    run = store.create(spec, name="  my   first run ")
    assert run.status == "queued" and run.name == "my first run"
    assert RunStore(store.root).get(run.id) == run


def test_runs_are_listed_newest_first(store, spec):
    ids = [store.create(spec).id for _ in range(5)]
    created = [run.created for run in store.listing().runs]
    assert {run.id for run in store.listing().runs} == set(ids)
    assert created == sorted(created, reverse=True)


def test_a_listing_that_was_read_during_a_change_is_not_kept(store, spec, monkeypatch):
    run = store.create(spec, name="before")
    seconds = itertools.count()
    monkeypatch.setattr(store_module.time, "monotonic", lambda: float(next(seconds)))
    read = store.get

    def read_and_rename(run_id):
        found = read(run_id)
        monkeypatch.setattr(store, "get", read)
        store.rename(run_id, "after")  # as another thread does
        return found

    monkeypatch.setattr(store, "get", read_and_rename)
    store.listing()
    assert [found.name for found in store.listing().runs] == ["after"]
    assert store.get(run.id).name == "after"


def test_a_store_that_was_never_written_is_empty(tmp_path):
    assert RunStore(tmp_path / "nowhere").listing().runs == ()


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"status": "odd"}', '{"status": "finished"}', "\xff"])
def test_a_damaged_record_is_named_and_hides_no_other(store, spec, content):
    good, bad = store.create(spec), store.create(spec)
    record = bad.folder / RECORD_FILE
    if content is None:
        record.unlink()
    else:
        record.write_bytes(content.encode("latin-1"))
    listing = store.listing()
    assert [run.id for run in listing.runs] == [good.id]
    assert list(listing.unreadable) == [bad.id] and bad.id in listing.unreadable[bad.id]


def test_a_damaged_run_can_be_removed_and_no_other(store, spec):
    good, bad = store.create(spec), store.create(spec)
    (bad.folder / RECORD_FILE).write_text("{")
    for name in (good.id, "nowhere", "..", ""):
        with pytest.raises(InvalidInput):
            store.delete_damaged(name)
    store.delete_damaged(bad.id)
    assert not bad.folder.exists() and [run.id for run in store.listing().runs] == [good.id]


def test_a_deleted_folder_is_a_clear_answer_and_stays_gone(store, spec):
    """A run folder deleted by hand while it is shown must neither crash the page nor come back half."""
    run = store.create(spec)
    store.delete(store.end(run, "stopped").id)
    with pytest.raises(InvalidInput, match="does not exist any more"):
        store.get(run.id)
    store.update(run, status="running")
    assert not run.folder.exists()


@pytest.mark.parametrize("run_id", ["../secret", "a/b", "", ".hidden", "x" * 500])
def test_an_id_is_never_a_way_out_of_the_folder(store, run_id):
    with pytest.raises(InvalidInput, match="is not the name of a run"):
        store.get(run_id)


def test_renaming_changes_the_name_alone(store, spec):
    run = store.create(spec)
    assert store.rename(run.id, "better").name == "better"
    assert store.get(run.id).spec == spec
    with pytest.raises(InvalidInput, match="1 to 60"):
        store.rename(run.id, "   ")
    assert store.get(run.id).name == "better"


def test_an_active_run_cannot_be_deleted(store, spec):
    run = store.create(spec)
    with pytest.raises(InvalidInput, match="Stop it first"):
        store.delete(run.id)
    assert store.get(run.id)


def test_runs_of_a_process_that_is_gone_are_marked_interrupted(store, spec):
    lost, alive = store.create(spec), store.create(spec)
    store.update(lost, status="running", owner={**lost.owner, "process_started": 1.0})
    store.mark_interrupted()
    assert store.get(lost.id).status == "interrupted"
    assert store.get(alive.id).status == "queued"


def refuse(*_args, **_options):
    raise OSError(28, "No space left on device")


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path, spec, monkeypatch):
    """As root every folder can be written, so the file system's refusal is what is put in."""
    monkeypatch.setattr(files.tempfile, "mkstemp", refuse)
    with pytest.raises(InvalidInput, match=r"cannot be saved.*No space left.*DIGIT_STUDIO_HOME"):
        RunStore(tmp_path).create(spec)
    assert list(tmp_path.iterdir()) == []  # half a run could be neither read nor removed


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said_in_a_sentence(tmp_path, spec):
    tmp_path.chmod(0o500)
    store = RunStore(tmp_path)
    assert "cannot be written" in (store.write_problem() or "")
    with pytest.raises(InvalidInput, match="cannot be saved"):
        store.create(spec)


def test_a_home_that_is_a_file_is_said_in_a_sentence(tmp_path, spec):
    (tmp_path / "home").write_text("a file")
    store = RunStore(tmp_path / "home")
    assert "cannot be written" in (store.write_problem() or "")
    with pytest.raises(InvalidInput, match="cannot be saved"):
        store.create(spec)


def test_a_full_disk_at_the_end_neither_loses_the_old_record_nor_the_truth(store, spec, monkeypatch):
    run = store.begin(store.create(spec))
    before = (run.folder / RECORD_FILE).read_text()
    monkeypatch.setattr(files.os, "replace", refuse)
    store.end(run, "finished")
    assert (run.folder / RECORD_FILE).read_text() == before
    assert store.get(run.id).status == "finished"
    assert list(run.folder.glob(".*")) == []


def test_home_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path / "mine"))
    assert RunStore().root == tmp_path / "mine"


def test_the_log_is_complete_before_the_status_says_so(store, spec, monkeypatch):
    """A page that saw "finished" between the two would show a run that lacks its end."""
    run = store.begin(store.create(spec))
    seen = []
    write = store.update
    monkeypatch.setattr(
        store, "update", lambda run: seen.extend(event["event"] for event in store.events(run)) or write(run)
    )
    assert store.end(run, "finished", result={"test_accuracy": 0.9}).status == "finished"
    assert seen == ["finished"]


def test_an_interrupted_run_gets_no_made_up_end(store, spec):
    run = store.end(store.create(spec), "interrupted")
    assert store.events(run) == []


def test_a_name_given_while_it_trains_is_kept(tmp_path, spec):
    """The queue wrote its own older record over the new name when the run ended."""
    store = RunStore(tmp_path)
    run = store.begin(store.create(spec))
    store.rename(run.id, "Ada's")
    store.end(run, "finished", result={})
    assert store.get(run.id).name == "Ada's"


def test_a_folder_with_a_run_takes_no_second_one(tmp_path, spec):
    """The logs of both ended in one file, and the old calibration stayed beside the new model."""
    store = RunStore(tmp_path)
    store.create(spec, folder=tmp_path / "mine")
    with pytest.raises(InvalidInput, match="already holds a run"):
        store.create(spec, folder=tmp_path / "mine")


def test_a_run_of_another_machine_is_given_up_once_it_is_silent(store, spec, monkeypatch):
    """A container that is started anew has another name; its old runs waited for ever."""
    run = store.begin(store.create(spec))
    for owner in ({}, {"host": "gone", "pid": 7, "process_started": 1.0}):
        store.update(run, owner=owner)
        store.mark_interrupted()
        assert store.get(run.id).status == "interrupted"
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(run_module.socket, "gethostname", lambda: "another")
        other = store.begin(store.create(spec))
        with store.signs_of_life():
            elsewhere.undo()
            store.mark_interrupted()
            assert store.get(other.id).status == "running"
            elsewhere.setattr(run_module.socket, "gethostname", lambda: "another")
    store.mark_interrupted()
    assert store.get(other.id).status == "interrupted"
