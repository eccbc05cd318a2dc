"""`drawings`: files of drawings."""

import argparse
from pathlib import Path
from typing import Any

from mnist_core.cli.output import add_json, print_json, write_file
from mnist_core.datasets import scale
from mnist_core.errors import InvalidInput


def add_drawings(commands: Any) -> None:
    """Adds the command `drawings` to the parser's."""
    parser = commands.add_parser("drawings", help="convert UNIPEN text to a drawings file, or choose writers from one")
    parser.set_defaults(command=_drawings)
    parser.add_argument("source", help="pendigits-orig.tra, or a .jsonl or .jsonl.gz file")
    parser.add_argument("target", help="the drawings file to write; compressed if it ends in .gz")
    parser.add_argument("--only", help="the writers to keep, with commas between them")
    parser.add_argument("--without", help="the writers to leave out, with commas between them")
    add_json(parser, "one JSON object")


def drawn(file: str, brush: float | None, num_brushes: int = 1) -> tuple[Any, Any, Any]:
    """Pictures, float32 (N, 28, 28) in [0, 1], labels (N,) and writers (N,) of a drawings file's labelled drawings."""
    import numpy as np

    from mnist_core.drawing.drawings_file import read_drawings
    from mnist_core.drawing.inking import ink_variants, mnist_pictures
    from mnist_core.drawing.strokes import labelled, labels_of

    if brush is not None and not 0.005 <= brush <= 1:
        raise InvalidInput(f"Brush: {brush} is out of range. Give a share of the drawing's size from 0.005 to 1.")
    drawings = labelled(read_drawings(file))
    if not drawings:
        raise InvalidInput(f"{file} holds no drawing with a label.")
    if brush is None:
        images, labels = ink_variants(drawings, num_brushes)
    else:
        images, labels = mnist_pictures(drawings, brush), labels_of(drawings)
    writers = np.array([drawing.writer for drawing in drawings])
    return scale(images), labels, np.tile(writers, len(labels) // len(writers))


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
