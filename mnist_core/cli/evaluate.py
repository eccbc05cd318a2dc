"""`evaluate` and `calibrate`."""

import argparse
from pathlib import Path
from typing import Any

from mnist_core.cli.describe import run_in
from mnist_core.cli.drawings import drawn
from mnist_core.cli.output import add_json, print_json
from mnist_core.datasets import DATASETS, load_dataset, scale
from mnist_core.drawing.inking import BRUSH_SHARES
from mnist_core.errors import InvalidInput
from mnist_core.runs.models import find_model
from mnist_core.runs.store import RunStore


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
        help="with --drawings: width of the brush as a share of each drawing's longer side (default: at random, "
        f"{BRUSH_SHARES[0]:g} to {BRUSH_SHARES[1]:g})",
    )
    add_json(parser, "one JSON object")


def add_calibrate(commands: Any) -> None:
    """Adds the command `calibrate` to the parser's."""
    parser = commands.add_parser("calibrate", help="make a model's probabilities true, by drawings it never saw")
    parser.set_defaults(command=_calibrate)
    parser.add_argument("--model", required=True, help="a model's name, a run's id, or a path")
    parser.add_argument("--drawings", required=True, help="a drawings file that it has not learned from")
    add_json(parser, "one JSON object")


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


def _calibrate(options: argparse.Namespace) -> None:
    from mnist_core.evaluation.calibration import calibrate, roc_auc, write_calibration
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
        "threshold": found.rejection_threshold,
        "calibration_error_before": found.error_before,
        "calibration_error": found.expected_calibration_error,
        "roc_area": roc_auc(sure, unsure),
        "digits_refused": float((sure < found.rejection_threshold).mean()),
        "others_refused": float((unsure < found.rejection_threshold).mean()),
        "others_over_0.9": float((unsure > 0.9).mean()),
    }
    if options.json:
        print_json(figures)
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):<26}{value:.4f}")


def _dataset_of(model_path: Path) -> str:
    """The dataset that a model was trained on, or MNIST where no record says."""
    try:
        return run_in(model_path.parent).spec.dataset
    except InvalidInput:
        return "mnist"
