"""The Chromium of this machine for the tests that look at pages: found, or installed where that is allowed."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRIVER = Path(playwright.__file__).parent / "driver" / "node"
# No sandbox, so that it also runs as root in a container; nothing that would call outside.
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """The program named by CHROMIUM, or the first one on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@cache
def missing() -> str:
    """What keeps browser tests from running here, or nothing."""
    if not find():
        return "no Chromium found"
    if subprocess.run([DRIVER, "--version"], capture_output=True, check=False).returncode:
        return "Playwright's driver does not start, it needs libatomic"
    return ""


def install() -> None:
    """Install what is missing where that is allowed."""
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing chromium with apt-get", flush=True)
        apt("update")
        apt("install", "--yes", "--no-install-recommends", "chromium", "libatomic1")
        missing.cache_clear()


def apt(*arguments: str) -> None:
    command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
