"""The app where schools serve it: below a path, over https, in a frame, under strict headers."""

import contextlib
import http.client
import re
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import settings
from tests.browser.proxy import Proxy, own_certificate
from tests.browser.studio_server import StudioServer, press_and_move, start_server

PAGES = tuple(page for page in settings.PAGES if page != "draw")

STRICT = (
    "Content-Security-Policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' "
    "'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'"
)


@contextlib.contextmanager
def visitor(browser: Browser) -> Iterator[Page]:
    """A visitor of a proxy, whose end the page may notice."""
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    yield context.new_page()
    context.close()


def port_of(server: StudioServer) -> int:
    port = urlsplit(server.url).port
    assert port
    return port


def walk(page: Page, address: str, pages: tuple[str, ...] = ("data", "lessons")) -> None:
    """A digit is drawn, and pages open by their link, after a reload and from the menu."""
    page.goto(address)
    expect(page.locator("html.live")).to_have_count(1)
    press_and_move(page, "7")
    expect(page.locator(".st-key-draw_answer .digit")).to_have_text("7")  # while the pen is down
    page.mouse.up()
    for name in pages:
        page.goto(f"{address}{name}")
        expect(page.locator("h1")).to_have_text(name.capitalize())
    page.reload()
    expect(page.locator("h1")).to_have_text("Lessons")
    page.get_by_role("link", name="Train", exact=True).click()
    expect(page.locator("h1")).to_have_text("Train")
    assert page.url.startswith(f"{address}train")
    page.goto(f"{address}draw?model=fc")
    expect(page.locator(".st-key-draw_model input")).to_have_value(re.compile("^fc "))


def test_below_a_path_of_a_proxy(browser: Browser, server: StudioServer):
    with Proxy(port_of(server), "/digits").running() as address, visitor(browser) as page:
        walk(page, address, PAGES)
        with urllib.request.urlopen(f"{address}healthz") as answer:
            assert b'"ok"' in answer.read()


def test_over_https(browser: Browser, server: StudioServer, tmp_path):
    with Proxy(port_of(server), context=own_certificate(tmp_path)).running() as address, visitor(browser) as page:
        walk(page, address)


def test_in_a_frame_of_another_site(page: Page, server: StudioServer, tmp_path):
    """As Moodle shows it."""
    site = tmp_path / "course.html"
    site.write_text(f'<h1>Course</h1><iframe src="{server.url}" width="1200" height="900"></iframe>')
    page.goto(site.as_uri())
    frame = page.frame_locator("iframe")
    canvas = frame.locator(".st-key-draw_canvas canvas.upper-canvas")
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 140, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 240, steps=10)
    page.mouse.up()
    expect(frame.locator(".st-key-draw_answer .digit")).to_have_text("1")


def test_under_strict_headers(browser: Browser, server: StudioServer):
    """Streamlit's own page holds a line of script for search engines, which is refused; nothing needs it."""
    with Proxy(port_of(server), headers=(STRICT,)).running() as address, visitor(browser) as page:
        walk(page, address)


def test_below_a_path_of_its_own(browser: Browser, tmp_path):
    server = start_server(tmp_path / "home", base_path="/a/b/")
    address = f"{server.url}/a/b/"
    try:
        with visitor(browser) as page:
            walk(page, address)
    finally:
        server.stop()


def test_over_the_newer_internet_protocol(browser: Browser, tmp_path):
    """Where `localhost` is `::1`."""
    server = start_server(tmp_path / "home", address="[::1]")
    try:
        with visitor(browser) as page:
            walk(page, f"{server.url}/")
    finally:
        server.stop()


def status_of(server: StudioServer, method: str, path: str, **headers: str) -> int:
    """What the server answers to the beginning of a request, before any of its body."""
    connection = http.client.HTTPConnection("localhost", port_of(server))
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


def test_files_without_end_are_refused_and_figures_are_closed(server: StudioServer):
    assert status_of(server, "GET", "/_stcore/metrics") == 404
    assert status_of(server, "PUT", "/_stcore/upload_file/one/file") == 411
    paths = [f"/_stcore/upload_file/two/{number}" for number in range(5)]
    statuses = [status_of(server, "PUT", path, Content_Length="9900000") for path in paths[:4]]
    assert 413 not in statuses and status_of(server, "PUT", paths[4], Content_Length="9900000") == 413
    status_of(server, "DELETE", paths[0])
    assert status_of(server, "PUT", paths[4], Content_Length="9900000") != 413


@pytest.mark.parametrize(
    ("host", "status"), [("localhost", 101), ("127.0.0.1:8501", 101), ("[::1]", 101), ("evil.example.org", 403)]
)
def test_a_name_of_another_site_is_turned_away(server: StudioServer, host, status):
    """A page elsewhere may have its name lead to this machine; its socket must not be taken."""
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    asked |= {"Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==", "Host": host}
    assert status_of(server, "GET", "/_stcore/stream", **asked) == status
