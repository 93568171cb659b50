"""The fast lane of widgets: the same answer again for two seconds, and never somebody else's."""

import asyncio
from typing import Any

import pytest

from thereafter.config import widget_lane
from thereafter.config.widget_lane import MOST_KEPT, Scope, WidgetLane, takes

ADDRESS = "/s/stride/feedback/widgets/list"


class Shop:
    """What stands behind the lane; says how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[bytes, bytes]] = []
        self.status, self.headers = 200, [(b"ETag", b'"a"'), (b"Content-Type", b"text/html")]

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        self.asked.append(dict(scope["headers"]))
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": b"Hello ", "more_body": True})
        await send({"type": "http.response.body", "body": str(len(self.asked)).encode()})


def scope(query: bytes = b"product=1", method: str = "GET", path: str = ADDRESS, **headers: str) -> Scope:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "query_string": query, "headers": named}


async def asked(lane: WidgetLane, one: Scope) -> tuple[int, dict[bytes, bytes], bytes]:
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    await lane(one, receive, send)
    return told[0]["status"], dict(told[0]["headers"]), b"".join(part["body"] for part in told[1:])


def run(*scopes: Scope, shop: Shop | None = None) -> list[tuple[int, dict[bytes, bytes], bytes]]:
    async def all_of_them() -> Any:
        lane = WidgetLane(shop or Shop())
        return [await asked(lane, one) for one in scopes]

    found: list[tuple[int, dict[bytes, bytes], bytes]] = asyncio.run(all_of_them())
    return found


def test_an_answer_just_given_is_given_again() -> None:
    first, second = run(scope(), scope())
    assert first == second
    assert (first[0], first[2], first[1][b"content-length"]) == (200, b"Hello 1", b"7")


@pytest.mark.parametrize(
    "other",
    [scope(b"product=2"), scope(origin="https://b.example"), scope(host="b"), scope(path="/s/b/feedback/widgets/list")],
)
def test_nobody_is_given_what_was_for_another_page_or_site(other: Scope) -> None:
    assert [body for _, _, body in run(scope(), other)] == [b"Hello 1", b"Hello 2"]


def test_who_has_it_hears_that_nothing_changed_and_the_whole_is_asked_for() -> None:
    shop = Shop()
    (answer, again) = run(scope(if_none_match='"a"'), scope(), shop=shop)
    assert (answer[0], answer[2]) == (304, b"")
    assert again[2] == b"Hello 1"
    assert b"if-none-match" not in shop.asked[0]


@pytest.mark.parametrize("spoilt", ["status", "cookie"])
def test_errors_and_answers_with_a_cookie_are_for_one_alone(spoilt: str) -> None:
    shop = Shop()
    if spoilt == "status":
        shop.status = 500
    else:
        shop.headers = [(b"Set-Cookie", b"lang=de")]
    assert [body for _, _, body in run(scope(), scope(), shop=shop)] == [b"Hello 1", b"Hello 2"]


def test_after_two_seconds_it_is_asked_for_anew_once_while_others_get_what_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(widget_lane, "FRESH_SECONDS", 0.0)
    shop = Shop()

    async def crowd() -> list[bytes]:
        lane = WidgetLane(shop)
        await asked(lane, scope())
        return [body for _, _, body in await asyncio.gather(*(asked(lane, scope()) for _ in range(5)))]

    assert sorted(asyncio.run(crowd())) == [b"Hello 1"] * 4 + [b"Hello 2"]


def test_what_is_kept_has_a_bound() -> None:
    async def many() -> int:
        lane = WidgetLane(Shop())
        for at in range(MOST_KEPT + 5):
            await asked(lane, scope(str(at).encode()))
        return len(lane._given)

    assert asyncio.run(many()) == MOST_KEPT


def test_only_reading_widgets_goes_this_way() -> None:
    assert takes(scope())
    assert takes(scope(path="/feedback/widgets/stars.json"))
    assert takes(scope(path="/s/stride/recommendations/widget/basket"))
    for other in (scope(method="POST"), scope(path="/s/stride/feedback/votes/"), scope(path="/console/widgets/list")):
        assert not takes(other)
