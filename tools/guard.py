"""House rules that no linter knows: sizes, own imports inside functions, and what may not stand in a file.

`python -m tools.guard` looks at every file that git tracks or would track.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
OURS = "thereafter"

# In parts, so that this file passes too. A committed file works with any registry and on any machine.
REGISTRIES = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("yarnpkg", "com"),
    ("deb", "debian", "org"),
    ("security", "debian", "org"),
    ("archive", "ubuntu", "com"),
    ("crates", "io"),
    ("proxy", "golang", "org"),
)
FORBIDDEN = {
    "names a package registry": re.compile("|".join(re.escape(".".join(host)) for host in REGISTRIES), re.IGNORECASE),
    "sets a package index": re.compile(r"--(?:extra-)?index-url|(?:UV|PIP)_(?:DEFAULT_|EXTRA_)?INDEX"),
    "names a folder of one machine": re.compile(r"(?<![\w.}/-])/(?:tmp|work|root|home/\w+)(?![\w-])"),
}


def main() -> int:
    complaints = [complaint for path in files() for complaint in look_at(path)]
    print(*complaints, sep="\n", end="\n" if complaints else "")
    return int(bool(complaints))


def files() -> Iterator[Path]:
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        path = Path(name)
        if path.is_file():
            yield path


def look_at(path: Path) -> Iterator[str]:
    raw = path.read_bytes()
    if b"\0" in raw:
        return
    text = raw.decode("utf-8", errors="replace")
    yield from forbidden_words(path, text)
    if path.suffix == ".py" and path.parts[0] == OURS and "migrations" not in path.parts:
        yield from sizes(path, text)


def forbidden_words(path: Path, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in FORBIDDEN.items():
            found = pattern.search(line)
            if found:
                yield f"{path}:{number}: {what}: {found[0]}"


def sizes(path: Path, text: str) -> Iterator[str]:
    length = text.count("\n")
    if length > LONGEST_FILE:
        yield f"{path}: {length} lines; cut it by noun before {LONGEST_FILE}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from function_rules(path, node)


def function_rules(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    if length > LONGEST_FUNCTION:
        yield f"{path}:{function.lineno}: {function.name} has {length} lines of at most {LONGEST_FUNCTION}"
    for node in ast.walk(function):
        if isinstance(node, ast.Import | ast.ImportFrom) and imports_ours(node):
            yield f"{path}:{node.lineno}: {function.name} imports from {OURS} inside"


def imports_ours(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or (node.module or "").split(".")[0] == OURS
    return any(name.name.split(".")[0] == OURS for name in node.names)


if __name__ == "__main__":
    sys.exit(main())
