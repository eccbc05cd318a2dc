"""One real server and one real browser for all browser tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.studio_server import StudioServer, start_server

SCREENSHOTS = Path(__file__).parent / "screenshots"

expect.set_options(timeout=120_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies here needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioServer]:
    home = tmp_path_factory.mktemp("server") / "home"
    server = start_server(home)
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser, server: StudioServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh tab whose console must stay free of errors. What it shows at the end is kept as a picture."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(120_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    print("What the page said at the end:", page.locator("body").inner_text(), sep="\n")  # shown where a test fails
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{request.node.name}.png")
    context.close()
    assert not errors, "\n".join(errors)
