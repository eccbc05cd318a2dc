"""Trained models by name: those that ship with the project, and those of the user's own runs."""

import contextlib
import dataclasses
import functools
import itertools
from pathlib import Path

from mnist_core.datasets import DATASETS
from mnist_core.drawing.drawings_file import MAX_FILE_BYTES, read_labelled
from mnist_core.drawing.store import DrawingsStore
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.calibration import read_calibration, write_calibration
from mnist_core.formatting import in_percent
from mnist_core.networks.fields import limits_of
from mnist_core.paths import MODEL_FILE, RECORD_FILE, SHIPPED_MODELS
from mnist_core.runs.run import Run
from mnist_core.runs.snapshots import MARK, kept_steps, split_name
from mnist_core.runs.store import RunStore
from mnist_core.training.formats import About
from mnist_core.training.spec import TrainingSpec

MAX_CHAIN = 100
"""Continuations of continuations that are followed back."""

DEFAULT_MODEL = "digits"
"""The shipped model that the first page starts with."""


def shipped_models(folder: Path = SHIPPED_MODELS) -> tuple[Run, ...]:
    """The trained models that come with the project, the default first, then by name."""
    store = _shipped_store(folder)
    names = sorted(path.parent.name for path in folder.glob(f"*/{RECORD_FILE}"))
    runs = []
    for name in sorted(names, key=lambda name: name != DEFAULT_MODEL):
        with contextlib.suppress(InvalidInput):  # a damaged one hides no other
            runs.append(store.get(name))
    return tuple(run for run in runs if run.has_model)


@functools.cache
def _shipped_store(folder: Path) -> RunStore:
    """One store for as long as the process lives, as it reads a record again only when its file has changed."""
    return RunStore(folder)


def is_shipped(run: Run) -> bool:
    """Whether a run is one of the models that come with the project."""
    return run.folder.parent == SHIPPED_MODELS


def trained_models(store: RunStore, limit: int | None = None, dataset: str | None = None) -> tuple[Run, ...]:
    """Every model that can be drawn with: the shipped ones, then the user's own, newest first.

    Args:
        store: Where the user's runs are.
        limit: How many of the user's own at most; by default all.
        dataset: The only dataset whose models are wanted; by default those of all.
    """
    own = (run for run in store.listing().runs if dataset in (None, run.spec.dataset))
    usable = (run for run in own if not run.is_active and run.has_model)
    ship = (run for run in shipped_models() if dataset in (None, run.spec.dataset))
    return (*ship, *itertools.islice(usable, limit))


def find_run(name: str, store: RunStore) -> Run:
    """Looks a trained model up by the name of its folder under `saved_model/`, or by a run's id.

    Behind either, "@300" means its snapshot after 300 steps; the run is then of that name.

    Raises:
        InvalidInput: if there is none of this name, it has no trained model, or no such snapshot.
    """
    name, step = split_name(name)
    for run in shipped_models():
        if run.id == name:
            return run if step is None else at_step(run, step)
    try:
        run = store.get(name)
    except InvalidInput:
        known = ", ".join(run.id for run in shipped_models())
        raise InvalidInput(f"Model: {name!r} is not known. Give {known}, a run's id, or a path.") from None
    if step is not None:
        return at_step(run, step)
    if not run.has_model:
        raise InvalidInput(f"The run {name} has no trained model ({run.status}).")
    return run


def at_step(run: Run, step: int) -> Run:
    """A run as it was after so many steps, to be used as any other.

    Raises:
        InvalidInput: if it has no snapshot of that moment.
    """
    steps = kept_steps(run.folder)
    if step not in steps:
        known = f"It has those after {', '.join(map(str, steps))} steps." if steps else "It has none."
        raise InvalidInput(f"The run {run.id} has no snapshot after {step} steps. {known}")
    # What was measured at its end says nothing of this moment.
    return dataclasses.replace(
        run, id=f"{run.id}{MARK}{step}", name=f"{run.name} at step {step:,}", step=step, result={}
    )


def early_end(run: Run) -> str:
    """How a run ended where somebody or something ended it before its last epoch, a sentence; "" otherwise."""
    if run.status not in ("stopped", "failed", "interrupted"):
        return ""
    epochs = run.result.get("epochs")
    planned = run.spec.epochs
    when = f"after {epochs:g} of {planned} epochs" if epochs else f"before its {planned} epochs were over"
    if run.status == "failed":
        return f"The run failed {when}."
    return f"The run was {run.status} {when}; this goes on to the end."


