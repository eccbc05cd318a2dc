"""What stands between the network and the app: plain ASGI, which knows nothing of the pages."""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)$")
CLOSED = re.compile(r"/_stcore/metrics$")

MAX_SESSION_BYTES = 40_000_000
"""What one visitor may have uploaded at a time: a few pictures and drawings files of 10 MB."""
MAX_SESSIONS = 5_000


class Gate:
    """Refuses what no page asks for: uploads without end, and figures about the server.

    Args:
        app: What is asked otherwise.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._uploaded: OrderedDict[str, dict[str, int]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request itself where it refuses it."""
        if scope["type"] == "http":
            path = scope["path"]
            if CLOSED.search(path):
                return await _refuse(send, 404, "Not found")
            if found := UPLOAD.search(path):
                problem = self._take_upload(scope, *found.groups())
                if problem:
                    return await _refuse(send, *problem)
        return await self.app(scope, receive, send)

    def _take_upload(self, scope: Scope, session: str, file: str) -> tuple[int, str] | None:
        """Counts what a session has uploaded; an answer where it is too much."""
        files = self._uploaded.setdefault(session, {})
        self._uploaded.move_to_end(session)
        while len(self._uploaded) > MAX_SESSIONS:
            self._uploaded.popitem(last=False)
        if scope["method"] == "DELETE":
            files.pop(file, None)
        if scope["method"] != "PUT":
            return None
        length = dict(scope["headers"]).get(b"content-length", b"")
        if not length.isdigit():
            return 411, "The length of the file is not said"
        if sum(files.values()) - files.get(file, 0) + int(length) > MAX_SESSION_BYTES:
            return 413, "Too many files. Take one away first, or reload the page"
        files[file] = int(length)
        return None


async def _refuse(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})
