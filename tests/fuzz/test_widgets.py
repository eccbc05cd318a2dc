"""What a browser may send for a widget and no person could choose."""

import math
import os
import random

import psutil
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

from mnist_core.runs.sweeps import new_tag
from tests import settings
from tests.pages.screens import finished, open_page

SEED = int(os.environ.get("FUZZ_SEED", "0"))
NUM_CASES = int(os.environ.get("FUZZ_CASES", "8"))
"""Cases for each page; by hand, another seed and more of them."""

MAX_GROWTH = 300_000_000
"""Bytes that a page's cases may add to the process."""

CASES_IN_A_ROW = 8
"""How many strange values one visitor sends, each on what the last has left."""

PAGES = tuple(page for page in settings.PAGES if page != "inside")

# Streamlit itself refuses what is no number where a whole one is expected, and shows nobody where it did.
HOSTILE = {
    "string_value": ("/etc/shadow", "../../run.json", "", "nan", "x" * 100_000, "<img src=x onerror=alert(1)>"),
    "int_value": (-1, 2**62),
    "double_value": (1e308, -1e308, 0.5, -1.0),
    "int_array_value": ([-1], [2**40], []),
    "double_array_value": ([math.nan], [1e308, -1e308], []),
    "string_array_value": (["/etc/shadow"], ["nope", "nope"], []),
    "json_value": ("{", "null", "[]", '{"selection": 7}', '{"selection": {"points": [{"x": {}}]}}', "[" * 5_000),
    "bool_value": (True,),
}


def widgets(at) -> list[WidgetState]:
    """What a browser sends of every widget on the page."""
    return list(at._tree.get_widget_states().widgets)


def variants(state: WidgetState) -> list[WidgetState]:
    kind = state.WhichOneof("value")
    found = []
    for value in HOSTILE.get(kind, ()):
        changed = WidgetState(id=state.id)
        if kind.endswith("array_value"):
            getattr(changed, kind).SetInParent()
            getattr(changed, kind).data.extend(value)
        else:
            setattr(changed, kind, value)
        found.append(changed)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_no_value_of_any_widget_ends_a_page(page, studio, spec):
    finished(studio, spec)
    studio.store.end(studio.store.create(spec, tag=new_tag()), "finished", result={"val_accuracy": 0.9})
    process = psutil.Process()
    before = process.memory_info().rss
    rng = random.Random(SEED)
    for case in range(NUM_CASES):
        if case % CASES_IN_A_ROW == 0:
            at = open_page(page)
        sent = widgets(at)
        place, changed = rng.choice([(i, other) for i, state in enumerate(sent) for other in variants(state)])
        sent[place].CopyFrom(changed)
        at._run(WidgetStates(widgets=sent))
        problems = [f"{error.message}\n{error.stack_trace}" for error in at.exception]
        assert not problems, f"{changed.id}: {str(changed)[:200]} ended the page: {problems}"
    assert process.memory_info().rss - before < MAX_GROWTH