def about(run: Run) -> About:
    """What one who uses a run's model elsewhere has to know of it."""
    accuracy = run.result.get("test_accuracy")
    tested = f" It reads {in_percent(accuracy, 1)} of the 10,000 test images correctly." if accuracy else ""
    epochs = run.result.get("epochs") or run.spec.epochs
    network = f"A network of {run.spec.model.num_params:,} parameters"
    if run.is_imported:
        return About(run.name, run.spec.dataset, f"{network} from a file.{tested}")
    trained = f"trained on {DATASETS[run.spec.dataset].title} for {epochs} epoch{'' if epochs == 1 else 's'}"
    return About(run.name, run.spec.dataset, f"{network}, {trained}.{tested}")


def find_model(name_or_path: str, store: RunStore) -> Path:
    """Finds a model's file by name, by a run's id, or by the path of the file or of its folder.

    Raises:
        InvalidInput: if there is no such model.
    """
    path = Path(name_or_path)
    looks_like_path = path.suffix == ".keras" or len(path.parts) > 1
    if looks_like_path and path.is_dir() and (path / MODEL_FILE).is_file():
        return path / MODEL_FILE
    if looks_like_path and path.is_file():
        return path
    if looks_like_path:
        raise InvalidInput(f"The model {name_or_path} does not exist. Give a .keras file or a run's folder.")
    return find_run(name_or_path, store).model_path


def parent_run(run: Run, store: RunStore) -> Run | None:
    """The run that a run continues; None where it continues none, or that one is gone."""
    if not run.spec.continues:
        return None
    try:
        return find_run(run.spec.continues, store)
    except InvalidInput:
        return None


def ancestors(run: Run, store: RunStore) -> list[Run]:
    """The runs that a run continues, one after the other, the first of all first; without those that are gone."""
    chain: list[Run] = []
    while len(chain) < MAX_CHAIN and (earlier := parent_run(run, store)):
        chain.insert(0, earlier)
        run = earlier
    return chain


def in_script(run: Run, store: RunStore) -> list[Run]:
    """The runs that the script of a run goes through first: those that it continues, back to a moment of another."""
    chain = ancestors(run, store)
    moments = [place for place, earlier in enumerate(chain) if earlier.step is not None]
    return chain[moments[-1] + 1 :] if moments else chain


def keep_model(run: Run, keras_file: bytes, store: RunStore) -> None:
    """Saves a run's model, and beside it the calibration of the run that it continues, which is near enough.

    Raises:
        OSError: if the model cannot be written.
    """
    store.save_model(run, keras_file)
    earlier = parent_run(run, store)
    if not earlier or earlier.spec.dataset != run.spec.dataset:
        return
    if found := read_calibration(earlier.folder):
        with contextlib.suppress(InvalidInput):  # the model is worth more, and is there
            write_calibration(
                run.folder, dataclasses.replace(found, inherited_from=found.inherited_from or earlier.name)
            )


def starting_model(spec: TrainingSpec, store: RunStore) -> bytes | None:
    """The model file of the run that a run continues, or None where it begins with fresh weights.

    Raises:
        InvalidInput: if that run is gone, has no model, or trained another architecture or with another input scaling.
    """
    if not spec.continues:
        return None
    earlier = find_run(spec.continues, store)
    words = {name: limits.label.lower() for name, limits in limits_of(TrainingSpec).items()}
    for name in ("model", "preparation", "labels", "precision"):
        if getattr(earlier.spec, name) != getattr(spec, name):
            other = words.get(name, "network")
            raise InvalidInput(f"The run {earlier.name} cannot be continued with another {other}. Start a new run.")
    try:
        return earlier.model_path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"The model of the run {earlier.name} cannot be read ({error.strerror}).") from error


def drawings_file(spec: TrainingSpec, store: RunStore, *, by_path: bool = False) -> bytes | None:
    """The content of the drawings file that a run learns from, or None where it has none.

    Args:
        spec: The run.
        store: Where the sets of drawings lie.
        by_path: Whether any file of this computer may be named, as its owner does on the command line; visitors of a
            page name sets that are kept.

    Raises:
        InvalidInput: if there is no such set or file, it cannot be read, or holds nothing to learn from.
    """
    if not spec.drawings:
        return None
    kept = DrawingsStore(store.root)
    if spec.drawings in kept.names():
        path = kept.path(spec.drawings)
    elif by_path:
        path = Path(spec.drawings)
    else:
        raise InvalidInput(f"Drawings: no set is kept here under the name {spec.drawings[:60]!r}. Choose another one.")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InvalidInput(
            f"The drawings file {spec.drawings[:300]} cannot be read ({error.strerror}). Give another one, or none."
        ) from error
    read_labelled(content, spec.drawings[:300])
    return content
