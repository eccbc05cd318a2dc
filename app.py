"""Digit Studio, the application: `streamlit run app.py`.

The screens begin in `pages/_site.py`. Here is what all visitors share: it starts and stops with the server.
"""

import asyncio
import posixpath
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket
from streamlit.file_util import get_static_dir
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed

from mnist_core.server.http import Gate
from mnist_core.server.live import serve_live
from mnist_core.server.studio import get_studio


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Starts the training processes behind the first page, and ends them with the server."""
    studio = get_studio()
    studio.start()
    try:
        yield {}
    finally:
        await asyncio.to_thread(studio.close)


PAGES = [path.stem for path in (Path(__file__).parent / "pages").glob("[!_]*.py")]

BACKEND = 'window.__streamlit = {BACKEND_BASE_URL: new URL(".", window.location).href};'
"""Tells Streamlit's front end where its server is: one step up, whatever stands before it in the address.

Without it, on /train it first looks below /train, in vain. A file of its own, as a strict proxy lets no script run that
stands in a page.
"""

BASE = str(st.get_option("server.baseUrlPath")).strip("/")
"""The path below which Streamlit serves."""


async def page_shell(_: Request) -> HTMLResponse:
    """The HTML that every screen begins with, for a link straight to one of them."""
    index = Path(get_static_dir()) / "index.html"
    html = index.read_text(encoding="utf-8").replace("<head>", '<head><script src="./backend.js"></script>', 1)
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"})


async def backend(_: Request) -> Response:
    """The script at the beginning of the shell."""
    return Response(BACKEND, media_type="text/javascript")


async def first_page(request: Request) -> RedirectResponse:
    """Draw is the first page, one step up; a link to /draw is meant for it."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"./{query}")


async def healthz(_: Request) -> JSONResponse:
    """Says that the server answers, and whether models and training do; asks neither, so that it is always quick."""
    studio = get_studio()
    return JSONResponse({"status": "ok", "models": studio.engine.state, "training": studio.training_state})


async def live(socket: WebSocket) -> None:
    """Reads drawings while they are drawn; open to the pages that Streamlit's own socket is open to."""
    await serve_live(socket, get_studio().live, lambda asking: _is_origin_allowed(*map(asking.headers.get, ORIGIN)))


ORIGIN = ("origin", "host")
"""The headers that say which page a browser is on, and by which name it has called this server."""

answers = {
    "healthz": healthz,
    "backend.js": backend,
    "draw": first_page,
    **dict.fromkeys([page for page in PAGES if page != "draw"], page_shell),
}
routes: list[BaseRoute] = [Route(posixpath.join("/", BASE, name), answer) for name, answer in answers.items()]
routes.append(WebSocketRoute(posixpath.join("/", BASE, "live"), live))
app = st.App("pages/_site.py", lifespan=lifespan, routes=routes, middleware=[Middleware(Gate)])
