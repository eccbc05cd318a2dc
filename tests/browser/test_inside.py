"""The inside of networks in a real browser: it moves with the pen, and what is shown adds up."""

import pytest
from playwright.sync_api import Page, expect

from mnist_core.networks.layers import LAYERS
from mnist_core.networks.spec import ModelSpec
from mnist_core.networks.store import ArchitectureStore
from mnist_core.runs.store import RunStore
from tests.browser.studio_server import StudioServer, draw, press_and_move
from tests.engine.test_inside import NETWORKS
from tests.strokes import DRAWINGS

VIEW = "window.digitStudioViews?.inside"
BOARD = "window.digitStudioBoards.inside"


def ready(page: Page) -> None:
    """Waits until every network has answered for the empty canvas or the picture."""
    page.wait_for_function(f"{VIEW}?.rows.length && {VIEW}.rows.every(row => row.message)")


def sums_of(page: Page, row: int = 0) -> list[int]:
    """For each column of a network a number that is another one for other values."""
    total = "figure.part.values.reduce((sum, value, i) => (31 * sum + value * (i % 7 + 1)) | 0, 0)"
    return page.evaluate(f"{VIEW}.rows[{row}].figures.map(figure => {total})")


def click_value(page: Page, column: int, x: float, y: float) -> None:
    page.locator(".inside-column canvas").nth(column).click(position={"x": x, "y": y})


def test_all_layers_move_with_the_pen_and_any_value_is_explained(page: Page):
    page.goto("/inside?model=cnn")
    ready(page)
    empty = sums_of(page)
    press_and_move(page, "7", board="inside")
    expect(page.locator(".inside-answer")).to_contain_text("7 ·")
    assert all(now != before for now, before in zip(sums_of(page), empty, strict=True))
    page.mouse.up()

    detail = page.locator(".st-key-inside_detail")
    expect(detail).to_contain_text("Click any value")
    said = {1: "kernel", 2: "The largest of these stays", 5: "all that speak for it", 6: "Softmax"}
    for column, words in said.items():
        click_value(page, column, 20, 20)
        expect(detail).to_contain_text(words)
    page.locator(".inside-column canvas").nth(5).focus()
    page.keyboard.press("ArrowRight")
    expect(detail).to_contain_text("Dense layer, relu, neuron 0")
    page.keyboard.press("ArrowRight")
    expect(detail).to_contain_text("Dense layer, relu, neuron 1")
    before = detail.inner_text()
    draw(page, DRAWINGS["3"], board="inside")  # the explanation follows the drawing
    expect(detail).not_to_have_text(before)


def test_reasons_weights_and_the_map(page: Page):
    page.goto("/inside?model=cnn&picture=0")
    ready(page)
    expect(page.locator(".inside-answer")).to_contain_text("7 ·")
    detail = page.locator(".st-key-inside_detail")
    page.get_by_role("radio", name="Why this answer").click()
    expect(detail.locator(".inside-product canvas")).to_have_count(2)
    for method in ("Gradient", "Occlusion", "Grad-CAM"):
        detail.get_by_role("radio", name=method, exact=True).click()
        expect(detail.locator(".inside-product canvas")).to_have_count(2)
    detail.get_by_role("radio", name="Fool it").click()
    slider = detail.locator("input[type=range]")
    expect(slider).to_be_visible()
    expect(detail).to_contain_text("it reads")
    slider.fill("0")
    expect(detail.locator("p").nth(1)).to_contain_text("7 ")
    page.get_by_role("radio", name="Weights", exact=True).last.click()
    expect(detail).to_contain_text("32 kernels of 3×3")
    page.get_by_role("radio", name="Map of test pictures").click()
    expect(detail).to_contain_text("are misread")
    page.wait_for_function(f"{VIEW}.panel.star")
    detail.locator(".inside-map canvas").first.focus()
    seen = []
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        page.wait_for_function(f"seen => ![undefined, ...seen].includes({VIEW}.panel.wanted)", arg=seen)
        seen.append(page.evaluate(f"{VIEW}.panel.wanted"))
        expect(detail).to_contain_text(f"test picture {seen[-1]}:")
    for place in (page.locator(".st-key-inside_layers"), detail):
        with page.expect_download() as saved:
            place.get_by_role("button", name="Save as SVG").click()
        assert saved.value.path().read_text().startswith("<svg") and "7" in saved.value.path().read_text()
        with page.expect_download() as saved:
            place.get_by_role("button", name="Save as PNG").click()
        assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_two_networks_and_weights_before_training(page: Page):
    page.goto("/inside?model=fc&picture=0")
    ready(page)
    trained = sums_of(page)
    page.get_by_role("radio", name="before training").click()
    expect(page.locator("h3.inside-title")).to_contain_text("before training")
    ready(page)
    assert sums_of(page)[1:] != trained[1:] and sums_of(page)[0] == trained[0]
    page.locator(".st-key-inside_other input").click()
    page.get_by_role("option", name="softmax · MNIST").first.click()
    expect(page.locator(".inside-row")).to_have_count(2)
    ready(page)
    expect(page.locator(".inside-answer").last).to_contain_text("7 ·")
    detail = page.locator(".st-key-inside_detail")
    page.get_by_role("radio", name="Weights", exact=True).last.click()
    expect(detail).to_contain_text("128 neurons")
    detail.get_by_role("radio", name="softmax").click()
    expect(detail).to_contain_text("10 neurons, each with 784 weights")
    page.get_by_role("radio", name="Map of test pictures").click()
    expect(detail).to_contain_text("this network has no hidden layer")
    page.set_viewport_size({"width": 1920, "height": 1080})
    expect(page.locator(".inside-two .inside-row")).to_have_count(2)  # side by side where there is room


