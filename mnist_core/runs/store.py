"""Where runs are kept: one folder a run, holding `run.json`, `metrics.jsonl` and, once trained, `model.keras`."""

import contextlib
import dataclasses
import logging
import os
import re
import secrets
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mnist_core.errors import InvalidInput
from mnist_core.files import PRIVATE, FolderLock, make_private_folder, read_json, strict_json, write_atomically
from mnist_core.paths import LOG_FILE, OTHER_FOLDERS, RECORD_FILE, runs_folder
from mnist_core.recycle_bin import RecycleBin
from mnist_core.runs.log import LogReader
from mnist_core.runs.run import Run, check_name, end_event, process_is_alive, this_process
from mnist_core.training.spec import TrainingSpec

logger = logging.getLogger(__name__)

ALIVE_FOLDER = ".alive"
SILENCE_SECONDS = 8.0
"""After how long without a sign of life a process on another machine is taken for gone."""
COSTLY_SECONDS = 0.02
"""A listing that takes longer than this is kept for a while."""


MAX_LOGS = 100
"""Logs that are kept in memory, those looked at last."""
MAX_UNSAVED_BYTES = 500_000_000


@dataclass(frozen=True)
class Listing:
    """All runs of a store.

    Attributes:
        runs: Newest first.
        unreadable: By its folder's name, a sentence for each run whose record is missing or damaged.
    """

    runs: tuple[Run, ...]
    unreadable: dict[str, str]


