"""The product as a person uses it: a mouse, a page, a training run."""

import contextlib
import re
import time

import psutil
import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from tests.browser.studio_server import StudioServer, draw, expect_seen, seen_pixels, settled, start_server
from tests.strokes import DRAWINGS


def answer(page: Page):
    return page.locator(".st-key-draw_answer")


def status(page: Page):
    return page.locator(".st-key-train_status")


def choose(page: Page, key: str, option: str) -> None:
    """Picks an option of a menu."""
    page.locator(f".st-key-{key} input").first.click()
    page.get_by_role("option", name=option).first.click()


def train(page: Page, epochs: int) -> None:
    """Starts `fc` for some epochs on the full data, and waits until the page shows this run and no other."""
    page.goto("/train")
    page.wait_for_function("window.digitStudioSessions?.train")  # what was typed before has come back
    field = page.locator(".st-key-train_epochs input")
    field.fill(str(epochs))
    field.press("Enter")
    expect(field).to_have_value(str(epochs))
    shown_before = page.url
    page.locator(".st-key-train_start button").click()
    page.wait_for_url(lambda url: "run=" in url and url != shown_before)
    expect(row_of_run(page)).to_be_visible()  # it comes after the panel


def row_of_run(page: Page):
    """The run in the address, in the list of runs."""
    return page.locator(f".st-key-run_{shown_run(page)}")


def shown_run(page: Page) -> str:
    """The id of the run in the address."""
    return re.search(r"run=([\w-]+)", page.url).group(1)  # type: ignore[union-attr]


def choose_for_run(page: Page, run_id: str, what: str) -> None:
    """Picks something from a run's menu; again where the page above has grown meanwhile and pushed it out of view."""
    more = page.locator(f".st-key-more_{run_id} button").first
    item = page.locator(f".st-key-{what}_{run_id} button").first
    for _ in range(20):
        with contextlib.suppress(TimeoutError):
            more.click()
            item.click(timeout=5_000)
            return
        page.keyboard.press("Escape")
        expect(item).to_have_count(0)
    raise AssertionError(f"the menu of {run_id} could not be used")


@pytest.mark.parametrize("digit", DRAWINGS)
def test_a_drawn_digit_is_read(page: Page, digit: str):
    page.goto("/")
    expect(answer(page)).to_contain_text("Draw a digit")
    draw(page, DRAWINGS[digit])
    expect(answer(page).locator(".digit")).to_have_text(digit)
    expect(page.locator(".st-key-draw_probabilities tr.winner th")).to_have_text(digit)
    expect(page.locator(".st-key-draw_probabilities tbody tr")).to_have_count(10)
    expect(page.locator(".st-key-draw_seen img")).to_be_visible()


def test_a_small_digit_in_a_corner_is_read(page: Page):
    """Shrinking the whole canvas reads one such drawing in ten."""
    page.goto("/")
    draw(page, DRAWINGS["7"], scale=0.3, dx=180, dy=190)
    expect(answer(page).locator(".digit")).to_have_text("7")


def test_undo_and_clear(page: Page):
    page.goto("/")
    draw(page, DRAWINGS["7"])
    expect(answer(page).locator(".digit")).to_have_text("7")
    settled(page)
    seven = seen_pixels(page)
    for stroke in ([(20, 240), (260, 20)], [(20, 20), (260, 260)]):
        before = seen_pixels(page)
        draw(page, [stroke])
        expect_seen(page, before, otherwise=True)
        settled(page)
    for _ in range(2):
        page.locator(".st-key-draw_undo button").click()
    expect_seen(page, seven)
    expect(answer(page).locator(".digit")).to_have_text("7")
    page.locator(".st-key-draw_clear button").click()
    expect(answer(page)).to_contain_text("Draw a digit")


def test_a_drawing_is_still_there_after_another_page_and_answers_follow_the_model(page: Page):
    page.goto("/")
    draw(page, DRAWINGS["3"])
    expect(answer(page).locator(".digit")).to_have_text("3")
    settled(page)
    page.get_by_role("link", name="Model").click()
    expect(page.locator(".st-key-model_summary")).to_contain_text("Total params")
    page.get_by_role("link", name="Draw").click()
    expect(answer(page).locator(".digit")).to_have_text("3")
    choose(page, "draw_model", "dense_128")
    expect(answer(page).locator(".digit.word")).to_be_visible()
    expect(page.locator(".st-key-draw_probabilities")).to_contain_text("Ankle boot")
    expect(page).to_have_url(re.compile("model=dense_128"))


@pytest.mark.parametrize(
    ("path", "key"),
    [("/", "draw_canvas"), ("/train", "train_start"), ("/model", "model_summary"), ("/draw", "draw_pad")],
)
def test_a_cold_link_opens_right(browser: Browser, tmp_path, path: str, key: str):
    """On a server nobody has visited yet. A wrong layout of pages shows Streamlit's old navigation here."""
    server = start_server(tmp_path / "home")
    try:
        context = browser.new_context(base_url=server.url)
        page = context.new_page()
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(path)
        expect(page.locator(f".st-key-{key}")).to_be_visible()
        for name in ("Draw", "Train", "Model"):
            expect(page.get_by_role("link", name=name)).to_be_visible()
        context.close()
        assert errors == []
    finally:
        server.stop()


