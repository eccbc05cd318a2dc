"""What tests of screens share."""

from concurrent.futures import wait
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from mnist_core.runs.models import shipped_models

SITE = str(Path(__file__).parents[2] / "pages" / "_site.py")


def wait_for(engine):
    """Until every question has an answer."""
    wait(list(engine._answers.values()), timeout=60)


def drawn():
    """A 1 on the canvas."""
    pixels = np.full((280, 280, 4), 255, np.uint8)
    pixels[60:220, 130:150, :3] = 0
    return pixels


def said(element):
    """What an element says, without the backslashes that keep Markdown from reading it."""
    return str(element.value).replace("\\", "")


def open_page(name, **query):
    at = AppTest.from_file(SITE, default_timeout=30)
    if name != "draw":
        at.run().switch_page(f"{name}.py")
    at.query_params.clear()
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


def texts(at):
    """Everything that is said on the page, in one string."""
    kinds = (at.markdown, at.caption, at.text, at.info, at.warning, at.error)
    return "\n".join(said(element) for kind in kinds for element in kind)


def finished(studio, spec, **result):
    run = studio.store.create(spec, name="My run")
    studio.store.append_event(run, {"event": "started", "steps": 10, "elapsed": 0.1})
    studio.store.append_event(
        run,
        {"event": "epoch", "epoch": 1, "loss": 0.5, "accuracy": 0.8, "val_loss": 0.4, "val_accuracy": 0.9,
         "seconds": 1.5, "elapsed": 2.0},
    )  # fmt: skip
    return studio.store.end(run, "finished", result={"test_accuracy": 0.9123, "seconds": 1.5, **result})


def shipped(name):
    return next(run for run in shipped_models() if run.id == name)
