"""The command line: `python -m mnist_core COMMAND`."""

import argparse
import sys
from typing import NoReturn

from mnist_core.cli.describe import add_code, add_export, add_summary
from mnist_core.cli.drawings import add_drawings
from mnist_core.cli.evaluate import add_calibrate, add_evaluate
from mnist_core.cli.output import print_no_more
from mnist_core.cli.predict import add_predict
from mnist_core.cli.train import add_train
from mnist_core.errors import InvalidInput


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


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m mnist_core", description="Train and use networks without the web page.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)
    for add in (add_train, add_predict, add_evaluate, add_export, add_calibrate, add_drawings, add_summary, add_code):
        add(commands)
    return parser