def test_a_link_shows_what_its_sender_looked_into(page: Page):
    page.goto("/inside?model=fc&compare=softmax&weights=fresh&panel=weights")
    ready(page)
    draw(page, [*DRAWINGS["7"], [(100, 150), (170, 150)]], board="inside")
    expect(page.locator(".inside-answer").last).to_contain_text("·")
    page.wait_for_function(f"{VIEW}.data.networks.length === 2 && {BOARD}.data.drawing === {BOARD}.about()")
    page.get_by_role("button", name="Share").first.click()
    link = page.get_by_role("dialog").locator("code")
    expect(link).to_contain_text("drawing=")
    other = page.context.new_page()
    other.goto(link.text_content() or "")
    ready(other)
    expect(other.locator("h3.inside-title").first).to_contain_text("before training")
    expect(other.locator("h3.inside-title").last).to_contain_text("softmax")
    expect(other.locator(".st-key-inside_detail")).to_contain_text("128 neurons")
    assert other.evaluate(f"{BOARD}.lines().length") == 2


@pytest.mark.parametrize("model", ["softmax", "digits", "dense_128", "preset:cnn_wide"])
def test_any_network_is_drawn(page: Page, model: str):
    page.goto(f"/inside?model={model}&picture=1")
    ready(page)
    assert page.evaluate(f"{VIEW}.rows[0].figures.every(figure => figure.part.values.length)")
    expect(page.locator(".inside-column").last).to_be_visible()


def test_every_layer_that_build_offers_is_drawn(page: Page, server: StudioServer):
    store = ArchitectureStore(RunStore(server.home).root)
    for name in ("in every order", "even kernels and a mean"):
        store.save(ModelSpec(name, NETWORKS[name]))
    assert {layer.kind for spec in store.all().values() for layer in spec.layers} >= LAYERS.keys()
    for name in ("in every order", "even kernels and a mean"):
        page.goto(f"/inside?model=own:{name}&picture=0")
        ready(page)
        for column in range(1, page.locator(".inside-column").count()):
            click_value(page, column, 3, 3)
            title = page.locator(".inside-column figcaption b").nth(column).inner_text()
            expect(page.locator(".st-key-inside_detail h4")).to_contain_text(title)
            expect(page.locator(".st-key-inside_detail .inside-step").first).to_be_visible()


def test_on_draw_as_a_panel_and_from_a_mistake(page: Page):
    page.goto("/?model=fc&panel=inside")
    page.locator(".inside-row").wait_for()
    draw(page, DRAWINGS["7"])
    expect(page.locator(".inside-answer")).to_contain_text("7 ·")
    page.goto("/evaluate?model=softmax")
    page.get_by_role("tab", name="Most confident mistakes").click()
    page.locator(".gallery a:visible").first.click()
    page.wait_for_url("**/inside?model=softmax&picture=*")
    expect(page.locator(".inside-answer")).to_contain_text("·")
