"""Compare, without a browser."""

import dataclasses

from tests.pages.screens import finished, open_page


def test_runs_are_compared_by_what_differs(studio, spec):
    for epochs in (1, 1):
        run = finished(studio, spec)
        studio.store.update(run, spec=dataclasses.replace(spec, epochs=epochs, seed=len(run.id) + epochs))
    at = open_page("compare")
    assert len(at.multiselect("compare_runs").value) == 3
    assert "Network" in at.container("compare_table").table[0].value.index
