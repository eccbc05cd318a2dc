"""Drawing in other ways, and what can be done with a drawing, as a person does it."""

import base64
import io
import itertools
import json
import re
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from mnist_core.drawing.inking import ink
from tests.browser.install import find_browser
from tests.browser.studio_server import CHROMIUM_FLAGS, StudioServer, draw, expect_seen, seen_pixels, settled
from tests.strokes import DRAWINGS

HAND = {label: [[[x, y] for x, y in stroke] for stroke in DRAWINGS[label]] for label in DRAWINGS if len(label) == 1}


def answer(page: Page):
    return page.locator(".st-key-draw_answer .digit")


def panel(page: Page, name: str) -> None:
    """Opens one of the panels below the canvas."""
    page.locator(".st-key-draw_panel").get_by_text(name).click()


def test_a_finger_draws_on_a_phone_and_the_page_stays_where_it_is(browser: Browser, server: StudioServer):
    context = browser.new_context(
        base_url=server.url, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/")
    canvas = page.locator(".st-key-draw_canvas canvas.upper-canvas")
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box
    finger = context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    for stroke in DRAWINGS["7"]:
        touch("touchStart", stroke[0])
        for before, after in itertools.pairwise(stroke):
            for share in np.linspace(0.1, 1, 10):
                touch("touchMove", tuple(np.array(before) * (1 - share) + np.array(after) * share))
        touch("touchEnd")
    expect(answer(page)).to_have_text("7")
    assert page.evaluate("[window.scrollY, document.querySelector('[data-testid=stMain]').scrollTop]") == [0, 0]
    for part in (canvas, answer(page), page.locator(".st-key-draw_probabilities tr.winner")):
        expect(part).to_be_in_viewport(ratio=1)
    width = "[document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
    assert page.evaluate(width) == [360, 360], "the page slides sideways"
    context.close()


def test_the_steps_are_shown_and_can_be_switched_off(page: Page):
    page.goto("/")
    draw(page, DRAWINGS["7"], scale=0.4, dx=100, dy=100)
    expect(answer(page)).to_have_text("7")
    panel(page, "How it was read")
    figures = page.locator(".steps figure")
    expect(figures).to_have_count(6)
    expect(figures.nth(1)).to_contain_text("Drawn again")
    settled(page)
    before = seen_pixels(page)
    page.locator(".st-key-draw_step_crop label").first.click()
    expect_seen(page, before, otherwise=True)
    expect(figures.nth(2)).to_contain_text("Left out")
    page.locator(".st-key-draw_step_crop label").first.click()
    expect_seen(page, before)
    page.locator(".st-key-draw_redraw label").first.click()
    expect(figures).to_have_count(5)
    expect(figures.first).to_contain_text("ink")
    panel(page, "Other models")
    page.locator(".st-key-draw_all_steps button").click()
    expect_seen(page, before)
    expect(page.locator(".st-key-draw_all_steps")).to_have_count(0)


def test_all_steps_are_on_again_whatever_else_happens_at_that_moment(page: Page):
    """The press was undone where the browser sent another change with it: it still showed the switch as off."""
    page.goto("/")
    draw(page, DRAWINGS["7"])
    panel(page, "How it was read")
    page.locator(".st-key-draw_redraw label").first.click()
    expect(page.locator(".st-key-draw_all_steps")).to_be_visible()
    page.evaluate(
        """() => {
            document.querySelector(".st-key-draw_all_steps button").click();
            const panels = [...document.querySelectorAll(".st-key-draw_panel button")];
            panels.find(button => button.textContent.includes("Other models")).click();
        }"""
    )
    expect(page.locator(".st-key-draw_opinions")).to_be_visible()
    expect(page.locator(".st-key-draw_all_steps")).to_have_count(0)
    panel(page, "How it was read")
    expect(page.locator(".st-key-draw_redraw input")).to_be_checked()
    expect(page.locator(".steps figure")).to_have_count(6)


def test_several_models_answer_and_training_pictures_are_found(page: Page):
    page.goto("/")
    draw(page, DRAWINGS["3"])
    expect(answer(page)).to_have_text("3")
    panel(page, "Other models")
    rows = page.locator(".st-key-draw_opinions tbody tr")
    bars = rows.first.locator(".mini span")
    expect(bars).to_have_count(10)
    assert all(bar.bounding_box()["width"] > 3 for bar in bars.all()), "the bars were there and could not be seen"
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("digits")
    expect(rows.first.locator("td").nth(1)).to_have_text(re.compile("3"))
    panel(page, "Nearest training images")
    expect(page.locator(".st-key-draw_alike .tile")).to_have_count(9)
    panel(page, "How sure is it?")
    expect(page.get_by_text("temperature", exact=False).first).to_be_visible()


def on_paper() -> Image.Image:
    """A 3 on paper, with light from one side and noise, 640×480."""
    strokes = [np.array(stroke, np.float32) * 1.5 + np.array([120, 30], np.float32) for stroke in DRAWINGS["3"]]
    paper = ink(strokes, 14, 640)[:480, :, 0] / 255
    light = 130 + 90 * np.linspace(0, 1, 640)[None, :]
    grey = np.clip(light * (0.35 + 0.65 * paper) + np.random.default_rng(0).normal(0, 5, paper.shape), 0, 255)
    return Image.fromarray(grey.astype(np.uint8)).convert("RGB")


SHOWS_PAPER = """() => {
    const video = document.querySelector(".st-key-draw_camera video");
    if (!video || video.readyState < 2) return false;
    const canvas = Object.assign(document.createElement("canvas"), {width: 32, height: 24});
    const pen = canvas.getContext("2d");
    pen.drawImage(video, 0, 0, 32, 24);
    return pen.getImageData(0, 0, 32, 24).data[4 * (12 * 32 + 30)] > 60;
}"""
"""Whether the camera shows the sheet: its first frames are black."""


def test_a_camera_takes_a_digit(browser: Browser, server: StudioServer, tmp_path):
    """Chromium shows a film of a sheet of paper in place of a camera."""
    on_paper().save(tmp_path / "frame.jpg", quality=90)
    film = tmp_path / "paper.mjpeg"
    film.write_bytes((tmp_path / "frame.jpg").read_bytes() * 5)
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags.append(f"--use-file-for-fake-video-capture={film}")
    with_camera = browser.browser_type.launch(executable_path=find_browser(), args=[*CHROMIUM_FLAGS, *flags])
    page = with_camera.new_page()
    page.goto(server.url)
    page.locator(".st-key-draw_picture_menu button:visible").click()
    page.locator(".st-key-draw_use_camera label").first.click()
    page.wait_for_function(SHOWS_PAPER, timeout=300_000)
    page.get_by_role("button", name="Take Photo").click()
    expect(answer(page)).to_have_text("3")
    expect(page.locator(".st-key-draw_camera")).to_have_count(0)
    with_camera.close()


def test_a_photograph_goes_down_the_same_road(page: Page, tmp_path):
    """Paper is not white, ink is not black, and light falls from one side."""
    on_paper().save(tmp_path / "photo.jpg", quality=80)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    page.goto("/")
    page.locator(".st-key-draw_picture_menu button:visible").click()
    upload = page.locator(".st-key-draw_upload input[type=file]")
    upload.set_input_files(tmp_path / "broken.png")
    expect(page.get_by_text("broken.png").first).to_be_visible()
    expect(page.get_by_text("is not a picture").or_(page.get_by_text("cannot be read"))).to_be_visible()
    upload.set_input_files(tmp_path / "photo.jpg")
    expect(answer(page)).to_have_text("3")
    expect(upload).to_have_count(0)  # the dialog has closed, as it lies over the answer
    page.locator(".st-key-draw_instead button").first.click()
    expect(page.locator(".st-key-draw_answer")).to_contain_text("Draw a digit")


def test_a_number_is_read_in_its_order(page: Page):
    page.goto("/number")
    canvas = page.locator(".st-key-number_canvas canvas.upper-canvas")
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box
    for place, digit in enumerate("731"):
        for stroke in DRAWINGS[digit]:
            points = [(box["x"] + 10 + place * 190 + 0.6 * x, box["y"] + 20 + 0.6 * y) for x, y in stroke]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point, steps=6)
            page.mouse.up()
    expect(page.locator(".st-key-number_answer .digit")).to_have_text("731")
    expect(page.locator(".st-key-number_answer .tile")).to_have_count(3)
    page.get_by_role("link", name="Draw", exact=True).click()
    page.locator(".st-key-draw_canvas").wait_for()
    page.get_by_role("link", name="Number").click()
    expect(page.locator(".st-key-number_answer .digit")).to_have_text("731")
    page.locator(".st-key-number_undo button").click()
    expect(page.locator(".st-key-number_answer .digit")).to_have_text("73")


