"""The command line: `python -m mnist_core train|predict|evaluate|summary|code`."""

import argparse
import dataclasses
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from mnist_core.datasets import DATASETS, load_dataset, scale
from mnist_core.drawing.inking import BRUSH_SHARES
from mnist_core.errors import InvalidInput
from mnist_core.files import strict_json, write_atomically
from mnist_core.formatting import in_percent
from mnist_core.networks.fields import Limits, limits_of
from mnist_core.networks.presets import DEFAULT_PRESET, PRESETS, preset
from mnist_core.networks.spec import ModelSpec
from mnist_core.networks.store import ArchitectureStore
from mnist_core.runs.models import (
    DEFAULT_MODEL,
    drawings_file,
    earlier_runs,
    find_model,
    find_run,
    keep_model,
    starting_model,
)
from mnist_core.runs.run import Run, end_event
from mnist_core.runs.store import RunStore
from mnist_core.training.keras_script import as_python, script_sections
from mnist_core.training.spec import TrainingSpec

NOT_GIVEN = argparse.SUPPRESS
DEFAULT_EPOCHS = TrainingSpec.__dataclass_fields__["epochs"].default


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: The command line without the program's name; by default that of this process.

    Returns:
        The exit status: 0; 2 after one line on standard error for bad input; 130 where it was interrupted; 141 where
        nobody reads what it prints any more, as after `| head`.
    """
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
        sys.stdout.flush()
    except InvalidInput as error:
        print(f"mnist_core: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        print_no_more()
        return 141
    return 0


def print_no_more() -> None:
    """Lets what is still printed vanish, now that nobody reads it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m mnist_core", description="Train and use networks without the web page.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)
    for add in (add_train, add_predict, add_evaluate, add_export, add_calibrate, add_drawings, add_summary, add_code):
        add(commands)
    return parser


def add_train(commands: Any) -> None:
    """Adds the command `train` to the parser's."""
    parser = commands.add_parser("train", help="train a network and save it as a run")
    parser.set_defaults(command=_train)
    parser.add_argument(
        "--preset", default=NOT_GIVEN, help=f"the architecture: {', '.join(PRESETS)} (default: {DEFAULT_PRESET})"
    )
    for name, limits in limits_of(TrainingSpec).items():
        _add_setting(parser, name, limits)
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
    parser.add_argument("--folder", type=Path, help="where to keep the run, instead of a new folder below the runs")
    add_json(parser, "each event as a JSON line")


def add_predict(commands: Any) -> None:
    """Adds the command `predict` to the parser's."""
    parser = commands.add_parser("predict", help="read drawings from PNG or JPEG files, or from the canvas's JSON")
    parser.set_defaults(command=_predict)
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"a model's name, a run's id, or a path (default: {DEFAULT_MODEL})"
    )
    parser.add_argument("files", nargs="+", metavar="drawing.png")
    add_json(parser, "a JSON line for each file")


def add_evaluate(commands: Any) -> None:
    """Adds the command `evaluate` to the parser's."""
    parser = commands.add_parser("evaluate", help="measure a model on a dataset's test pictures")
    parser.set_defaults(command=_evaluate)
    parser.add_argument("--model", required=True, help="a model's name, a run's id, or a path")
    pictures = parser.add_mutually_exclusive_group()
    pictures.add_argument("--dataset", help=f"{' or '.join(DATASETS)} (default: the one it was trained on)")
    pictures.add_argument("--drawings", help="a drawings file to measure it on, instead of a dataset")
    parser.add_argument(
        "--brush",
        type=float,
        help="with --drawings: width of the brush as a share of each drawing's longer side (default: by chance, "
        f"{BRUSH_SHARES[0]:g} to {BRUSH_SHARES[1]:g})",
    )
    add_json(parser, "one JSON object")


def add_export(commands: Any) -> None:
    """Adds the command `export` to the parser's."""
    parser = commands.add_parser("export", help="save a model for use elsewhere, without what further training needs")
    parser.set_defaults(command=_export)
    parser.add_argument("--model", required=True, help="a model's name, a run's id, or a path")
    parser.add_argument("target", type=Path, help="the file to write, .keras or .h5")
    add_json(parser, "one JSON object")


def add_calibrate(commands: Any) -> None:
    """Adds the command `calibrate` to the parser's."""
    parser = commands.add_parser("calibrate", help="make a model's probabilities true, by drawings it never saw")
    parser.set_defaults(command=_calibrate)
    parser.add_argument("--model", required=True, help="a model's name, a run's id, or a path")
    parser.add_argument("--drawings", required=True, help="a drawings file that it has not learned from")
    add_json(parser, "one JSON object")


