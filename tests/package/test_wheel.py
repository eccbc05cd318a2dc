"""The wheel, started in an empty folder as somebody would who never saw the clone."""

import json
import re
import subprocess
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.studio_server import draw, free_port
from tests.package.conftest import PROJECT
from tests.strokes import DRAWINGS

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_the_wheel_holds_pages_models_data_and_lessons_and_nothing_of_anybodys_own(installed):
    with zipfile.ZipFile(installed.wheel) as archive:
        held = set(archive.namelist())
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True)
    names = tracked.stdout.splitlines() if tracked.returncode == 0 else []
    wanted = {name for name in names if name.startswith("mnist_core/")}
    wanted |= {f"digit_studio/{n}" for n in names if n.startswith(("pages/", "saved_model/", ".streamlit/", "app.py"))}
    assert wanted <= held and "digit_studio/pages/draw.py" in held and "mnist_core/py.typed" in held
    assert not [name for name in held if "/runs/2" in name or "__pycache__" in name or name.startswith("tests/")]


def test_it_starts_in_an_empty_folder_and_reads_a_drawing(installed, browser: Browser):
    """Installed, there is no clone to find pages, models or the style in."""
    port = free_port()
    command = ["digit-studio", "serve", "--port", str(port)]
    with subprocess.Popen(
        command,
        cwd=installed.empty,
        env=installed.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            assert server.stdout
            said = ""
            while "You can now view" not in said and "URL" not in said:
                line = server.stdout.readline()
                assert line, said
                said += line
            assert f"http://localhost:{port}" in said
            page = browser.new_page()
            page.goto(f"http://localhost:{port}")
            draw(page, DRAWINGS["7"])
            expect(page.locator(".st-key-draw_answer .digit")).to_have_text("7")
            grid = page.locator(".st-key-draw_layout").evaluate("element => getComputedStyle(element).display")
            assert grid == "grid", "the style is missing"
            again = subprocess.run(
                command, cwd=installed.empty, env=installed.environment, capture_output=True, text=True
            )
            assert again.returncode == 2 and "already running" in again.stderr
            page.close()
        finally:
            server.terminate()
    assert list(installed.empty.iterdir()) == []


def test_the_command_line_works_and_keeps_runs_in_the_users_own_folder(installed, tmp_path):
    def run(*arguments):
        return subprocess.run(
            ["digit-studio", *arguments], cwd=tmp_path, env=installed.environment, capture_output=True, text=True
        )

    grey = np.full((280, 280), 255, np.uint8)
    grey[60:220, 130:150] = 0
    Image.fromarray(grey).save(tmp_path / "one.png")
    read = run("predict", "--json", "one.png")
    assert read.returncode == 0 and json.loads(read.stdout)["digit"] == 1
    trained = run("train", "--preset", "softmax", "--epochs", "1", "--batch-size", "1024", "--json")
    model = json.loads(trained.stdout.splitlines()[-1])["model"]
    assert re.search(r"user.data.digit-studio.runs", model)
    bad = run("predict", "nothing.png")
    assert bad.returncode == 2 and bad.stderr.startswith("digit-studio: ")
