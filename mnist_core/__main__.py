"""The command line: `python -m mnist_core train|predict|evaluate|summary|code`."""

import argparse
import dataclasses
import json
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from mnist_core.architectures import ArchitectureStore
from mnist_core.datasets import DATASETS, load_dataset, scale
from mnist_core.errors import InvalidInput
from mnist_core.keras_script import as_python, script_sections
from mnist_core.models import earlier_runs, find_model, find_run, starting_model
from mnist_core.presets import DEFAULT_PRESET, PRESETS, preset
from mnist_core.runs import Run, RunStore, end_event
from mnist_core.settings import Limits, limits_of
from mnist_core.specs import ModelSpec, TrainingSpec

NOT_GIVEN = argparse.SUPPRESS


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: The command line without the program's name; by default that of this process.

    Returns:
        The exit status: 0; 2 after one line on standard error for bad input; 130 where it was interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except InvalidInput as error:
        print(f"mnist_core: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m mnist_core", description="Train and use networks without the web page.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)

    train = commands.add_parser("train", help="train a network and save it as a run")
    train.set_defaults(command=_train)
    train.add_argument(
        "--preset", default=NOT_GIVEN, help=f"the architecture: {', '.join(PRESETS)} (default: {DEFAULT_PRESET})"
    )
    for name, limits in limits_of(TrainingSpec).items():
        _add_setting(train, name, limits)
    train.add_argument("--continue", dest="continues", help="train this run further, with its own network and settings")
    train.add_argument("--name", help="what to call the run (default: the architecture's name)")
    train.add_argument("--folder", type=Path, help="where to keep the run, instead of a new folder below the runs")
    _add_json(train, "each event as a JSON line")

    predict = commands.add_parser("predict", help="read drawings from PNG files")
    predict.set_defaults(command=_predict)
    predict.add_argument("--model", default="cnn", help="a model's name, a run's id, or a path (default: cnn)")
    predict.add_argument("files", nargs="+", metavar="drawing.png")
    _add_json(predict, "a JSON line for each file")

    evaluate = commands.add_parser("evaluate", help="measure a model on a dataset's test pictures")
    evaluate.set_defaults(command=_evaluate)
    evaluate.add_argument("--model", required=True, help="a model's name, a run's id, or a path")
    evaluate.add_argument("--dataset", help=f"{' or '.join(DATASETS)} (default: the one it was trained on)")
    _add_json(evaluate, "one JSON object")

    summary = commands.add_parser("summary", help="print Keras's summary of a network")
    summary.set_defaults(command=_summary)
    _add_network(summary)
    _add_json(summary, "one JSON object")
    code = commands.add_parser("code", help="print the plain Keras script that does the same")
    code.set_defaults(command=_code)
    _add_network(code)
    code.add_argument("--form", help="sequential or functional (default: as the architecture is written)")
    _add_json(code, "one JSON object")
    return parser


def _add_setting(parser: argparse.ArgumentParser, name: str, limits: Limits) -> None:
    """An option for a field of the specification, which is left out of the result where it is not given."""
    default = TrainingSpec.__dataclass_fields__[name].default
    if default is True:
        parser.add_argument(
            f"--no-{name}", dest=name, action="store_false", default=NOT_GIVEN, help=f"turns this off: {limits.help}"
        )
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


def _add_json(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"print {what}")


def _whole(text: str) -> int | str:
    """A number where it is one; the specification complains about anything else in its own words."""
    return int(text) if text.lstrip("-").isdecimal() else text


def _train(options: argparse.Namespace) -> None:
    store = RunStore()
    given = {name: getattr(options, name) for name in (*limits_of(TrainingSpec), "preset") if hasattr(options, name)}
    if options.continues:
        spec = _continued(options, given, store)
    else:
        spec = TrainingSpec(_network(given.pop("preset", DEFAULT_PRESET)), **given)
    run = store.create(spec, name=options.name, interface="command line", folder=options.folder)
    _CommandLineRun(store, run, _print_json if options.json else _print_progress).train()


def _continued(options: argparse.Namespace, given: dict[str, Any], store: RunStore) -> TrainingSpec:
    """What another run has trained, for more epochs; nothing else can be changed, as its weights know no other."""
    others = sorted(f"--{name.replace('_', '-')}" for name in given.keys() - {"epochs"})
    if others:
        raise InvalidInput(
            f"--continue keeps the settings of the run that it continues. Leave out {', '.join(others)}."
        )
    earlier = find_run(options.continues, store)
    return dataclasses.replace(earlier.spec, continues=earlier.id, **{"epochs": 5, **given})


class _CommandLineRun:
    """A run trained in this process, which writes its folder as the server does for its own."""

    def __init__(self, store: RunStore, run: Run, show: Any) -> None:
        self.store = store
        self.run = run
        self.show = show
        self.interrupted = False
        self.start_from = starting_model(run.spec, store)

    def train(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            from mnist_core.engine.training import train

            trained = train(self.run.spec, self._report, lambda: self.interrupted, self.start_from)
            self.store.save_model(self.run, trained.keras_file)
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
        self.show(event)

    def _end(self, status: str, **changes: Any) -> None:
        self.run = self.store.end(self.run, status, **changes)
        self.show(end_event(self.run))


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value), flush=True)


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
    from mnist_core.drawing import prepare
    from mnist_core.images import read_picture

    model_path = find_model(options.model, RunStore())
    pictures = [prepare(read_picture(file)).image for file in options.files]
    from mnist_core.engine.prediction import Predictor

    predictor = Predictor(model_path)
    for file, picture in zip(options.files, pictures, strict=True):
        probabilities = [] if picture is None else predictor.predict(picture[None])[0].tolist()
        digit = probabilities.index(max(probabilities)) if probabilities else None
        if options.json:
            _print_json({"file": file, "digit": digit, "probabilities": probabilities or [0.0] * 10})
        else:
            print(f"{file}: {'blank' if digit is None else f'{digit}  ({probabilities[digit]:.1%})'}")


