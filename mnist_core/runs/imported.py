"""Models that somebody else trained, each kept as a run that has ended and used like any other."""

from pathlib import PurePath

from mnist_core.errors import InvalidInput
from mnist_core.runs.models import keep_model
from mnist_core.runs.run import IMPORTED, MAX_NAME, Run
from mnist_core.runs.store import RunStore
from mnist_core.training.foreign import Foreign
from mnist_core.training.spec import TrainingSpec

MODEL_ENDINGS = (".keras", ".h5", ".hdf5")
"""Files that a model is read from."""


def name_of_file(file_name: str) -> str:
    """What a model from a file is called to begin with: the file's name without its ending."""
    plain = "".join(character for character in PurePath(file_name).stem if character.isprintable()).strip()
    return plain[:MAX_NAME] or "model"


def keep_imported(foreign: Foreign, store: RunStore, file_name: str) -> Run:
    """Keeps a model from a file as a finished run.

    Args:
        foreign: The model as it was read.
        store: Where it is kept.
        file_name: What its file was called.

    Raises:
        InvalidInput: if it cannot be saved; then there is no run.
    """
    spec = TrainingSpec(foreign.spec, dataset=foreign.dataset, preparation=foreign.preparation)
    run = store.create(spec, interface=IMPORTED)
    try:
        store.append_event(run, {"event": IMPORTED, "file": file_name[:200], "notes": list(foreign.notes)})
        keep_model(run, foreign.keras_file, store)
    except OSError as error:
        store.delete(store.end(run, "failed").id, for_good=True)
        raise InvalidInput(f"The model cannot be saved ({error.strerror}). Make room, then try again.") from error
    return store.end(run, "finished", result=dict(foreign.result))
