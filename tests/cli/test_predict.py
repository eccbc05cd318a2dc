"""The command `predict`."""

import json

import numpy as np
from PIL import Image

from mnist_core.cli.main import main
from tests.cli.commands import lines


def test_a_blank_drawing_has_no_digit(capsys, tmp_path):
    Image.new("RGBA", (280, 280), (0, 0, 0, 0)).save(tmp_path / "blank.png")
    assert main(["predict", "--model", "fc", "--json", str(tmp_path / "blank.png")]) == 0
    assert lines(capsys)[0]["digit"] is None


def test_one_bad_file_does_not_keep_the_others_from_being_read(capsys, digit_png, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(digit_png.read_bytes()[:300])
    assert main(["predict", "--model", "fc", "--json", str(broken), str(digit_png)]) == 2
    output = capsys.readouterr()
    assert json.loads(output.out)["digit"] == 7 and "damaged or cut short" in output.err


def test_a_photograph_is_read_on_the_command_line_too(capsys, digit_png, tmp_path):
    """Grey paper and its shadow were taken for ink."""
    ink = 255 - np.asarray(Image.open(digit_png).convert("L"), float)
    light = np.linspace(150, 235, 280)[None] + np.random.default_rng(0).normal(0, 3, (280, 280))
    path = tmp_path / "photo.jpg"
    Image.fromarray(np.clip(light * (1 - 0.8 * ink / 255), 0, 255).astype(np.uint8)).save(path, quality=90)
    assert main(["predict", "--model", "digits", "--json", str(path)]) == 0
    assert lines(capsys)[0]["digit"] == 7


def test_the_first_of_several_pictures_is_read_and_said(capsys, digit_png, tmp_path):
    seven = Image.open(digit_png).convert("RGB")
    seven.save(tmp_path / "two.pdf", save_all=True, append_images=[Image.new("RGB", (90, 90), "white")])
    assert main(["predict", "--model", "digits", str(tmp_path / "two.pdf")]) == 0
    output = capsys.readouterr().out
    assert "two.pdf: 7" in output and "This is the first of the 2 pages." in output