def test_handwriting_is_kept_corrected_and_learned(page: Page, tmp_path):
    rng = np.random.default_rng(0)
    lines = []
    for index in range(40):
        label = list(HAND)[index % len(HAND)] if index % 8 else str(index // 8)
        strokes = HAND.get(label, HAND["3"])
        moved = [[[x + rng.normal(0, 4), y + rng.normal(0, 4)] for x, y in stroke] for stroke in strokes]
        lines.append(json.dumps({"label": int(label), "writer": "ada", "strokes": moved}))
    (tmp_path / "hand.jsonl").write_text("\n".join(lines))

    page.goto("/")
    draw(page, DRAWINGS["7"])
    expect(answer(page)).to_have_text("7")
    page.locator(".st-key-draw_feedback_name button").first.click()
    name = page.locator(".st-key-handwriting_name_given input")
    name.fill("Ada")
    name.press("Enter")
    page.locator(".st-key-draw_right button").first.click()
    expect(page.locator(".st-key-draw_feedback")).to_contain_text("Kept")

    page.get_by_role("link", name="Handwriting").click()
    expect(page.locator(".st-key-handwriting_set .tile")).to_have_count(1)
    expect(page.locator(".st-key-handwriting_readers tbody tr").first).to_contain_text("%")
    page.locator(".st-key-handwriting_load button").first.click()
    page.locator(".st-key-handwriting_file input[type=file]").set_input_files(tmp_path / "hand.jsonl")
    expect(page.locator(".st-key-handwriting_set .tile")).to_have_count(41)
    page.keyboard.press("Escape")
    page.locator(".st-key-handwriting_tune button").first.click()
    result = page.locator(".st-key-handwriting_result")
    expect(result).to_contain_text("of", timeout=300_000)
    expect(result).to_contain_text("fine-tuned model", timeout=300_000)


def test_what_is_no_digit_cannot_be_right_as_one(page: Page):
    """Yes under "not a digit" kept a scribble as the digit that it looked like most."""
    page.goto("/")
    scribble = [[(60 + 160 * (i % 2), 60 + 14 * i) for i in range(12)], [(100, 40), (180, 230)]]
    draw(page, scribble)
    expect(page.locator(".st-key-draw_answer")).to_contain_text("Not a digit")
    page.locator(".st-key-draw_feedback_name button").first.click()
    name = page.locator(".st-key-handwriting_name_given input")
    name.fill("Grace")
    name.press("Enter")
    expect(page.locator(".st-key-draw_feedback")).to_contain_text("Was it a digit all the same?")
    expect(page.locator(".st-key-draw_right")).to_have_count(0)
    panel(page, "Other models")
    expect(page.locator(".st-key-draw_opinions tbody tr").first).to_contain_text("no digit")


def test_a_round_has_a_canvas_of_its_own_and_takes_a_slip_back(page: Page):
    """What was drawn on Draw in mid-round stood under "Draw a 3", one click away from being kept as a 3."""
    page.goto("/")
    draw(page, DRAWINGS["7"])
    expect(answer(page)).to_have_text("7")
    settled(page)
    page.get_by_role("link", name="Handwriting").click()
    name = page.locator(".st-key-handwriting_name_given input")
    name.fill("Mary")
    name.press("Enter")
    page.locator(".st-key-round_start button").first.click()
    keep = page.locator(".st-key-round_next button").first
    expect(keep).to_be_disabled()
    expect(page.get_by_text("1 of 20")).to_be_visible()
    draw(page, DRAWINGS["3"], board="round")
    keep.click()
    expect(page.get_by_text("2 of 20")).to_be_visible()
    page.locator(".st-key-round_back button").first.click()
    expect(page.get_by_text("1 of 20")).to_be_visible()
    page.locator(".st-key-round_end button").first.click()
    expect(page.get_by_text("No drawings here yet")).to_be_visible()
    page.get_by_role("link", name="Draw", exact=True).click()
    expect(answer(page)).to_have_text("7")


def test_a_stroke_may_begin_in_the_upper_right_corner(page: Page):
    """The canvas's own tool bar lay there, unseen, and took every second one."""
    page.goto("/")
    page.wait_for_function(
        """() => [...document.querySelectorAll(".st-key-draw_canvas *")].some(
            host => host.shadowRoot?.querySelector("#without-toolbar"))"""
    )
    for _ in range(2):
        draw(page, [[(272, 8), (200, 60), (150, 120), (100, 220)]])
        expect(page.locator(".st-key-draw_answer .share")).to_be_visible()
        page.locator(".st-key-draw_clear button").click()
        expect(page.locator(".st-key-draw_answer .share")).to_have_count(0)


def test_a_number_is_written_on_a_phone_within_its_width(browser: Browser, server: StudioServer):
    """The canvas is 640 wide: half of it could not be seen, and the page scrolled sideways."""
    context = browser.new_context(base_url=server.url, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto("/number")
    canvas = page.locator(".st-key-number_canvas canvas.upper-canvas")
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360
    for left, name in ((0, "7"), (220, "3")):
        for stroke in DRAWINGS[name]:
            points = [(box["x"] + 10 + left + 0.35 * x, box["y"] + 0.35 * y + 5) for x, y in stroke]
            page.mouse.move(*points[0])
            page.mouse.down()
            for x, y in points[1:]:
                page.mouse.move(x, y, steps=8)
            page.mouse.up()
    expect(page.locator(".st-key-number_answer .digit")).to_have_text("73")
    context.close()


def test_a_pasted_page_of_numbers_is_read_put_right_and_saved(page: Page):
    rows = [[np.array(stroke) * 0.4 + (30 + 110 * place, 40 + 150 * row) for stroke in DRAWINGS[digit]]
            for row, number in enumerate(("73", "31")) for place, digit in enumerate(number)]  # fmt: skip
    content = io.BytesIO()
    strokes = [stroke.astype(np.float32) for digit in rows for stroke in digit]
    Image.fromarray(ink(strokes, 9, 400)).save(content, "PNG")
    page.goto("/number")
    page.locator(".st-key-number_picture_menu button:visible").wait_for()
    settle = page.locator(".st-key-number_answer .answer")
    expect(settle).to_contain_text("Write a number")
    page.evaluate(
        """async data => {
            const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
            const given = new DataTransfer();
            given.items.add(new File([bytes], "page.png", { type: "image/png" }));
            const about = { clipboardData: given, bubbles: true, cancelable: true };
            document.body.dispatchEvent(new ClipboardEvent("paste", about));
        }""",
        base64.b64encode(content.getvalue()).decode(),
    )
    digits = page.locator(".st-key-number_answer .digit")
    expect(digits).to_have_text("73\n31")
    page.get_by_text("Put it right, copy or save it").click()
    page.locator(".st-key-number_correct").get_by_text("2: 3").click()
    page.locator(".st-key-number_is input").fill("8")
    page.locator(".st-key-number_is input").press("Enter")
    page.get_by_role("button", name="Set").click()
    expect(digits).to_have_text("78\n31")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    table = Path(download.value.path()).read_text()
    assert table.splitlines()[0] == "row,number,least_certain" and "\n1,78," in table and "\n2,31," in table


def test_several_digits_on_draw_lead_to_number_with_them(page: Page):
    page.goto("/")
    draw(page, DRAWINGS["7"], scale=0.45, dy=60)
    draw(page, DRAWINGS["3"], scale=0.45, dx=130, dy=60)
    page.get_by_role("button", name="Read it as a number").click()
    expect(page.locator(".st-key-number_answer .digit")).to_have_text("73")
