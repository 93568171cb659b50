"""Which engine figures are asked of: the setting `THEREAFTER_ENGINE`.

`duckdb` (inside our own process, the default), `clickhouse://user:password@host:8123/database` (`clickhouses://` with
TLS) or `spark://host:7077`, `spark:local[2]`.
"""

from functools import lru_cache
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from thereafter.insights.engine.duck import Duck
from thereafter.insights.engine.port import Engine, EngineTrouble

# Only the engine that is asked for is imported: Spark is not part of what we install.
_ELSEWHERE = {
    "clickhouse": "thereafter.insights.engine.clickhouse",
    "clickhouses": "thereafter.insights.engine.clickhouse",
    "spark": "thereafter.insights.engine.spark",
}


def engine() -> Engine:
    """Raises `EngineTrouble` where its folder cannot be used."""
    try:
        return _made(settings.FIGURES_ENGINE, Path(settings.FIGURES_FOLDER))
    except OSError as error:
        raise EngineTrouble(f"The folder of the figures cannot be used: {error.strerror}") from error


@lru_cache(maxsize=8)
def _made(address: str, folder: Path) -> Engine:
    if address in ("", "duckdb"):
        return Duck(folder, memory=settings.FIGURES_MEMORY, threads=settings.FIGURES_THREADS)
    module = _ELSEWHERE.get(address.partition(":")[0])
    if module is None:
        raise ImproperlyConfigured(
            f"THEREAFTER_ENGINE is {address!r}; it takes duckdb, clickhouse://host:8123/database or spark://host:7077"
        )
    made: Engine = import_module(module).at(address, folder)
    return made