def add_drawings(commands: Any) -> None:
    """Adds the command `drawings` to the parser's."""
    parser = commands.add_parser("drawings", help="convert UNIPEN text to a drawings file, or choose writers from one")
    parser.set_defaults(command=_drawings)
    parser.add_argument("source", help="pendigits-orig.tra, or a .jsonl or .jsonl.gz file")
    parser.add_argument("target", help="the drawings file to write; compressed if it ends in .gz")
    parser.add_argument("--only", help="the writers to keep, with commas between them")
    parser.add_argument("--without", help="the writers to leave out, with commas between them")
    add_json(parser, "one JSON object")


def add_summary(commands: Any) -> None:
    """Adds the command `summary` to the parser's."""
    parser = commands.add_parser("summary", help="print Keras's summary of a network")
    parser.set_defaults(command=_summary)
    _add_network(parser)
    add_json(parser, "one JSON object")


def add_code(commands: Any) -> None:
    """Adds the command `code` to the parser's."""
    parser = commands.add_parser("code", help="print the plain Keras script that does the same")
    parser.set_defaults(command=_code)
    _add_network(parser)
    parser.add_argument("--form", help="sequential or functional (default: as the architecture is written)")
    add_json(parser, "one JSON object")


def _add_setting(parser: argparse.ArgumentParser, name: str, limits: Limits) -> None:
    """An option for a field of the specification, which is left out of the result where it is not given."""
    default = TrainingSpec.__dataclass_fields__[name].default
    if isinstance(default, bool):
        option = f"--no-{name}" if default else f"--{name}"
        action = "store_false" if default else "store_true"
        what = f"turns this off: {limits.help}" if default else limits.help
        parser.add_argument(option.replace("_", "-"), dest=name, action=action, default=NOT_GIVEN, help=what)
        return
    choices = f" One of {', '.join(map(str, limits.choices))}." if limits.choices else ""
    shown = "the optimizer's own" if default is None else default
    parser.add_argument(
        f"--{name.replace('_', '-')}",
        default=NOT_GIVEN,
        type=_whole,
        help=f"{limits.help}{choices} (default: {shown})",
    )


def _add_network(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--preset", help=f"an architecture: {', '.join(PRESETS)}")
    which.add_argument("--model", help="a model's name, a run's id, or a path")


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"print {what}")


def _whole(text: str) -> int | str:
    """A number where it is one; the specification complains about anything else in its own words."""
    return int(text) if text.lstrip("-").isdecimal() else text


def _train(options: argparse.Namespace) -> None:
    store = RunStore()
    names = (*limits_of(TrainingSpec), "preset", "drawings")
    given = {name: getattr(options, name) for name in names if hasattr(options, name)}
    if options.continues:
        spec = _continued(options, given, store)
    else:
        spec = TrainingSpec(find_network(given.pop("preset", DEFAULT_PRESET)), **given)
    # Before there is a run, so that bad input leaves none behind.
    files = starting_model(spec, store), drawings_file(spec, store)
    run = store.create(spec, name=options.name, interface="command line", folder=options.folder)
    _CommandLineRun(store, run, files, print_json if options.json else _print_progress).train()


def _continued(options: argparse.Namespace, given: dict[str, Any], store: RunStore) -> TrainingSpec:
    """What another run has trained, for more epochs, with its settings but for those that are given."""
    if "preset" in given:
        raise InvalidInput("--continue keeps the network of the run that it continues. Leave out --preset.")
    earlier = find_run(options.continues, store)
    return dataclasses.replace(earlier.spec, continues=earlier.id, **{"epochs": DEFAULT_EPOCHS, **given})


