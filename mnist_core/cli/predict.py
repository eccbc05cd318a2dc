"""`predict`: drawings from files."""

import argparse
from typing import Any

from mnist_core.cli.output import add_json, print_json
from mnist_core.errors import InvalidInput
from mnist_core.formatting import in_percent
from mnist_core.runs.models import DEFAULT_MODEL, find_model
from mnist_core.runs.store import RunStore


def add_predict(commands: Any) -> None:
    """Adds the command `predict` to the parser's."""
    parser = commands.add_parser("predict", help="read drawings from picture files, or from the canvas's JSON")
    parser.set_defaults(command=_predict)
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"a model's name, a run's id, or a path (default: {DEFAULT_MODEL})"
    )
    parser.add_argument("files", nargs="+", metavar="drawing.png")
    add_json(parser, "a JSON line for each file")


def _predict(options: argparse.Namespace) -> None:
    from mnist_core.drawing.image_files import read_drawing
    from mnist_core.drawing.photograph import as_drawing
    from mnist_core.drawing.preprocessing import prepare
    from mnist_core.evaluation.calibration import is_rejected

    model_path = find_model(options.model, RunStore())
    from mnist_core.engine.prediction import Predictor

    predictor = Predictor(model_path)
    problems = []
    for file in options.files:
        try:
            given = read_drawing(file)
        except InvalidInput as error:  # the other files are read all the same
            problems.append(str(error))
            continue
        picture = prepare(as_drawing(given.pixels)).image
        probabilities = [] if picture is None else predictor.predict(picture[None])[0].tolist()
        digit = probabilities.index(max(probabilities)) if probabilities else None
        is_digit = digit is not None and not is_rejected(predictor.calibration, probabilities[digit])
        note = f"  {given.note}" if given.note else ""
        if options.json:
            answer = {"file": file, "digit": digit, "probabilities": probabilities or [0.0] * 10}
            print_json({**answer, "is_digit": is_digit, **({"note": given.note} if given.note else {})})
        elif digit is None:
            print(f"{file}: blank, as it has one colour all over{note}")
        else:
            doubt = "" if is_digit else "  not a digit, I think"
            print(f"{file}: {digit}  ({in_percent(probabilities[digit], 1)}){doubt}{note}")
    if problems:
        raise InvalidInput(" ".join(problems))
