"""Installs a Chromium to test with, however this system provides one: `python -m tests.browser.install`."""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Path of a browser that is installed, or None."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None  # noqa: PTH110


def install_browser() -> None:
    """Installs Chromium from the system's packages, or else Playwright's own build."""
    if shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*sudo, "apt-get", "update", "-qq"], check=False, env=environment)
        result = subprocess.run([*sudo, "apt-get", "install", "-y", "-qq", "chromium"], check=False, env=environment)
        if result.returncode == 0 and find_browser():
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=True)


if __name__ == "__main__":
    if not find_browser():
        print("Installing Chromium for the browser tests.")
        install_browser()