class _CommandLineRun:
    """A run trained in this process, which writes its folder as the server does for its own."""

    def __init__(self, store: RunStore, run: Run, files: tuple[bytes | None, bytes | None], show: Any) -> None:
        self.store = store
        self.run = run
        self.show = show
        self.interrupted = False
        self.start_from, self.drawings = files

    def train(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            from mnist_core.engine.training import train

            trained = train(self.run.spec, self._report, lambda: self.interrupted, self.start_from, self.drawings)
            keep_model(self.run, trained.keras_file, self.store)
        except Exception as error:
            self._end("failed", error=str(error))
            raise InvalidInput(f"Training failed: {error}") from error
        self._end(trained.status, result=trained.result)

    def _on_signal(self, *_: Any) -> None:
        self.interrupted = True

    def _report(self, event: dict[str, Any]) -> None:
        if event["event"] == "started":
            self.run = self.store.begin(self.run)
        self.store.append_event(self.run, event)
        self._show(event)

    def _end(self, status: str, **changes: Any) -> None:
        self.run = self.store.end(self.run, status, **changes)
        self._show(end_event(self.run))

    def _show(self, event: dict[str, Any]) -> None:
        """Prints an event; the run goes on where nobody reads it any more."""
        try:
            self.show(event)
        except BrokenPipeError:
            print_no_more()


def print_json(value: dict[str, Any]) -> None:
    print(strict_json(value), flush=True)


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


def _predict(options: argparse.Namespace) -> None:
    from mnist_core.drawing.image_files import read_drawing
    from mnist_core.drawing.photograph import as_drawing
    from mnist_core.drawing.preprocessing import prepare
    from mnist_core.evaluation.calibration import is_refused

    model_path = find_model(options.model, RunStore())
    from mnist_core.engine.prediction import Predictor

    predictor = Predictor(model_path)
    problems = []
    for file in options.files:
        try:
            picture = prepare(as_drawing(read_drawing(file))).image
        except InvalidInput as error:  # the other files are read all the same
            problems.append(str(error))
            continue
        probabilities = [] if picture is None else predictor.predict(picture[None])[0].tolist()
        digit = probabilities.index(max(probabilities)) if probabilities else None
        is_digit = digit is not None and not is_refused(predictor.calibration, probabilities[digit])
        if options.json:
            answer = {"file": file, "digit": digit, "probabilities": probabilities or [0.0] * 10}
            print_json({**answer, "is_digit": is_digit})
        elif digit is None:
            print(f"{file}: blank, as it has one colour all over")
        else:
            doubt = "" if is_digit else "  not a digit, I think"
            print(f"{file}: {digit}  ({in_percent(probabilities[digit], 1)}){doubt}")
    if problems:
        raise InvalidInput(" ".join(problems))


def _evaluate(options: argparse.Namespace) -> None:
    from mnist_core.evaluation.metrics import evaluate

    model_path = find_model(options.model, RunStore())
    if options.drawings is not None:
        images, labels, _ = drawn(options.drawings, options.brush)
        named = {"drawings": options.drawings}
        class_names: tuple[str, ...] = DATASETS["mnist"].class_names
    elif options.brush is not None:
        raise InvalidInput("Brush: a dataset's pictures have their ink already. Give --drawings FILE with it.")
    else:
        dataset = load_dataset(options.dataset or _dataset_of(model_path))
        images, labels, class_names = scale(dataset.x_test), dataset.y_test, dataset.class_names
        named = {"dataset": dataset.name}
    from mnist_core.engine.prediction import Predictor

    found = evaluate(Predictor(model_path).predict(images), labels)
    if options.json:
        print_json(
            {
                "model": options.model,
                **named,
                "test_loss": found.loss,
                "test_accuracy": found.accuracy,
                "confusion_matrix": found.confusion.tolist(),
            }
        )
        return
    print(f"test loss {found.loss:.4f}  test accuracy {found.accuracy:.4f}\n")
    print("rows: true class, columns: predicted")
    print("      " + "".join(f"{column:6}" for column in range(10)))
    for row, counts in enumerate(found.confusion):
        print(f"{row:6}" + "".join(f"{count:6}" for count in counts) + f"  {class_names[row]}")


def drawn(file: str, brush: float | None, num_brushes: int = 1) -> tuple[Any, Any, Any]:
    """Pictures, float32 (N, 28, 28) in [0, 1], labels (N,) and writers (N,) of a drawings file's labelled drawings."""
    import numpy as np

    from mnist_core.drawing.drawings_file import read_drawings
    from mnist_core.drawing.inking import inked_often, mnist_pictures
    from mnist_core.drawing.strokes import labelled, labels_of

    if brush is not None and not 0.005 <= brush <= 1:
        raise InvalidInput(f"Brush: {brush} is out of range. Give a share of the drawing's size from 0.005 to 1.")
    drawings = labelled(read_drawings(file))
    if not drawings:
        raise InvalidInput(f"{file} holds no drawing with a label.")
    if brush is None:
        images, labels = inked_often(drawings, num_brushes)
    else:
        images, labels = mnist_pictures(drawings, brush), labels_of(drawings)
    writers = np.array([drawing.writer for drawing in drawings])
    return scale(images), labels, np.tile(writers, len(labels) // len(writers))


def write_file(target: Path, content: bytes) -> None:
    try:
        write_atomically(target, content)
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written ({error.strerror}).") from error


def _export(options: argparse.Namespace) -> None:
    if options.target.suffix not in (".keras", ".h5"):
        raise InvalidInput(f"{options.target} has neither ending that can be written, .keras or .h5.")
    model_path = find_model(options.model, RunStore())
    from mnist_core.engine.build import file_of, load_model

    content = file_of(load_model(model_path, compile=False), options.target.suffix)
    write_file(options.target, content)
    if options.json:
        print_json({"file": str(options.target), "bytes": len(content)})
    else:
        print(f"{options.target}: {len(content) / 1e6:.1f} MB")


def _calibrate(options: argparse.Namespace) -> None:
    from mnist_core.evaluation.calibration import calibrate, separation, write_calibration
    from mnist_core.training.non_digits import make_non_digits

    model_path = find_model(options.model, RunStore())
    images, labels, writers = drawn(options.drawings, None, num_brushes=2)
    from mnist_core.engine.prediction import Predictor

    predictor = Predictor(model_path)
    people = len(set(writers.tolist()))
    source = f"{len(labels):,} pictures of drawings by {people} people it has not learned from"
    found = calibrate(predictor.predict(images, calibrated=False), labels, writers, source)
    others = scale(make_non_digits(2000, seed=999))  # takes half a minute, and bad input is told by now
    write_calibration(model_path.parent, found)
    predictor = Predictor(model_path)
    sure, unsure = (predictor.predict(pictures).max(axis=1) for pictures in (images, others))
    figures = {
        "temperature": found.temperature,
        "threshold": found.threshold,
        "calibration_error_before": found.error_before,
        "calibration_error": found.error,
        "roc_area": separation(sure, unsure),
        "digits_refused": float((sure < found.threshold).mean()),
        "others_refused": float((unsure < found.threshold).mean()),
        "others_over_0.9": float((unsure > 0.9).mean()),
    }
    if options.json:
        print_json(figures)
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):<26}{value:.4f}")


