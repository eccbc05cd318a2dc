"""Strokes, and JSON that is none."""

import pytest

from mnist_core.drawing.image_files import read_drawing
from mnist_core.errors import InvalidInput


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"a": 1}', 'a list of "objects"'),
        ("[1, 2]", 'a list of "objects"'),
        ("{", "neither a picture nor JSON"),
        ("[" * 100_000, "neither a picture nor JSON"),
        ('{"objects": [' + ",".join(['{"path": [["M", 1, 2]]}'] * 10_000) + "]}", "1 to 1,000 strokes"),
        ('{"objects": [{"path": [["M", "a", "b"]]}]}', "not a list of points"),
    ],
)
def test_json_that_is_no_drawing_is_a_sentence(tmp_path, content, sentence):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(InvalidInput, match=sentence):
        read_drawing(tmp_path / "x.json")