def _evaluate(options: argparse.Namespace) -> None:
    from mnist_core.evaluation import evaluate

    model_path = find_model(options.model, RunStore())
    dataset = load_dataset(options.dataset or _dataset_of(model_path))
    from mnist_core.engine.prediction import Predictor

    probabilities = Predictor(model_path).predict(scale(dataset.x_test))
    found = evaluate(probabilities, dataset.y_test)
    if options.json:
        _print_json(
            {
                "model": options.model,
                "dataset": dataset.name,
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
        print(f"{row:6}" + "".join(f"{count:6}" for count in counts) + f"  {dataset.class_names[row]}")


def _code(options: argparse.Namespace) -> None:
    if options.preset:
        spec, earlier = TrainingSpec(_network(options.preset)), []
    else:
        run = _run_of(options.model)
        spec, earlier = run.spec, earlier_runs(run, RunStore())
    script = as_python(script_sections(spec, options.form, [run.spec for run in earlier]))
    if options.json:
        _print_json({"name": spec.model.name, "code": script})
    else:
        print(script, end="")


def _run_of(name_or_path: str) -> Run:
    """A run by its name, its id, or the path of its folder or model; a record is enough, trained or not."""
    path = Path(name_or_path)
    folder = path.parent if path.suffix == ".keras" else path
    if len(path.parts) > 1:
        return _run_in(folder)
    try:
        return RunStore().get(name_or_path)
    except InvalidInput:
        return find_run(name_or_path, RunStore())


def _run_in(folder: Path) -> Run:
    """The run whose folder this is."""
    folder = folder.resolve()
    return RunStore(folder.parent).get(folder.name)


def _network(name: str) -> ModelSpec:
    """A preset, or an architecture that was saved under this name."""
    saved = ArchitectureStore(RunStore().root).all()
    return saved[name] if name in saved else preset(name)


def _dataset_of(model_path: Path) -> str:
    """The dataset that a model was trained on, or MNIST where no record says."""
    try:
        return _run_in(model_path.parent).spec.dataset
    except InvalidInput:
        return "mnist"


def _summary(options: argparse.Namespace) -> None:
    found = _network(options.preset) if options.preset else find_model(options.model, RunStore())
    from mnist_core.engine.build import build_model, load_model, summary_text

    model = load_model(found) if isinstance(found, Path) else build_model(found)
    if options.json:
        _print_json({"name": model.name, "num_params": model.count_params(), "summary": summary_text(model)})
    else:
        print(summary_text(model))


if __name__ == "__main__":
    sys.exit(main())
