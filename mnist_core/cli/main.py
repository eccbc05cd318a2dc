"""The command line: `digit-studio COMMAND`, or `python -m mnist_core COMMAND`."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from mnist_core.cli.cluster import add_cluster, add_scheduler, add_worker
from mnist_core.cli.describe import add_code, add_export, add_snapshots, add_summary
from mnist_core.cli.drawings import add_drawings
from mnist_core.cli.evaluate import add_calibrate, add_evaluate
from mnist_core.cli.import_model import add_import
from mnist_core.cli.output import print_no_more
from mnist_core.cli.predict import add_predict
from mnist_core.cli.serve import add_serve
from mnist_core.cli.train import add_train
from mnist_core.errors import InvalidInput

COMMANDS = (
    add_serve, add_train, add_predict, add_evaluate, add_summary, add_snapshots, add_code, add_export, add_import,
    add_calibrate, add_drawings, add_cluster, add_scheduler, add_worker,
)  # fmt: skip
"""What adds each command, in the order of the help."""


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; `digit-studio` without any starts the app.

    Args:
        arguments: The command line without the program's name; by default that of this process.

    Returns:
        The exit status: 0; 2 after one line on standard error for bad input; 130 where it was interrupted; 141 where
        nobody reads what it prints any more, as after `| head`.
    """
    is_program = Path(sys.argv[0]).stem == "digit-studio"
    given = sys.argv[1:] if arguments is None else arguments
    parser = command_parser("digit-studio" if is_program else "python -m mnist_core")
    options = parser.parse_args(["serve"] if is_program and not given else given)
    try:
        options.command(options)
        sys.stdout.flush()
    except InvalidInput as error:
        print(f"{'digit-studio' if is_program else 'mnist_core'}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        print_no_more()
        return 141
    return 0


def command_parser(program: str) -> argparse.ArgumentParser:
    """The parser of all commands.

    Args:
        program: What the command line begins with.
    """
    parser = _Parser(prog=program, description="Train and use networks, with the web page (serve) or without.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)
    for add in COMMANDS:
        add(commands)
    return parser
