"""Write the lock files, called by lock.sh.

uv resolves; we keep only the hashes of wheels for CPython 3.11 to 3.14 on Linux and Apple's ARM. So the files stay
small, nothing is ever built from source but what is named here, and no address is written.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PYTHON = r"(?:py2\.)?py3-none|cp3\d+-abi3|cp31[1-4]-(?:none|cp31[1-4])"
MACHINE = r"any|manylinux\w*_(?:x86_64|aarch64)|macosx_\w+_(?:arm64|universal2)"
USABLE = re.compile(rf"-(?:{PYTHON})-(?:{MACHINE})(?:\.\w+)*\.whl$")

# Packages that their makers give out as source alone: nothing in it is compiled.
SOURCES = ("pyspark",)


def main(uv: str, *options: str) -> None:
    for lock, groups in (
        ("requirements-dev.lock", ("pyproject.toml", "--group", "dev")),
        ("requirements.lock", ("pyproject.toml", "--constraint", "requirements-dev.lock")),
        ("tools/uv.txt", ("--group", "setup")),
        ("tools/engines.txt", ("--group", "engines")),
        ("tools/conformance.txt", ("--group", "conformance")),
    ):
        keep = () if "--upgrade" in options or not Path(lock).exists() else ("--constraint", lock)
        packages = resolve(uv, *groups, *keep)
        Path(lock).write_text("".join(entry for package in packages for entry in lines(package)), encoding="utf-8")


def resolve(uv: str, *options: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "pylock.toml")
        command = [
            uv,
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--python-version",
            "3.11",
            "--format",
            "pylock.toml",
        ]
        subprocess.run([*command, *options, "--output-file", str(target)], check=True)
        packages: list[dict[str, Any]] = tomllib.loads(target.read_text("utf-8"))["packages"]
        return packages


def lines(package: dict[str, Any]) -> Iterator[str]:
    marker = package.get("marker", "")
    if "sys_platform == 'win32'" in marker:
        return
    wheels = [wheel for wheel in package.get("wheels", ()) if USABLE.search(wheel["url"])]
    if not wheels and package["name"] in SOURCES and "sdist" in package:
        wheels = [package["sdist"]]
    if not wheels:
        raise SystemExit(f"{package['name']} {package['version']} has no wheel we can use")
    yield f"{package['name']}=={package['version']}" + (f" ; {marker}" if marker else "")
    for digest in sorted(wheel["hashes"]["sha256"] for wheel in wheels):
        yield f" \\\n    --hash=sha256:{digest}"
    yield "\n"


if __name__ == "__main__":
    main(*sys.argv[1:])
