"""What tests of commands share."""

import json
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
