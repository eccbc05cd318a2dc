"""Hands on the wheel of a run, with a drawing that it reads on the way."""

import re

from playwright.sync_api import Page, expect

from tests.browser.studio_server import StudioServer, draw, settled
from tests.strokes import DRAWINGS


def steps(page: Page) -> int:
    """The steps of the epoch that the paused run has done."""
    status = page.locator(".st-key-train_status")
    expect(status).to_contain_text("paused")
    found = re.search(r"step ([\d,]+) of", status.inner_text())
    return int(found[1].replace(",", "")) if found else 0


def test_a_run_is_paused_does_a_step_slowly_is_changed_and_goes_on_after_a_reload(page: Page, server: StudioServer):
    page.goto("/")
    draw(page, DRAWINGS["7"])
    settled(page)
    page.get_by_role("link", name="Train").click()
    page.get_by_role("spinbutton", name="Epochs").fill("500")
    page.get_by_role("spinbutton", name="Epochs").press("Enter")
    page.locator(".st-key-train_start").get_by_role("button").click()
    own = page.locator(".st-key-train_own_drawing")
    expect(own.locator("tr.winner")).to_contain_text("7")
    expect(own).to_contain_text(re.compile(r"It first saw a 7 at step [\d,]+"))
    page.locator(".st-key-train_pause").get_by_role("button").click()
    before = steps(page)
    expect(page.locator('[class*="st-key-run_2"]').first).to_contain_text("paused")
    page.locator(".st-key-train_slow_step").get_by_role("button").click()
    slowly = page.locator(".st-key-train_slowly")
    expect(slowly).to_contain_text("new w")
    expect(slowly.locator("img")).to_have_count(8)
    assert steps(page) in (before + 1, 1)  # 1 where it was paused at the end of an epoch
    page.locator(".st-key-train_change").get_by_role("button", name="Change").click()
    rate = page.get_by_role("textbox", name="Learning rate").last
    rate.fill("0.02")
    rate.press("Enter")
    page.get_by_role("button", name="Set", exact=True).first.click()
    expect(page.get_by_text("learning rate 0.001 → 0.02").first).to_be_visible()
    page.reload()
    assert steps(page) >= 1
    page.locator(".st-key-train_go_on").get_by_role("button").click()
    expect(page.locator(".st-key-train_pause")).to_be_visible()
    page.locator(".st-key-train_stop").get_by_role("button").click()
    expect(page.locator(".st-key-train_status")).to_contain_text("stopped")
    moments = page.locator(".st-key-train_moments")
    expect(moments).to_contain_text("Time machine")
    moments.get_by_role("slider").press("Home")
    expect(moments).to_contain_text("after 0 steps")
    moments.get_by_role("button", name="Play").click()
    expect(moments).not_to_contain_text("after 0 steps")
