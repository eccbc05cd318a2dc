"""`serve`: the app, in the browser."""

import argparse
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import psutil

from mnist_core.errors import InvalidInput
from mnist_core.paths import APPLICATION

DEFAULT_PORT = 8501

MEMORY_SETTINGS = {"MALLOC_ARENA_MAX": "2"}
"""For glibc: without it, each thread that ran a page leaves memory behind that is free and not given back."""


def add_serve(commands: Any) -> None:
    """Adds the command `serve` to the parser's."""
    parser = commands.add_parser("serve", help="start the app and print its address (what no command does, too)")
    add_serving(parser)


def add_serving(parser: argparse.ArgumentParser) -> None:
    """The options of starting the app."""
    parser.set_defaults(command=_serve)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="the port (default: %(default)s)")
    parser.add_argument(
        "--host",
        default="localhost",
        help="the address to listen on; 0.0.0.0 serves the network (default: %(default)s)",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name that browsers reach it by, as behind a proxy; may be given again",
    )
    parser.add_argument(
        "--base-path", default="", metavar="PATH", help="the path that it answers below, such as class (default: none)"
    )


def _serve(options: argparse.Namespace) -> None:
    if not 1 <= options.port <= 65535:
        raise InvalidInput(f"Port: {options.port} is out of range. Give a number from 1 to 65535.")
    _check_port(options.host, options.port)
    app = APPLICATION / "app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(app)]
    command += ["--server.address", options.host, "--server.port", str(options.port)]
    for name in (*_own_names(options.host), *options.allow_host):
        command += ["--server.allowedHosts", name]
    if options.base_path:
        command += ["--server.baseUrlPath", options.base_path]
    path = f"/{options.base_path.strip('/')}" if options.base_path else ""
    print(
        f"Digit Studio is starting at http://{_shown(options.host)}:{options.port}{path}. Ctrl-C ends it.", flush=True
    )
    for name, value in MEMORY_SETTINGS.items():
        os.environ.setdefault(name, value)
    if os.name == "nt":  # where replacing a process gives the terminal back too early
        raise SystemExit(subprocess.call(command))
    os.execv(sys.executable, command)


def _own_names(host: str) -> list[str]:
    """What browsers may call this server: another site's name that leads here is not among them."""
    names = ["localhost", "127.0.0.1", "::1"]
    if host not in names:
        machine = socket.gethostname()
        names += [host, machine, f"{machine}.local", socket.getfqdn()]
        names += [item.address.split("%")[0] for found in psutil.net_if_addrs().values() for item in found
                  if item.family in (socket.AF_INET, socket.AF_INET6)]  # fmt: skip
    return list(dict.fromkeys(names))


def _shown(host: str) -> str:
    """The host as an address to open: a server on all addresses is reached at this machine's own."""
    return "localhost" if host in ("0.0.0.0", "::", "") else f"[{host}]" if ":" in host else host


def _check_port(host: str, port: int) -> None:
    """Raises `InvalidInput` if another program has the port, and says which where it is this app."""
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise InvalidInput(f"Host: {host[:60]!r} is no address of this machine.") from None
    for family, kind, protocol, _, address in infos:
        with socket.socket(family, kind, protocol) as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                url = f"http://{_shown(host)}:{port}"
                if _is_running(url):
                    raise InvalidInput(f"Digit Studio is already running: open {url}.") from None
                raise InvalidInput(
                    f"Port {port} of {host} cannot be used ({error.strerror}). Give another one, such as --port 8600."
                ) from None


def _is_running(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return answer.status == 200 and b'"ok"' in answer.read(200)
    except (OSError, ValueError, urllib.error.URLError):
        return False
