from collections.abc import Iterator

import pytest

from thereafter.loyalty.queries import programmes


@pytest.fixture(autouse=True)
def _unread_programmes() -> Iterator[None]:
    """Versions are kept once read, and a test that was rolled back gives its numbers to the next one."""
    programmes._version.cache_clear()
    yield
    programmes._version.cache_clear()
