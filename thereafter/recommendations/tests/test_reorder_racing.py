"""What shoppers and merchants say while reminders are worked out, on connections of their own: never overwritten."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import ModuleType

import pytest

from thereafter.commerce.tests.makers import make_product
from thereafter.config.scratch import Scratch, empty_database_for_threads
from thereafter.recommendations.actions import reorder_answers, reorder_learning, reorders
from thereafter.recommendations.models import Reorder, ReorderProduct
from thereafter.recommendations.tests.test_reorder_actions import buy, day, of, renew
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
# Seconds: who is not held up by a lock has spoken long before.
A_MOMENT = 2


@pytest.fixture(name="threads")
def _threads() -> Iterator[Scratch]:
    with empty_database_for_threads() as scratch:
        yield scratch


@pytest.fixture(name="store")
def _store(threads: Scratch) -> Store:
    store = make_store()
    make_product(store, "coffee", title="Coffee", replenish_days=30)
    buy(store, "coffee", day(0))
    renew(store, day(1))
    return store


class Meanwhile:
    """Does `work` on a connection of its own in the middle of what this thread does: whenever `name` is called first.
    A lock may make it wait until this thread is done."""

    def __init__(self, threads: Scratch, patch: pytest.MonkeyPatch, module: ModuleType, name: str) -> None:
        self.threads, self.usual = threads, getattr(module, name)
        self.pool = ThreadPoolExecutor(1)
        self.work: Callable[[], object] = lambda: None
        self.said: Future[None] | None = None
        patch.setattr(module, name, self._called)

    def _called(self, *arguments: object, **named: object) -> object:
        found = self.usual(*arguments, **named)
        if self.said is None:
            self.said = self.pool.submit(self._speak)
            wait([self.said], timeout=A_MOMENT)
        return found

    def _speak(self) -> None:
        with self.threads.joined():
            self.work()

    def done(self) -> None:
        assert self.said is not None, "nothing was called in the middle"
        self.said.result(60)
        self.pool.shutdown()


def test_a_shoppers_no_outlasts_windows_that_are_being_worked_out(
    threads: Scratch, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile = Meanwhile(threads, monkeypatch, reorders, "windows")
    meanwhile.work = lambda: reorder_answers.stop(of(store, "coffee"), now=day(2))
    buy(store, "coffee", day(2))
    reorders.refresh(store, now=day(2))
    meanwhile.done()
    assert (of(store, "coffee").state, of(store, "coffee").why) == (Reorder.State.STOPPED, Reorder.Why.SHOPPER)


def test_a_merchants_switch_outlasts_learning(threads: Scratch, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def turn_off() -> None:
        usual = ReorderProduct.objects.of(store).select_related("store", "product").get()
        reorder_answers.switch(usual, "off", now=day(2))

    meanwhile = Meanwhile(threads, monkeypatch, reorder_learning, "is_on")
    meanwhile.work = turn_off
    buy(store, "coffee", day(2))
    assert reorder_learning.learn(store, now=day(2))
    meanwhile.done()
    usual = ReorderProduct.objects.of(store).get()
    assert (usual.switch, usual.is_on) == ("off", False)
