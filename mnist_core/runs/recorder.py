"""The life of a run, written into its folder: for the command line and for the training queue alike."""

import contextlib
import dataclasses
import logging
from typing import Any

from mnist_core.errors import InvalidInput
from mnist_core.runs.models import ancestors, drawings_file, keep_model, starting_model
from mnist_core.runs.progress import steps_by_epoch
from mnist_core.runs.run import Run
from mnist_core.runs.snapshots import delete_snapshots, save_snapshot, save_step
from mnist_core.runs.store import RunStore
from mnist_core.training.controls import Change
from mnist_core.training.snapshots import Snapshot
from mnist_core.training.spec import TrainingSpec

logger = logging.getLogger(__name__)


class RunRecorder:
    """Writes what becomes of one run: its events, its model, its end.

    Attributes:
        run: What is known of the run by now.
        start_from: The model file that it begins with, or None for fresh weights.
        drawings: The content of the drawings file that it learns from too, or None.

    Args:
        store: Where the run is kept.
        spec: What is to be trained.
        by_path: Whether its drawings may be any file of this computer; see `drawings_file`.
        options: What else `RunStore.create` takes, such as the run's name.

    Raises:
        InvalidInput: if it cannot be trained or saved, or the run that it continues has left no model. Then there is
            no run.
    """

    def __init__(self, store: RunStore, spec: TrainingSpec, *, by_path: bool = False, **options: Any) -> None:
        self.store = store
        spec.model.check()
        self.start_from = starting_model(spec, store)
        self.drawings = drawings_file(spec, store, by_path=by_path)
        self.run = store.create(spec, **options)

    @property
    def is_deleted(self) -> bool:
        """Whether somebody has deleted the run's folder meanwhile."""
        return not self.run.folder.is_dir()

    def take(self, event: dict[str, Any]) -> None:
        """Takes an event that training reported. A disk that refuses it costs the event, not the run."""
        kind = event["event"]
        if kind == "started":
            self.run = self.store.begin(self.run)
        elif kind in ("paused", "resumed"):
            self.run = self.store.update(self.run, is_paused=kind == "paused")
        elif kind == "changed":
            self._take_change(Change.of(event))
        try:
            self.store.append_event(self.run, event)
        except OSError as error:
            logger.warning("An event of the run %s could not be saved: %s", self.run.id, error)

    def _take_change(self, change: Change) -> None:
        """Keeps what was changed in the run's specification, so that it can be done again."""
        spec = self.run.spec
        if change not in spec.changes:
            later = sorted([*spec.changes, change], key=lambda each: (each.epoch, each.step))
            self.run = self.store.update(self.run, spec=dataclasses.replace(spec, changes=tuple(later)))

    @property
    def epochs_before(self) -> int:
        """How many epochs the runs that this one continues were trained in all."""
        return sum(self._epochs_of(earlier) for earlier in ancestors(self.run, self.store))

    def _epochs_of(self, run: Run) -> int:
        """How many epochs a run was trained, or had been at the moment that is meant."""
        if run.step is None:
            return int(run.result.get("epochs", 0))
        ends = steps_by_epoch(self.store.events(run))
        return max((epoch for steps, epoch in ends.items() if steps <= run.step), default=0)

    def keep(self, snapshot: Snapshot) -> None:
        """Keeps the weights of one moment, or the whole model, in case the run is cut off.

        A disk that refuses costs the snapshot, not the run.
        """
        if self.is_deleted or not self.run.is_active:
            return
        try:
            if snapshot.kind == "step":
                save_step(self.run.folder, snapshot.content)
            elif snapshot.kind == "whole":
                keep_model(self.run, snapshot.content, self.store)
                self.run = self.store.update(self.run, result={"epochs": snapshot.epoch})
            else:
                save_snapshot(self.run.folder, snapshot.step, snapshot.content)
        except OSError as error:
            logger.warning("A snapshot of the run %s could not be saved: %s", self.run.id, error)

    def finish(self, status: str, keras_file: bytes, result: dict[str, Any], error: str | None = None) -> None:
        """Keeps the trained model and ends the run.

        Where the model cannot be saved, the run's snapshots make room for it; if there is still too little, it is kept
        in memory; see `save_again`. A run that diverged keeps the last model that was sound.

        Args:
            status: "finished", "stopped", or "failed" where it diverged.
            keras_file: The content of a `.keras` file.
            result: Figures of the run; see `Run.result`.
            error: Why it failed.
        """
        if status == "failed":
            self.end("failed", error=error, result=result)
            return
        try:
            try:
                keep_model(self.run, keras_file, self.store)
            except OSError:
                with contextlib.suppress(InvalidInput):
                    delete_snapshots(self.run.folder)
                keep_model(self.run, keras_file, self.store)
        except OSError as refused:
            self.store.keep_unsaved(self.run, keras_file)
            sentence = f"The trained model could not be saved ({refused.strerror})."
            self.end("failed", error=sentence, result=result)
        else:
            self.end(status, result=result)

    def fail(self, error: str) -> None:
        """Ends the run as failed, with a sentence that says why."""
        self.end("failed", error=error)

    def end(self, status: str, **changes: Any) -> None:
        """Writes the end of the run into its log and its record; nothing where its folder was deleted."""
        if not self.is_deleted:
            self.run = self.store.end(self.run, status, is_paused=False, **changes)


def save_again(run: Run, store: RunStore) -> Run:
    """Saves the model of a run that the disk refused at its end, now that there may be room.

    Returns:
        The run, finished or stopped.

    Raises:
        InvalidInput: if it is no longer in memory, or the disk still refuses it.
    """
    keras_file = store.unsaved_model(run.id)
    if keras_file is None:
        raise InvalidInput("The model of this run is no longer in memory.")
    try:
        keep_model(run, keras_file, store)
    except OSError as error:
        raise InvalidInput(f"The model still cannot be saved ({error.strerror}). Make room, then try again.") from error
    store.forget_unsaved(run.id)
    return store.end(run, "finished" if "test_accuracy" in run.result else "stopped", error=None)
