"""Digit Studio, the application: `streamlit run app.py`.

The screens begin in `pages/_site.py`. Here is what all visitors share: it starts and stops with the server.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route
from streamlit.file_util import get_static_dir

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

BACKEND_HINT = '<head><script>window.__streamlit = {BACKEND_BASE_URL: window.location.origin + "/"};</script>'
"""Tells Streamlit's front end where its server is. Without it, on /train it first looks below /train, in vain."""


async def page_shell(_: Request) -> HTMLResponse:
    """The HTML that every screen begins with, for a link straight to one of them."""
    index = Path(get_static_dir()) / "index.html"
    html = index.read_text(encoding="utf-8").replace("<head>", BACKEND_HINT, 1)
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"})


async def first_page(_: Request) -> RedirectResponse:
    """Draw is the first page, at /; a link to /draw is meant for it."""
    return RedirectResponse("/")


async def healthz(_: Request) -> JSONResponse:
    """Says that the server answers."""
    return JSONResponse({"status": "ok"})


routes = [
    Route("/healthz", healthz),
    Route("/draw", first_page),
    *(Route(f"/{page}", page_shell) for page in PAGES),
]
app = st.App("pages/_site.py", lifespan=lifespan, routes=routes)
