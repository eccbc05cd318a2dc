"""Files in the folder of runs that no version of ours has written."""

import copy
import json

import pytest

from mnist_core.paths import ARCHITECTURES_FOLDER, LESSONS_FOLDER, LOG_FILE, RECORD_FILE
from tests.fuzz.test_widgets import PAGES
from tests.pages.screens import finished, open_page

STRANGE = (None, True, -1, 1e400, 10**40, "", "x", "\ud800", [], [[]], {}, {"a": [1]}, "2026-13-45T99:00:00", "NaN")


def everywhere(value):
    """Every place in a JSON value, as a way of keys to it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (key,)
        yield from ((key, *rest) for rest in everywhere(inner))


def variants(value):
    """The value with something strange in one place, for each place and each strange thing."""
    for way in everywhere(value):
        for strange in STRANGE:
            changed = copy.deepcopy(value)
            inner = changed
            for key in way[:-1]:
                inner = inner[key]
            inner[way[-1]] = strange
            yield json.dumps(changed)
        for strange in ("NaN", "-Infinity", "[" * 50_000, "[" * 100 + "]" * 100):
            changed = copy.deepcopy(value)
            inner = changed
            for key in way[:-1]:
                inner = inner[key]
            inner[way[-1]] = "@"
            yield json.dumps(changed).replace('"@"', strange)


@pytest.mark.slow
def test_no_record_log_network_or_lesson_ends_a_page(studio, spec):
    """One damaged file ended every page for everybody."""
    run = finished(studio, spec)
    record = json.loads((run.folder / RECORD_FILE).read_text())
    events = [json.loads(line) for line in (run.folder / LOG_FILE).read_text().splitlines()]
    for number, content in enumerate(variants(record)):
        folder = studio.store.root / f"damaged-{number}"
        folder.mkdir()
        (folder / RECORD_FILE).write_text(content)
    with (run.folder / LOG_FILE).open("a") as log:
        for event in events:
            log.writelines(f"{line}\n" for line in variants(event))
    networks = studio.store.root / ARCHITECTURES_FOLDER
    networks.mkdir()
    for number, content in enumerate(variants(spec.model.to_json())):
        (networks / f"{number}.json").write_text(content)
    lessons = studio.store.root / LESSONS_FOLDER
    lessons.mkdir()
    (lessons / "deep.toml").write_text("a = " + "[" * 20_000)
    (lessons / "half.toml").write_bytes(b"title = \xff")
    listing = studio.store.listing()
    assert run.id in {item.id for item in listing.runs} and len(listing.unreadable) > 200
    for page in PAGES:
        open_page(page)
    open_page("train", run=run.id)
    studio.store.mark_interrupted()