class RunStore:
    """Runs in a folder. Writes are atomic, so that a reader never sees half a file.

    Args:
        root: The folder; it is made when the first run is. Without it, as `runs_folder` says.
    """

    def __init__(self, root: str | Path | None = None) -> None:
        self.root = Path(root) if root else runs_folder()
        self._lock = threading.RLock()
        self.bin = RecycleBin(self.root)
        self._alone = FolderLock(self.root)
        self._records: dict[Path, tuple[tuple[int, int], Run]] = {}
        self._logs: OrderedDict[Path, LogReader] = OrderedDict()
        self._unsaved: dict[str, Run] = {}
        self._unsaved_models: OrderedDict[str, bytes] = OrderedDict()
        self._listed: tuple[float, Listing] | None = None
        self._num_changes = 0

    def create(
        self,
        spec: TrainingSpec,
        *,
        name: str | None = None,
        interface: str = "page",
        folder: Path | None = None,
        tag: str = "",
    ) -> Run:
        """Makes the folder of a new run, queued.

        Args:
            spec: What is to be trained.
            name: What people call it; by default the architecture's name.
            interface: Who asked: "page" or "command line".
            folder: Another place than below the root.
            tag: What it belongs to, such as a lesson's experiment.

        Raises:
            InvalidInput: if the name cannot be used or the folder cannot be written.
        """
        now = datetime.now(UTC)
        slug = re.sub(r"[^A-Za-z0-9]+", "-", spec.model.name).strip("-")[:30] or "model"
        folder = folder or self.root / f"{now:%Y%m%d-%H%M%S}-{slug}-{secrets.token_hex(3)}"
        run = Run(
            id=folder.name,
            name=check_name(name or spec.model.name),
            spec=spec,
            status="queued",
            created=now.isoformat(timespec="milliseconds"),
            owner={**this_process(), "interface": interface},
            folder=folder,
            tag=tag,
            number=1 + max((run.number for run in self.listing().runs), default=0),
        )
        is_new = not folder.exists()
        try:
            if (folder / RECORD_FILE).exists():
                raise InvalidInput(f"The folder {folder} already holds a run. Give another one, or delete it first.")
            make_private_folder(folder)
            self._write_record(run)
        except OSError as error:
            if is_new:  # half a run could be neither read nor trained
                shutil.rmtree(folder, ignore_errors=True)
            raise InvalidInput(
                f"The run cannot be saved in {folder.parent} ({error.strerror}). Make the folder writable or free "
                "some space, or set DIGIT_STUDIO_HOME to another folder and start the app again."
            ) from error
        return run

    def get(self, run_id: str) -> Run:
        """Reads a run.

        Raises:
            InvalidInput: if there is no such run or its record is damaged.
        """
        if not re.fullmatch(r"[\w.-]{1,120}", run_id) or run_id.startswith("."):
            raise InvalidInput(f"{run_id[:60]!r} is not the name of a run.")
        if run_id in self._unsaved:
            return self._unsaved[run_id]
        return self._read_record(self.root / run_id)

    def listing(self) -> Listing:
        """Reads all runs, newest first. A damaged one is named, and hides no other.

        Thousands of runs are not looked through again at once, unless this process has changed one: the last listing is
        good for ten times as long as it took to make.
        """
        known, num_changes, begin = self._listed, self._num_changes, time.monotonic()
        if known and begin < known[0]:
            return known[1]
        runs, unreadable = [], {}
        for folder in self._folders():
            try:
                runs.append(self.get(folder.name))
            except InvalidInput as error:
                unreadable[folder.name] = str(error)
        runs.sort(key=lambda run: (run.number, run.created, run.id), reverse=True)
        listing = Listing(tuple(runs), unreadable)
        took = time.monotonic() - begin
        if num_changes == self._num_changes:  # or else it may be older than a change that another thread made
            self._listed = (time.monotonic() + 10 * took, listing) if took > COSTLY_SECONDS else None
        return listing

    def _changed(self) -> None:
        """To be called after each change: the last listing is no good any more."""
        self._num_changes += 1
        self._listed = None

    def update(self, run: Run, **changes: Any) -> Run:
        """Writes a run with some of its values changed and returns it.

        Where the disk refuses, the change is kept in memory, so that pages of this process still show the truth.
        A run whose folder is gone stays gone. A name that was changed meanwhile stays changed.
        """
        changed = dataclasses.replace(run, **changes)
        try:
            with self._alone():
                with contextlib.suppress(InvalidInput):
                    changed = dataclasses.replace(changed, name=self._read_record(run.folder).name)
                self._write_record(changed)
                self._unsaved.pop(run.id, None)
        except (OSError, InvalidInput):
            if run.folder.is_dir():
                self._unsaved[run.id] = changed
                self._changed()
        return changed

    def begin(self, run: Run) -> Run:
        """Marks a run as running from now on."""
        return self.update(run, status="running", started=_now())

    def end(self, run: Run, status: str, **changes: Any) -> Run:
        """Marks a run as ended: finished, stopped, failed or interrupted. No process owns it any more.

        The log gets its last event first, so that whoever sees the new status finds the log complete. A crash left no
        event, and none is made up for it: the log of an interrupted run ends where it ended.
        """
        interface = {"interface": run.owner.get("interface", "page")}
        ended = dataclasses.replace(run, status=status, ended=_now(), owner=interface, **changes)
        if status != "interrupted":
            try:
                self.append_event(ended, end_event(ended))
            except OSError as error:
                logger.warning("The end of the run %s could not be written into its log: %s", run.id, error)
        return self.update(ended)

    def rename(self, run_id: str, name: str) -> Run:
        """Changes what people call a run.

        Raises:
            InvalidInput: if there is no such run, the name cannot be used, or the record cannot be written.
        """
        with self._alone():
            run = dataclasses.replace(self.get(run_id), name=check_name(name))
            try:
                self._write_record(run)
            except OSError as error:
                raise InvalidInput(f"The new name cannot be saved in {run.folder} ({error.strerror}).") from error
            return run

    def delete(self, run_id: str, *, for_good: bool = False) -> list[str]:
        """Moves a run with its model into the bin.

        Args:
            run_id: The run's id.
            for_good: Whether it does not go into the bin.

        Returns:
            What had to go for good for want of room, by its name.

        Raises:
            InvalidInput: if there is no such run, it is still waiting or training, or it cannot be deleted.
        """
        with self._alone():
            run = self.get(run_id)
            if run.is_active:
                raise InvalidInput("This run is still active. Stop it first, then delete it.")
            try:
                gone: list[str] = []
                if for_good:
                    shutil.rmtree(self.root / run_id)
                else:
                    gone = self.bin.put("run", run.name, self.root / run_id)
            except OSError as error:
                raise InvalidInput(f"The run cannot be deleted ({error.strerror}).") from error
            self._unsaved.pop(run_id, None)
            self.forget_unsaved(run_id)
            self._changed()
            return gone

    def restore(self, item_id: str) -> Run:
        """Brings a deleted run back.

        Raises:
            InvalidInput: if it is not in the bin any more, or cannot be moved.
        """
        with self._alone():
            item = self.bin.restore(item_id)
            self._changed()
            return self.get(item.place)

    def delete_damaged(self, name: str) -> None:
        """Deletes the folder of a run that cannot be read.

        Raises:
            InvalidInput: if it is none, can be read after all, or cannot be deleted.
        """
        with self._alone():
            if name not in self.listing().unreadable:
                raise InvalidInput("This run is not damaged, or not there any more.")
            try:
                shutil.rmtree(self.root / name)
            except OSError as error:
                raise InvalidInput(f"The folder {name} cannot be deleted ({error.strerror}).") from error
            self._changed()

    def append_event(self, run: Run, event: dict[str, Any]) -> None:
        """Adds an event to a run's log.

        Raises:
            OSError: if it cannot be written.
        """
        handle = os.open(run.folder / LOG_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, PRIVATE)
        with os.fdopen(handle, "a", encoding="utf-8") as log:
            log.write(strict_json(event) + "\n")

    def events(self, run: Run) -> list[dict[str, Any]]:
        """The events of a run so far, oldest first; only what is new since the last call is read.

        Of a very long log the reports of progress are thinned out, as no curve shows them all.
        A torn last line, as a crash leaves it, is ignored; so is a missing log.
        """
        with self._lock:
            path = run.folder / LOG_FILE
            reader = self._logs.setdefault(path, LogReader(path))
            self._logs.move_to_end(path)
            while len(self._logs) > MAX_LOGS:
                self._logs.popitem(last=False)
            return reader.read()

    def save_model(self, run: Run, keras_file: bytes) -> None:
        """Writes a run's model.

        Raises:
            OSError: if it cannot be written.
        """
        write_atomically(run.model_path, keras_file)

    def keep_unsaved(self, run: Run, keras_file: bytes) -> None:
        """Keeps a model that the disk refused in memory, for as long as this process lives; the oldest give way."""
        with self._lock:
            self._unsaved_models[run.id] = keras_file
            while sum(map(len, self._unsaved_models.values())) > MAX_UNSAVED_BYTES and len(self._unsaved_models) > 1:
                self._unsaved_models.popitem(last=False)

    def unsaved_model(self, run_id: str) -> bytes | None:
        """The model of a run that the disk refused, or None."""
        return self._unsaved_models.get(run_id)

    def forget_unsaved(self, run_id: str) -> None:
        """Gives the model up, as it is on disk now, or its run is gone."""
        self._unsaved_models.pop(run_id, None)

    def mark_interrupted(self) -> None:
        """Marks every run whose process is gone, as after a crash, a power cut, or a container started anew.

        A process on another machine is taken for gone once it has given no sign of life for `SILENCE_SECONDS`.
        """
        for run in self.listing().runs:
            lives = process_is_alive(run.owner) if run.is_active else True
            if lives is False or (lives is None and self._is_silent(run.owner)):
                self.end(run, "interrupted")

    def give_sign_of_life(self) -> None:
        """Tells servers of other machines that share this folder that the runs of this process are not given up."""
        with contextlib.suppress(OSError):
            path = self._sign_of(this_process())
            make_private_folder(path.parent)
            path.touch(PRIVATE)

    @contextlib.contextmanager
    def signs_of_life(self) -> Iterator[None]:
        """Gives signs of life for a `with` block, as a run needs them that no queue looks after."""
        is_over = threading.Event()

        def give() -> None:
            while not is_over.wait(SILENCE_SECONDS / 3):
                self.give_sign_of_life()

        self.give_sign_of_life()
        thread = threading.Thread(target=give, daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()
            with contextlib.suppress(OSError):
                self._sign_of(this_process()).unlink()

    def _is_silent(self, owner: dict[str, Any]) -> bool:
        try:
            seen = self._sign_of(owner).stat().st_mtime
        except (OSError, ValueError):
            return True
        return not -SILENCE_SECONDS < time.time() - seen < SILENCE_SECONDS

    def _sign_of(self, owner: dict[str, Any]) -> Path:
        return self.root / ALIVE_FOLDER / re.sub(r"[^A-Za-z0-9.-]", "_", f"{owner['host']}-{owner['pid']}"[:120])

    def write_problem(self) -> str | None:
        """Why runs cannot be saved at all, in a sentence, or None where they can."""
        folder = self.root
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        try:
            with tempfile.TemporaryFile(dir=folder):
                return None
        except OSError as error:
            return f"Runs cannot be saved: the folder {folder} cannot be written ({error.strerror})."

    def _folders(self) -> list[Path]:
        try:
            with os.scandir(self.root) as entries:
                names = [item.name for item in entries if item.is_dir()]
                return [self.root / name for name in names if name not in OTHER_FOLDERS and not name.startswith(".")]
        except OSError:  # not there yet, or not readable, which `write_problem` says
            return []

    def _read_record(self, folder: Path) -> Run:
        path = folder / RECORD_FILE
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            known = self._records.get(path)
            if known and known[0] == stamp:
                return known[1]
            run = Run.from_json(read_json(path.read_bytes()), folder)
        except FileNotFoundError:
            raise InvalidInput(f"The run {folder.name} does not exist any more.") from None
        except (OSError, ValueError) as error:
            raise InvalidInput(f"The record of the run {folder.name} is damaged: {path} cannot be read.") from error
        self._records[path] = (stamp, run)
        return run

    def _write_record(self, run: Run) -> None:
        write_atomically(run.folder / RECORD_FILE, strict_json(run.to_json(), indent=1).encode())
        self._changed()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
