"""What carriers answer, as text."""

import pytest

from thereafter.tracking.actions import polling
from thereafter.tracking.carriers.wire import Answer


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "idna", "undefined", "nonsense"])
def test_an_answer_in_a_strange_encoding_is_text_that_a_database_takes(charset: str) -> None:
    answer = Answer(200, {"content-type": f"text/plain; charset={charset}"}, b"+2AA- \\ud800 delivered")
    assert polling.text_of(answer).encode().endswith(b"delivered")
