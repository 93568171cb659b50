"""How an engine's worker says that one step is done: a byte added to a file, which costs next to nothing."""

import os

_file = os.open(os.environ["BENCH_TICKS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def tick() -> None:
    os.write(_file, b".")
