"""A small proxy as schools have one before their servers: a path of its own, https, or strict headers."""

import asyncio
import contextlib
import datetime
import ipaddress
import re
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.browser.studio_server import free_port

HEADERS_END = b"\r\n\r\n"


class Proxy:
    """Passes connections on to a server.

    Args:
        port: The server's port on this machine.
        prefix: What it takes off the beginning of each path, such as "/digits"; other paths are not found.
        headers: Lines that it adds to each answer.
        context: With it, it speaks https.
        delay: Seconds that whatever goes through a WebSocket takes, in each direction.
        closed: A path that is not found.
    """

    def __init__(
        self,
        port: int,
        prefix: str = "",
        headers: tuple[str, ...] = (),
        context: ssl.SSLContext | None = None,
        delay: float = 0.0,
        closed: str | None = None,
    ) -> None:
        self.port, self.prefix, self.headers, self.context = port, prefix, headers, context
        self.delay, self.closed = delay, closed
        self.own_port = free_port()
        self._loop = asyncio.new_event_loop()

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Its address, for as long as it is used."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        listening = asyncio.start_server(self._serve, "127.0.0.1", self.own_port, ssl=self.context)
        server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        try:
            yield f"http{'s' if self.context else ''}://localhost:{self.own_port}{self.prefix}/"
        finally:
            asyncio.run_coroutine_threadsafe(self._end(server), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    async def _end(self, server: asyncio.Server) -> None:
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            request = (await reader.readuntil(HEADERS_END)).decode("latin-1")
            method, path, rest = request.split(" ", 2)
            if not path.startswith(f"{self.prefix}/") or path == self.closed:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            else:
                is_socket = "upgrade: websocket" in request.lower()
                if not is_socket:
                    rest = re.sub(r"(?im)^connection:.*\r\n", "", rest)
                    rest = rest.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
                behind, before = await asyncio.open_connection("127.0.0.1", self.port)
                before.write(f"{method} {path.removeprefix(self.prefix)} {rest}".encode("latin-1"))
                delay = self.delay if is_socket else 0.0
                answered = asyncio.create_task(self._answer(behind, writer, delay))
                sent = asyncio.create_task(_pipe(reader, before, delay))
                await answered
                sent.cancel()
        writer.close()

    async def _answer(self, behind: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
        head = await behind.readuntil(HEADERS_END)
        added = "".join(f"{line}\r\n" for line in self.headers).encode()
        writer.write(head.removesuffix(b"\r\n") + added + b"\r\n")
        await _pipe(behind, writer, delay)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Passes on what comes, each piece as much later as a long line would make it, and none later than that."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def write() -> None:
        with contextlib.suppress(OSError):
            while True:
                due, piece = await pieces.get()
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()
            writer.close()

    writing = asyncio.create_task(write())
    try:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65_536):
                pieces.put_nowait((loop.time() + delay, chunk))
        pieces.put_nowait((loop.time() + delay, b""))
        await writing
    finally:  # also where the other side has ended it
        writing.cancel()
        writer.close()


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for localhost that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "proxy.pem"
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
