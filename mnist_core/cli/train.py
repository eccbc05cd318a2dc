"""`train`: as a run, in this process."""

import argparse
import dataclasses
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mnist_core.cli.describe import find_network
from mnist_core.cli.output import NOT_GIVEN, add_json, print_json, print_no_more
from mnist_core.cli.run_settings import add_settings, given_settings
from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import DEFAULT_PRESET, PRESETS
from mnist_core.runs.models import find_run
from mnist_core.runs.recorder import RunRecorder
from mnist_core.runs.run import end_event
from mnist_core.runs.store import RunStore
from mnist_core.training.spec import TrainingSpec

DEFAULT_EPOCHS = TrainingSpec.__dataclass_fields__["epochs"].default


def add_train(commands: Any) -> None:
    """Adds the command `train` to the parser's."""
    parser = commands.add_parser("train", help="train a network and save it as a run")
    parser.set_defaults(command=_train)
    parser.add_argument(
        "--preset", default=NOT_GIVEN, help=f"the architecture: {', '.join(PRESETS)} (default: {DEFAULT_PRESET})"
    )
    add_settings(parser)
    parser.add_argument(
        "--continue",
        dest="continues",
        help="train this run further; settings not given stay its own",
    )
    parser.add_argument(
        "--drawings",
        default=NOT_GIVEN,
        help='a drawings file to learn from besides the dataset; "" for none, where the continued run had one',
    )
    parser.add_argument("--name", help="what to call the run (default: the architecture's name)")
    parser.add_argument("--folder", type=_folder, help="where to keep the run, instead of a new folder below the runs")
    add_json(parser, "each event as a JSON line")


def _folder(text: str) -> Path:
    """A folder that was really named: an empty text would be the one that the command is given in."""
    if not text.strip():
        raise argparse.ArgumentTypeError("a folder has a name")
    return Path(text)


def _train(options: argparse.Namespace) -> None:
    store = RunStore()
    others = {name: getattr(options, name) for name in ("preset", "drawings") if hasattr(options, name)}
    given = {**given_settings(options), **others}
    if options.continues:
        spec = _continued(options, given, store)
    else:
        spec = TrainingSpec(find_network(given.pop("preset", DEFAULT_PRESET)), **given)
    recorder = RunRecorder(
        store, spec, by_path=True, name=options.name, interface="command line", folder=options.folder
    )
    _CommandLineRun(recorder, print_json if options.json else _print_progress).train()


def _continued(options: argparse.Namespace, given: dict[str, Any], store: RunStore) -> TrainingSpec:
    """What another run has trained, for more epochs, with its settings but for those that are given."""
    if "preset" in given:
        raise InvalidInput("--continue keeps the network of the run that it continues. Leave out --preset.")
    earlier = find_run(options.continues, store)
    return dataclasses.replace(
        earlier.spec.as_it_ends(earlier.step), continues=earlier.id, **{"epochs": DEFAULT_EPOCHS, **given}
    )


class _CommandLineRun:
    """A run trained in this process; Ctrl-C stops it and keeps what it has learned."""

    def __init__(self, recorder: RunRecorder, show: Callable[[dict[str, Any]], None]) -> None:
        self.recorder = recorder
        self.show = show
        self.interrupted = False

    def train(self) -> None:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the last where a terminal is closed
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._on_signal)
        recorder = self.recorder
        try:
            from mnist_core.engine.training import train

            spec, start_from, drawings = recorder.run.spec, recorder.start_from, recorder.drawings
            with recorder.store.signs_of_life():
                trained = train(
                    spec,
                    self._report,
                    lambda: self.interrupted,
                    start_from,
                    drawings,
                    keep=recorder.keep,
                    epochs_before=recorder.epochs_before,
                )
        except Exception as error:
            recorder.fail(str(error))
            self._show(end_event(recorder.run))
            raise InvalidInput(f"Training failed: {error}") from error
        recorder.finish(trained.status, trained.keras_file, trained.result, trained.error)
        self._show(end_event(recorder.run))
        if recorder.run.error:
            raise InvalidInput(recorder.run.error)

    def _on_signal(self, *_: Any) -> None:
        self.interrupted = True

    def _report(self, event: dict[str, Any]) -> None:
        self.recorder.take(event)
        self._show(event)

    def _show(self, event: dict[str, Any]) -> None:
        """Prints an event; the run goes on where nobody reads it any more."""
        try:
            self.show(event)
        except OSError:  # a pipe whose reader has gone, or a terminal that was closed
            print_no_more()


def _print_progress(event: dict[str, Any]) -> None:
    """Shows an event to a person: steps on one line that is written over, epochs and the end on lines of their own."""
    kind, on_terminal = event["event"], sys.stdout.isatty()
    if kind == "progress" and on_terminal:
        share = event["step"] / event["steps"]
        bar = f"{'█' * round(24 * share):░<24}"
        print(
            f"\repoch {event['epoch']}  {bar} {share:4.0%}  loss {event['loss']:.4f}  "
            f"accuracy {event['accuracy']:.4f} ",
            end="",
            flush=True,
        )
    elif kind == "started":
        print(f"{event['num_params']:,} parameters, {event['num_train']:,} pictures, {event['epochs']} epochs")
    elif kind == "epoch":
        print(
            f"{chr(13) if on_terminal else ''}epoch {event['epoch']}  loss {event['loss']:.4f}  "
            f"accuracy {event['accuracy']:.4f}  val_loss {event['val_loss']:.4f}  "
            f"val_accuracy {event['val_accuracy']:.4f}  {event['seconds']:.1f} s" + " " * 20 * on_terminal,
            flush=True,
        )
    elif kind == "finished":
        print(f"test loss {event['test_loss']:.4f}  test accuracy {event['test_accuracy']:.4f}\n{event['model']}")
    elif kind == "stopped":
        print(f"\nstopped after {event['epochs']} epochs; what was learned is kept\n{event['model']}")
