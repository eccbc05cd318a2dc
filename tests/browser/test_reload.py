"""What is unfinished outlives a reload, in its own tab alone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.studio_server import draw
from tests.strokes import DRAWINGS


def answer(page: Page):
    return page.locator(".st-key-draw_answer .digit")


def kept(page: Page, draft: str, text: str) -> None:
    """Waits until the browser has kept a draft that holds a text."""
    page.wait_for_function(f"sessionStorage.getItem('digit-studio:{draft}')?.includes('{text}')")


def test_a_drawing_outlives_a_reload_in_its_own_tab(page: Page):
    page.goto("/")
    draw(page, DRAWINGS["3"])
    expect(answer(page)).to_have_text("3")
    other = page.context.new_page()
    other.goto("/")
    expect(other.locator(".st-key-draw_answer")).to_contain_text("Draw a digit")
    draw(other, DRAWINGS["7"])
    expect(answer(other)).to_have_text("7")
    for tab, digit in ((page, "3"), (other, "7")):
        kept(tab, "draw", "path")
        tab.bring_to_front()  # a browser paints no canvas behind
        tab.reload()
        expect(answer(tab)).to_have_text(digit)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".st-key-draw_answer")).to_contain_text("Draw a digit")
    page.wait_for_function("!sessionStorage.getItem('digit-studio:draw')")
    page.reload()
    expect(page.locator(".st-key-draw_answer")).to_contain_text("Draw a digit")


def test_the_forms_outlive_a_reload(page: Page):
    page.goto("/build")
    page.get_by_role("button", name="Add a layer").click()
    expect(page.locator(".st-key-build_layer_5")).to_be_visible()
    kept(page, "build", "content")
    page.reload()
    expect(page.locator(".st-key-build_layer_5")).to_be_visible()

    page.goto("/train")
    epochs = page.locator(".st-key-train_epochs input")
    epochs.fill("17")
    epochs.press("Enter")
    page.get_by_text("More settings").click()
    name = page.locator(".st-key-train_name input")
    name.fill("half finished")
    name.press("Enter")
    kept(page, "train", "half finished")
    page.reload()
    expect(page.locator(".st-key-train_epochs input")).to_have_value("17")
    expect(page.locator(".st-key-train_name input")).to_have_value("half finished")


def test_a_prediction_and_a_round_outlive_a_reload(page: Page):
    page.goto("/lessons")
    choice = page.get_by_role("radio").first
    choice.check(force=True)
    expect(page.get_by_role("button", name="Run it")).to_be_enabled()
    kept(page, "lesson", "content")
    page.reload()
    expect(page.get_by_role("radio").first).to_be_checked()

    page.goto("/handwriting")
    name = page.locator(".st-key-handwriting_name_given input")
    name.fill("Ada")
    name.press("Enter")
    page.get_by_role("button", name="Start a round").click()
    asked = page.get_by_text("1 of 20")
    expect(asked).to_be_visible()
    digit = asked.text_content()
    kept(page, "handwriting", "digits")
    page.reload()
    expect(page.get_by_text("1 of 20")).to_have_text(digit or "")


def test_back_leads_where_one_was(page: Page):
    """Each page wrote its choice into the address as another step of the history, and Back led to the same page."""
    page.goto("/data")
    expect(page.locator("h1")).to_have_text("Data")
    for name in ("Model", "Evaluate", "Compare", "Train", "Draw"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.locator("h1")).to_have_text(name)
    page.wait_for_url("**/?model=*")
    for name in ("Train", "Compare", "Evaluate", "Model", "Data"):
        page.go_back()
        expect(page.locator("h1")).to_have_text(name)


def test_what_is_chosen_stands_in_the_address_and_stays_chosen(page: Page):
    page.goto("/?model=cnn")
    menu = page.locator(".st-key-draw_model input")
    expect(menu).to_have_value(re.compile("^cnn "))
    menu.click()
    page.get_by_role("option", name=re.compile("^softmax ")).click()
    page.wait_for_url("**/?model=softmax")
    draw(page, DRAWINGS["3"])
    expect(answer(page)).to_have_text("3")
    expect(menu).to_have_value(re.compile("^softmax "))
    page.reload()
    expect(menu).to_have_value(re.compile("^softmax "))


def test_a_link_shows_what_its_sender_saw(page: Page):
    page.goto("/?model=cnn")
    draw(page, DRAWINGS["3"])
    expect(answer(page)).to_have_text("3")
    page.get_by_role("radio", name="Other models").or_(page.get_by_text("Other models", exact=True)).first.click()
    page.wait_for_url("**panel=models**")
    page.get_by_role("button", name="Share").click()
    link = page.get_by_role("dialog").locator("code")
    expect(link).to_contain_text("drawing=")
    expect(page.locator("img.qr")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Drawing as PNG").click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    friend = page.context.browser.new_context()
    other = friend.new_page()
    other.goto(link.text_content() or "")
    expect(answer(other)).to_have_text("3")
    expect(other.locator(".st-key-draw_model input")).to_have_value(re.compile("^cnn "))
    expect(other.locator(".st-key-draw_opinions")).to_be_visible()
    friend.close()