def test_train_watch_reload_and_draw_with_the_result(page: Page):
    train(page, epochs=2)
    expect(status(page)).to_contain_text("running")
    page.reload()
    expect(status(page)).to_contain_text("finished", timeout=300_000)
    rows = page.locator(".st-key-train_metrics tbody tr")
    expect(rows).to_have_count(2)
    accuracy = float(re.search(r"accuracy (\d+\.\d+)", status(page).inner_text()).group(1))  # type: ignore[union-attr]
    assert 96 < accuracy < 99
    page.locator(".st-key-train_draw button").first.click()
    expect(page).to_have_url(re.compile(r"/\?model=\d{8}-"))
    draw(page, DRAWINGS["0"])
    expect(answer(page).locator(".digit")).to_have_text("0")


def test_a_long_run_reloaded_seen_in_two_tabs_and_stopped(page: Page, server: StudioServer):
    train(page, epochs=3000)
    expect(status(page)).to_contain_text(re.compile(r"epoch [3-9]"), timeout=300_000)
    page.reload()
    expect(status(page)).to_contain_text(re.compile(r"running · epoch \d+ of 3000"))

    second = page.context.new_page()
    second.goto("/train")
    expect(status(second)).to_contain_text("running")
    second.goto("/")
    draw(second, DRAWINGS["1"])
    expect(answer(second).locator(".digit")).to_have_text("1")
    train(second, epochs=1)
    expect(status(second)).to_contain_text("waits for 1 run")

    page.locator(".st-key-train_stop button").click()
    expect(status(page)).to_contain_text("stopped", timeout=300_000)
    expect(page.locator(".st-key-train_draw button").first).to_be_visible()
    expect(status(second)).to_contain_text("finished", timeout=300_000)
    second.close()


def test_a_killed_training_process_is_said_and_the_next_run_starts(page: Page, server: StudioServer):
    train(page, epochs=3000)
    expect(status(page)).to_contain_text("running")
    [trainer] = server.training_processes()
    trainer.kill()
    expect(status(page)).to_contain_text("failed")
    expect(page.get_by_text("The training process ended unexpectedly")).to_be_visible()
    train(page, epochs=1)
    expect(status(page)).to_contain_text("finished", timeout=300_000)


def test_a_run_is_renamed_and_deleted_after_a_question(page: Page, server: StudioServer):
    train(page, epochs=1)
    run_id, row = shown_run(page), row_of_run(page)
    expect(row).to_contain_text("finished", timeout=300_000)

    choose_for_run(page, run_id, "rename")
    page.locator(".st-key-rename_name input").fill("A better name")
    page.locator(".st-key-rename_name input").press("Enter")
    page.locator(".st-key-rename_save button").click()
    expect(row).to_contain_text("A better name")

    for sure in (False, True):
        choose_for_run(page, run_id, "delete")
        page.locator(f".st-key-delete_{'sure' if sure else 'keep'} button").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(row).to_have_count(0 if sure else 1)
    assert not (server.home / run_id).exists()


def test_a_name_that_is_being_typed_outlives_the_end_of_a_run(page: Page):
    train(page, epochs=40)
    run_id = shown_run(page)
    choose_for_run(page, run_id, "rename")
    page.locator(".st-key-rename_name input").fill("Half a na")
    expect(status(page)).to_contain_text("running")
    expect(status(page)).to_contain_text("finished", timeout=300_000)
    expect(page.locator(".st-key-rename_name input")).to_have_value("Half a na")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_bad_input_is_answered_where_the_person_looks(page: Page):
    page.goto("/train")
    field = page.locator(".st-key-train_epochs input")
    field.fill("0")
    field.press("Enter")
    expect(page.get_by_text("Epochs: 0 is out of range")).to_be_visible()
    expect(page.locator(".st-key-train_start button")).to_be_disabled()
    field.fill("2")
    field.press("Enter")
    expect(page.locator(".st-key-train_start button")).to_be_enabled()


def test_what_is_typed_just_before_a_press_counts(page: Page, server: StudioServer):
    """Nothing is pressed or waited for in between: neither Enter nor for the page to have taken the number."""
    page.goto("/train")
    button = page.locator(".st-key-train_start button")
    expect(button).to_be_enabled()
    field = page.locator(".st-key-train_epochs input")
    field.fill("3")
    button.click()
    page.wait_for_url("**run=**")
    expect(page.locator(".st-key-train_status")).to_contain_text("of 3")
    expect(status(page)).to_contain_text("finished")


