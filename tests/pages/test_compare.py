"""Compare, without a browser."""

import dataclasses

import pandas as pd
import pytest

from pages.components.downloads import as_csv
from pages.components.messages import MARKDOWN
from tests.pages.screens import finished, open_page


def test_runs_are_compared_by_what_differs(studio, spec):
    for epochs in (1, 1):
        run = finished(studio, spec)
        studio.store.update(run, spec=dataclasses.replace(spec, epochs=epochs, seed=len(run.id) + epochs))
    at = open_page("compare")
    assert len(at.multiselect("compare_runs").value) == 3
    assert "Network" in at.container("compare_table").table[0].value.index


def test_a_name_is_shown_as_it_was_typed_and_loads_nothing(studio, spec):
    """A picture in a name told its owner of every visitor."""
    name = "![x](https://example.org/x.png) www.example.org $y$"
    studio.store.rename(finished(studio, spec).id, name)
    at = open_page("compare")
    (shown,) = [column for column in at.container("compare_table").table[0].value.columns if "example" in column]
    assert shown.replace("\\", "") == name
    assert all(shown[place - 1] == "\\" for place, character in enumerate(shown) if character in MARKDOWN - {"\\"})


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_a_csv_file_is_a_formula(name):
    text = as_csv(pd.DataFrame({name: [name], "run": ["fc"]}, index=[name]))
    cells = [cell.strip('"') for line in text.splitlines() for cell in line.split(",")]
    assert cells and not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert f"'{name}" in text
