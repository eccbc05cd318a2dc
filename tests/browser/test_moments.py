"""A drawing, read by a network as it was at every moment of its training."""

import re

from playwright.sync_api import Page, expect

from mnist_core.networks.presets import PRESETS
from mnist_core.runs.recorder import RunRecorder
from mnist_core.runs.store import RunStore
from mnist_core.training.spec import TrainingSpec
from tests.browser.studio_server import StudioServer, draw, settled
from tests.strokes import DRAWINGS


def trained(server: StudioServer) -> str:
    """A short run with its snapshots, by its id."""
    from mnist_core.engine.training import train

    recorder = RunRecorder(RunStore(server.home), TrainingSpec(PRESETS["fc"], epochs=2, dataset_share=0.2))
    done = train(recorder.run.spec, recorder.take, keep=recorder.keep)
    recorder.finish(done.status, done.keras_file, done.result)
    return recorder.run.id


def test_a_drawing_is_read_at_every_moment_and_each_is_a_model(page: Page, server: StudioServer):
    run_id = trained(server)
    page.goto("/")
    draw(page, DRAWINGS["7"])
    settled(page)
    page.get_by_role("link", name="Train").click()
    page.locator(f".st-key-open_{run_id} button").first.click()
    moments = page.locator(".st-key-train_moments")
    winner = moments.locator("tr.winner")
    expect(winner).to_contain_text("7")
    expect(moments).to_contain_text("It first read a 7 here")
    at_the_end = winner.inner_text()
    slider = moments.get_by_role("slider")
    slider.focus()
    slider.press("Home")
    expect(moments).to_contain_text("before training")
    expect(winner).not_to_have_text(at_the_end)
    moments.get_by_role("button", name="Draw with it").click()
    expect(page).to_have_url(re.compile(rf"model={run_id}(@|%40)0"))
    expect(page.locator(".st-key-draw_answer")).to_be_visible()
    settled(page)
    expect(page.get_by_role("combobox", name="Model")).to_have_value(re.compile("at step 0 · MNIST digits · "))
    page.wait_for_function("sessionStorage.getItem('digit-studio:draw')")
    page.goto(f"/train?run={run_id}")  # loaded anew, the page knows the drawing of its tab
    expect(moments).to_contain_text("It first read a 7 here")


def test_the_moments_can_be_deleted_and_the_run_stays(page: Page, server: StudioServer):
    run_id = trained(server)
    page.goto(f"/train?run={run_id}")
    moments = page.locator(".st-key-train_moments")
    expect(moments).to_contain_text("Draw a digit on the Draw page first")
    ruler = page.locator(".ruler")
    expect(ruler).to_contain_text(re.compile(r"epoch 2 · training \d+\.\d\d · validation \d+\.\d\d"))
    ruler.get_by_role("slider").press("ArrowLeft")
    expect(ruler).to_contain_text("epoch 1 ·")
    moments.get_by_role("button", name=re.compile("Delete these moments")).click()
    expect(moments).to_have_count(0)
    assert not list((server.home / run_id / "snapshots").glob("*.npz"))
    expect(page.locator(".st-key-train_draw button").first).to_be_visible()