def _drawings(options: argparse.Namespace) -> None:
    from mnist_core.drawing.drawings_file import drawings_content, read_drawings
    from mnist_core.drawing.unipen import read_unipen

    is_ours = Path(options.source).name.endswith((".jsonl", ".jsonl.gz", ".json"))
    found = read_drawings(options.source) if is_ours else read_unipen(options.source)
    only, without = (set(filter(None, (names or "").split(","))) for names in (options.only, options.without))
    if unknown := (only | without) - {drawing.writer for drawing in found}:
        raise InvalidInput(f"{options.source} has no writer {', '.join(sorted(unknown))}.")
    kept = [item for item in found if (not only or item.writer in only) and item.writer not in without]
    if not kept:
        raise InvalidInput("No drawing is left: --only and --without take all of them out.")
    write_file(Path(options.target), drawings_content(kept, compressed=options.target.endswith(".gz")))
    people = len({drawing.writer for drawing in kept})
    if options.json:
        print_json({"file": options.target, "drawings": len(kept), "writers": people})
    else:
        print(f"{options.target}: drawings {len(kept):,}, writers {people}")


def _code(options: argparse.Namespace) -> None:
    if options.preset:
        spec, earlier = TrainingSpec(find_network(options.preset)), []
    else:
        run = _run_of(options.model)
        spec, earlier = run.spec, earlier_runs(run, RunStore())
    script = as_python(script_sections(spec, options.form, [run.spec for run in earlier]))
    if options.json:
        print_json({"name": spec.model.name, "code": script})
    else:
        print(script, end="")


def _run_of(name_or_path: str) -> Run:
    """A run by its name, its id, or the path of its folder or model; a record is enough, trained or not."""
    path = Path(name_or_path)
    folder = path.parent if path.suffix == ".keras" else path
    if len(path.parts) > 1:
        return run_in(folder)
    try:
        return RunStore().get(name_or_path)
    except InvalidInput:
        return find_run(name_or_path, RunStore())


def run_in(folder: Path) -> Run:
    """The run whose folder this is."""
    folder = folder.resolve()
    return RunStore(folder.parent).get(folder.name)


def find_network(name: str) -> ModelSpec:
    """A preset, or an architecture that was saved under this name."""
    saved = ArchitectureStore(RunStore().root).all()
    return saved[name] if name in saved else preset(name)


def _dataset_of(model_path: Path) -> str:
    """The dataset that a model was trained on, or MNIST where no record says."""
    try:
        return run_in(model_path.parent).spec.dataset
    except InvalidInput:
        return "mnist"


def _summary(options: argparse.Namespace) -> None:
    found = find_network(options.preset) if options.preset else find_model(options.model, RunStore())
    from mnist_core.engine.build import build_model, load_model, summary_text

    model = load_model(found) if isinstance(found, Path) else build_model(found)
    if options.json:
        print_json({"name": model.name, "num_params": model.count_params(), "summary": summary_text(model)})
    else:
        print(summary_text(model))


if __name__ == "__main__":
    sys.exit(main())
