"""The desk of somebody who works on returns, through the pages."""

from typing import Any

from django.test import Client

from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.returns.models import Case
from thereafter.returns.tests.visits import ASKED
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff


class Desk:
    """Pages are shown and forms are sent at `now`."""

    def __init__(self, store: Store, role: str = "owner", **staff: Any) -> None:
        self.store, self.staff, self.now = store, make_staff(store, role=role, **staff), ASKED
        self.browser: Client = signed_in(self.staff)

    def see(self, path: str = "", **asked: Any) -> str:
        with clock.at(self.now):
            answer = self.browser.get(f"/console/{self.store.slug}/returns/{path}", asked)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("Location"))
        return answer.content.decode()

    def send(self, path: str, **form: Any) -> str:
        """The page that the form leads back to."""
        with clock.at(self.now):
            answer = self.browser.post(f"/console/{self.store.slug}/returns/{path}", form)
            assert answer.status_code == 302, (path, answer.status_code)
            return self.browser.get(answer.headers["Location"]).content.decode()

    def do(self, case: Case, deed: str, **form: Any) -> str:
        return self.send(f"{case.pk}/{deed}/", **form)
