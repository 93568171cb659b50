"""Make a virtual environment by hand, for a Python without the venv module: `python3 tools/bare_venv.py DIR`."""

import sys
from pathlib import Path


def make(where: Path) -> None:
    python = Path(sys.executable).resolve()
    (where / "bin").mkdir(parents=True, exist_ok=True)
    site = "lib/python{}.{}/site-packages".format(*sys.version_info)
    (where / site).mkdir(parents=True, exist_ok=True)
    for name in ("python", "python3"):
        link = where / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(python)
    (where / "pyvenv.cfg").write_text(f"home = {python.parent}\ninclude-system-site-packages = false\n", "utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
