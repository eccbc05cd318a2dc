"""A run's record."""

import json

from mnist_core.paths import RECORD_FILE
from mnist_core.runs.run import process_is_alive, this_process


def test_a_process_number_given_to_another_is_not_the_owner():
    me = this_process()
    assert process_is_alive(me)
    assert not process_is_alive({**me, "process_started": me["process_started"] - 500})
    assert not process_is_alive({**me, "pid": 2**22 + 1})
    assert process_is_alive({**me, "host": "another machine"}) is None
    assert not process_is_alive({}) and not process_is_alive({"interface": "page"})


def test_a_clock_that_was_set_kills_nobody(monkeypatch):
    """The system's own start moves with it, and so does what it says of a process's."""
    me = this_process()
    hours = 5 * 3600
    assert process_is_alive({name: me[name] + hours if name.endswith("started") else me[name] for name in me})


def test_an_ended_run_names_no_process(store, spec):
    run = store.end(store.create(spec, interface="command line"), "finished")
    assert run.owner == {"interface": "command line"}


def test_the_record_holds_what_the_contract_names(store, spec):
    run = store.create(spec)
    record = json.loads((run.folder / RECORD_FILE).read_text())
    assert record["status"] == "queued" and record["spec"]["model"]["name"] == "softmax"
    assert record["owner"]["interface"] == "page" and record["created"]
