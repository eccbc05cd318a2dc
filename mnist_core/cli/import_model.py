"""`import`: models that somebody else trained."""

import argparse
from pathlib import Path
from typing import Any

from mnist_core.cli.output import add_json, print_json
from mnist_core.errors import InvalidInput
from mnist_core.runs.imported import MODEL_ENDINGS, keep_imported, name_of_file
from mnist_core.runs.store import RunStore


def add_import(commands: Any) -> None:
    """Adds the command `import` to the parser's."""
    parser = commands.add_parser("import", help="bring a model from elsewhere in; nothing in its file is run")
    parser.set_defaults(command=_import)
    parser.add_argument("file", type=Path, help="a .keras or .h5 file that was saved by Keras 2 or 3")
    parser.add_argument("--name", help="what the run is called (default: the file's name)")
    add_json(parser, "one JSON object")


def _import(options: argparse.Namespace) -> None:
    path: Path = options.file
    if path.suffix.lower() not in MODEL_ENDINGS:
        raise InvalidInput(f"{path} is no model's file. Its name must end in {', '.join(MODEL_ENDINGS)}.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}).") from error
    from mnist_core.engine.foreign import read_foreign

    foreign = read_foreign(content, options.name or name_of_file(path.name))
    run = keep_imported(foreign, RunStore(), path.name)
    if options.json:
        print_json({"model": run.id, "folder": str(run.folder), "notes": list(foreign.notes), **foreign.result})
    else:
        print("\n".join([*foreign.notes, f"Kept as the run {run.id}. Draw with it, or: predict --model {run.id}"]))