def test_on_a_phone_canvas_and_answer_are_both_in_view(browser: Browser, server: StudioServer):
    context = browser.new_context(
        base_url=server.url, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/")
    draw(page, DRAWINGS["7"])
    expect(answer(page).locator(".digit")).to_have_text("7")
    for part in ("draw_canvas", "draw_answer", "draw_probabilities"):
        box = page.locator(f".st-key-{part}").bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 740 and box["x"] + box["width"] <= 360
    context.close()


def test_ctrl_c_ends_everything(tmp_path):
    """A training process left behind would eat the laptop's battery until somebody finds it."""
    server = start_server(tmp_path / "home")
    while not server.training_processes():
        time.sleep(0.1)
    family = psutil.Process(server.process.pid).children(recursive=True)
    server.stop()
    assert psutil.wait_procs(family, timeout=60)[1] == []
    assert "Traceback" not in (server.home.parent / "server.log").read_text()


def test_the_server_listens_on_this_machine_alone(server: StudioServer):
    processes = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    listening = [c.laddr.ip for process in processes for c in process.net_connections() if c.status == "LISTEN"]
    assert listening and set(listening) <= {"127.0.0.1", "::1"}


def test_from_an_own_network_to_its_code(page: Page):
    """The long road once: build, train, evaluate, read the code."""
    page.goto("/build")
    expect(page.locator(".st-key-build_layer_4")).to_be_visible()
    name = page.locator(".st-key-build_name input")
    name.fill("tiny")
    name.press("Enter")
    page.locator(".st-key-build_layer_2").get_by_role("button", name="✕").first.click()
    expect(page.locator(".st-key-build_layer_4")).to_have_count(0)
    expect(page.get_by_text("28×28 → 784 → 32 → 10")).to_be_visible()
    page.locator(".st-key-build_layer_1").get_by_role("button", name="✕").first.click()
    expect(page.get_by_text("Put a Flatten before it")).to_be_visible()
    expect(page.locator(".st-key-build_train button").first).to_be_disabled()
    page.locator(".st-key-build_take button").first.click()
    expect(page.locator(".st-key-build_train button").first).to_be_enabled()
    page.locator(".st-key-build_train button").first.click()

    expect(page.get_by_text("104,938 parameters")).to_be_visible()
    field = page.locator(".st-key-train_epochs input")
    field.fill("1")
    field.press("Enter")
    expect(field).to_have_value("1")
    before = page.url
    page.locator(".st-key-train_start button").click()
    page.wait_for_url(lambda url: "run=" in url and url != before)
    run_id = shown_run(page)
    page.goto(f"/train?run={run_id}")  # shows this run alone, and not for a moment the one before it
    expect(status(page)).to_contain_text("finished", timeout=300_000)

    page.goto(f"/evaluate?model={run_id}")
    expect(page.locator(".st-key-evaluate_figures")).to_contain_text(re.compile(r"9\d\.\d\d %"))
    expect(page.locator(".st-key-evaluate_examples figure")).to_have_count(15)
    page.get_by_role("tab", name="Confusion matrix").click()
    expect(page.locator(".st-key-evaluate_cell")).to_contain_text("No cell is chosen")

    page.goto(f"/model?model={run_id}")
    page.get_by_role("tab", name="Keras code").click()
    expect(page.locator(".st-key-model_code")).to_contain_text("layers.Dense(128, activation=")
    with page.expect_download() as download:
        page.locator(".st-key-model_py button").first.click()
    assert "model.fit(" in download.value.path().read_text()


def test_a_lesson_from_prediction_to_answer(page: Page):
    page.goto("/lessons")
    expect(page.locator(".st-key-lesson_start button").first).to_be_disabled()
    page.get_by_text("It hardly changes").click()
    page.locator(".st-key-lesson_start button").first.click()
    answer = page.locator(".st-key-lesson_answer")
    expect(answer).to_contain_text("You predicted: It hardly changes. Not quite: It rises", timeout=300_000)
    expect(page.locator(".st-key-lesson_results tbody tr")).to_have_count(2)
    expect(page.locator(".st-key-lesson_results")).to_contain_text("82.6 %")
    expect(page.get_by_role("radio", name="It falls")).to_have_count(0)  # what was predicted stands
    page.get_by_role("button", name="Predict again").first.click()
    expect(page.locator(".st-key-lesson_results")).to_have_count(0)
    page.get_by_text("It rises by a point or more").click()
    expect(answer).to_contain_text("It came true")


@pytest.mark.parametrize("path", ["train", "several", "build", "data", "model", "evaluate", "compare", "lessons"])
def test_each_page_opens_from_a_link_without_an_error(page: Page, path: str):
    page.goto(f"/{path}")
    expect(page.get_by_role("link", name=path.capitalize())).to_be_visible()
    expect(page).to_have_title(f"{path.capitalize()} · Digit Studio")
    expect(page.locator("[data-testid=stMain] [data-testid=stVerticalBlock]").first).not_to_be_empty()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
