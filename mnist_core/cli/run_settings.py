"""The settings of a run as options, for every command that describes one."""

import argparse
from typing import Any

from mnist_core.cli.output import NOT_GIVEN
from mnist_core.networks.fields import Limits, limits_of
from mnist_core.training.spec import TrainingSpec


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Adds an option for each setting of a run to a command's parser."""
    for name, limits in limits_of(TrainingSpec).items():
        _add_setting(parser, name, limits)


def given_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Those settings of a run that a command was given."""
    return {name: getattr(options, name) for name in limits_of(TrainingSpec) if hasattr(options, name)}


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


def _whole(text: str) -> int | str:
    """A number where it is one; the specification complains about anything else in its own words."""
    return int(text) if text.lstrip("-").isdecimal() else text
