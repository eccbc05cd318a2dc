"""The command `drawings`."""

import gzip
import json

import pytest

from mnist_core.cli.main import main
from mnist_core.drawing.drawings_file import drawings_content, read_drawings
from mnist_core.drawing.strokes import Drawing, read_strokes
from tests.cli.commands import lines

UNIPEN = """.VERSION 1.0
.SEGMENT DIGIT ? ? "7"
.PEN_DOWN
 100 400
 300 400
.PEN_UP
.SEGMENT DIGIT ? ? "1"
.PEN_DOWN
 250 400
 250 100
.PEN_UP
"""


@pytest.fixture
def people(tmp_path):
    """A file of six drawings by three people."""
    drawings = [
        Drawing(read_strokes([[[10 * i, 20], [30, 40 + i]]]), i, writer)
        for i, writer in enumerate(["ada", "bob", "cyd", "ada", "bob", "cyd"])
    ]
    path = tmp_path / "people.jsonl"
    path.write_bytes(drawings_content(drawings))
    return path


def test_unipen_text_becomes_a_drawings_file(tmp_path, capsys):
    source, target = tmp_path / "pendigits-orig.tra", tmp_path / "pen.jsonl.gz"
    source.write_text(UNIPEN)
    assert main(["drawings", "--json", str(source), str(target)]) == 0
    assert lines(capsys) == [{"file": str(target), "drawings": 2, "writers": 1}]
    assert gzip.decompress(target.read_bytes()).startswith(b"{")
    assert [drawing.label for drawing in read_drawings(target)] == [7, 1]


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        (["--only", "ada"], [0, 3]),
        (["--without", "ada"], [1, 2, 4, 5]),
        (["--only", "ada,bob", "--without", "bob"], [0, 3]),
        ([], [0, 1, 2, 3, 4, 5]),
    ],
)
def test_writers_are_chosen(people, tmp_path, options, labels, capsys):
    target = tmp_path / "chosen.jsonl"
    assert main(["drawings", str(people), str(target), *options]) == 0
    assert f"drawings {len(labels)}" in capsys.readouterr().out
    assert [json.loads(line)["label"] for line in target.read_text().splitlines()] == labels


@pytest.mark.parametrize(
    ("options", "sentence"),
    [(["--only", "eve"], "has no writer eve"), (["--without", "ada,bob,cyd"], "No drawing is left")],
)
def test_a_choice_that_leaves_nothing_is_a_sentence_and_writes_nothing(people, tmp_path, options, sentence, capsys):
    target = tmp_path / "chosen.jsonl"
    assert main(["drawings", str(people), str(target), *options]) == 2
    assert sentence in capsys.readouterr().err and not target.exists()


def test_a_target_that_cannot_be_written_is_a_sentence(people, tmp_path, capsys):
    assert main(["drawings", str(people), str(tmp_path / "nowhere" / "pen.jsonl")]) == 2
    assert "cannot be written" in capsys.readouterr().err
