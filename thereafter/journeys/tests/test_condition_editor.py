"""The condition editor and the pages of segments, as a browser without scripts and one with them see them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from django.http import QueryDict
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.journeys.actions import segments
from thereafter.journeys.console import conditions
from thereafter.journeys.console.conditions import Editor
from thereafter.journeys.console.segment_forms import addresses
from thereafter.journeys.models import Segment
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.ready_segments import READY
from thereafter.kit import clock
from thereafter.stores.actions import make_api_key
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import OPENED, PASSWORD, make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def console(store: Store) -> Client:
    client = Client()
    client.force_login(make_staff(store, "marketer"))
    return client


def customers(store: Store, count: int = 2) -> list[Customer]:
    placed = clock.now() - timedelta(days=3)
    return [make_order(store, email=f"p{number}@example.com", placed_at=placed).customer for number in range(count)]


def posted(store: Store, **fields: str) -> Editor:
    data = QueryDict(mutable=True)
    data.update({f"if.{name.replace('__', '.')}": value for name, value in fields.items()})
    return conditions.posted(store, vocabulary.segment(), data)


def row(at: str, field: str, operator: str, value: str = "", **more: str) -> dict[str, str]:
    return {f"{at}__field": field, f"{at}__for": field, f"{at}__operator": operator, f"{at}__value": value} | {
        f"{at}__{name}": said for name, said in more.items()
    }


def test_rows_are_read_as_a_text(store: Store) -> None:
    fields = row("0", "customer.orders", "ge", "2") | row("1", "customer.country", "in", "DE, AT")
    editor = posted(store, join="all", **fields)
    assert editor.text == "customer.orders >= 2 && customer.country in ['DE', 'AT']"
    assert not editor.error
    assert not editor.pressed


def test_groups_are_read_as_brackets(store: Store) -> None:
    fields = (
        row("0", "customer.orders", "ge", "2")
        | row("1__0", "customer.country", "eq", "DE")
        | row("1__1", "customer.tags", "has", "vip")
    )
    editor = posted(store, join="all", **{"1__join": "any"}, **fields)
    assert editor.text == "customer.orders >= 2 && (customer.country == 'DE' || 'vip' in customer.tags)"


def test_blank_rows_are_no_rows(store: Store) -> None:
    editor = posted(store, **row("0", "", ""), **row("1", "customer.orders", "ge", "2"))
    assert editor.text == "customer.orders >= 2"
    assert posted(store, **row("0", "", "")).text == ""


def test_a_row_that_lacks_something_says_so_at_its_place(store: Store) -> None:
    editor = posted(store, **row("0", "customer.orders", "ge", "2"), **row("1", "customer.orders", "ge", "many"))
    assert "Give a number" in editor.error
    assert [line.error for line in editor.lines] == ["", editor.error]  # type: ignore[union-attr]  # two rows


def test_traits_are_compared_as_customers_have_them(store: Store) -> None:
    (one, two) = customers(store)
    set_traits(store, {one.pk: {"points": 3, "tier": "3"}, two.pk: {"points": 4}})
    assert posted(store, **row("0", "trait:points", "ge", "3")).text == "trait.points >= 3"
    assert posted(store, **row("0", "trait:tier", "eq", "3")).text == "trait.tier == '3'"
    assert posted(store, **row("0", "trait", "eq", "3", key="other.one")).text == "trait['other.one'] == 3"


def test_another_field_begins_with_its_own_operator(store: Store) -> None:
    fields = row("0", "customer.last_order_at", "ge", "2") | {"0__for": "customer.orders"}
    editor = posted(store, do="change", **fields)
    assert editor.rows.items[0].operator == "within"  # type: ignore[union-attr]  # a row
    assert editor.rows.items[0].value == ""  # type: ignore[union-attr]  # a row


@pytest.mark.parametrize(
    ("do", "count"), [("add", 3), ("group", 3), ("drop:0", 1), ("drop:9", 2), ("add:0", 2), ("drop:", 2), ("x:y:z", 2)]
)
def test_buttons_change_the_rows_and_keep_nothing(store: Store, do: str, count: int) -> None:
    fields = row("0", "customer.orders", "ge", "2") | row("1", "customer.country", "eq", "DE")
    editor = posted(store, do=do, **fields)
    assert editor.pressed
    assert len(editor.rows.items) == count


def test_it_turns_into_a_text_and_back(store: Store) -> None:
    editor = posted(store, do="text", mode="rows", **row("0", "customer.orders", "ge", "2"))
    assert (editor.as_text, editor.text) == (True, "customer.orders >= 2")
    back = posted(store, do="rows", mode="text", text=editor.text)
    assert not back.as_text
    assert len(back.rows.items) == 1
    stays = posted(store, do="rows", mode="text", text="customer.orders * 2 > 3")
    assert (stays.as_text, stays.error) == (True, conditions.BEYOND)
    wrong = posted(store, mode="text", text="customer.ordrs > 3")
    assert (wrong.wrong, wrong.pressed) == ((1, 1), False)
    assert "customer.orders" in wrong.error


def test_what_is_kept_is_shown_as_rows_or_as_text(store: Store) -> None:
    schema = vocabulary.journey("survey.answered")
    assert not conditions.stored(store, schema, "fact.score >= 9").as_text
    assert conditions.stored(store, schema, "fact.score * 2 > 9").as_text
    wrong = conditions.stored(store, schema, "fact.scor >= 9")
    assert wrong.as_text
    assert "fact.score" in wrong.error
    assert not conditions.stored(store, schema, "").rows.items


@pytest.mark.parametrize("ready", READY, ids=lambda ready: ready.key)
def test_each_ready_segment_opens_in_the_editor_and_is_saved(store: Store, console: Client, ready: Any) -> None:
    customers(store)
    page = console.get(f"/console/{store.slug}/segments/new/?ready={ready.key}")
    assert page.status_code == 200
    assert ready.name in page.content.decode()
    condition = ready.condition.replace("{big}", "100")
    assert not conditions.stored(store, vocabulary.segment(), condition).as_text
    data = {"name": ready.name, "if.mode": "text", "if.text": condition}
    answer = console.post(f"/console/{store.slug}/segments/new/", data)
    assert answer.headers["Location"] == f"/console/{store.slug}/segments/{ready.key}/"


def test_a_segment_is_made_shown_edited_and_deleted_without_scripts(store: Store, console: Client) -> None:
    customers(store)
    base = f"/console/{store.slug}/segments"
    form = {"name": "Buyers", "if.join": "all", "if.0.field": "customer.orders", "if.0.for": "customer.orders",
            "if.0.operator": "ge", "if.0.value": "1"}  # fmt: skip
    grown = console.post(f"{base}/new/", form | {"if.do": "add"}).content.decode()
    assert "if.1.field" in grown
    assert "2</strong> of 2" in console.post(f"{base}/preview/", form).content.decode()
    assert console.post(f"{base}/new/", form).status_code == 302
    page = console.get(f"{base}/buyers/").content.decode()
    assert "p0@example.com" in page
    assert "p1@example.com" not in console.get(f"{base}/buyers/?q=p0@example.com").content.decode()
    table = console.get(f"{base}/buyers/export/").content.decode("utf-8-sig").splitlines()
    assert table[0] == "Name,E-mail,Phone,Country,In it since"
    assert len(table) == 3
    assert "Buyers" in console.get(f"{base}/").content.decode()
    console.post(f"{base}/buyers/edit/", form | {"name": "Big buyers", "if.0.value": "7"})
    assert Segment.objects.of(store).get(key="buyers").people == 0
    console.post(f"{base}/buyers/delete/")
    assert not Segment.objects.of(store).exists()


def test_a_segment_without_a_condition_is_not_made(store: Store, console: Client) -> None:
    page = console.post(f"/console/{store.slug}/segments/new/", {"name": "Nobody"})
    assert page.status_code == 422
    assert "Say who is meant" in page.content.decode()


def test_what_a_database_cannot_be_asked_is_said_in_the_form(store: Store, console: Client) -> None:
    data = {"name": "X", "if.mode": "text", "if.text": "customer.tags.exists(one, one == 'a')"}
    page = console.post(f"/console/{store.slug}/segments/new/", data)
    assert page.status_code == 422
    assert "A segment cannot be asked that" in page.content.decode()


def test_a_list_is_made_of_addresses(store: Store, console: Client) -> None:
    customers(store)
    data = {"name": "Testers", "emails": "P0@example.com; nobody@example.com"}
    page = console.post(f"/console/{store.slug}/segments/new/list/", data, follow=True).content.decode()
    assert "1 person is added." in page
    assert "nobody@example.com" in page
    person = Customer.objects.of(store).get(email="p0@example.com")
    console.post(f"/console/{store.slug}/segments/testers/people/remove/", {"customer": person.pk})
    assert Segment.objects.of(store).get().people == 0


def test_addresses_are_found_in_any_table() -> None:
    text = 'Name;E-mail\n"Lee, Ann";ann@example.com\nBob\tbob@example.com,x\n<c@example.com>\n@no\n'
    assert addresses(text) == ["ann@example.com", "bob@example.com", "c@example.com"]


def test_nothing_in_an_exported_table_is_a_formula(store: Store, console: Client) -> None:
    (one, *_) = customers(store)
    Customer.objects.filter(pk=one.pk).update(name="=HYPERLINK(1)")
    segments.create(store, name="All", condition="customer.orders >= 1", by=None, now=clock.now())
    assert "'=HYPERLINK(1)" in console.get(f"/console/{store.slug}/segments/all/export/").content.decode()


def test_a_segment_named_like_an_address_of_ours_gets_another(store: Store) -> None:
    made = segments.create(store, name="New", condition="customer.orders >= 1", by=None, now=clock.now())
    assert made.key == "new_2"


def test_segments_are_read_by_api(store: Store) -> None:
    customers(store, 3)
    segments.create(store, name="All", condition="customer.orders >= 1", by=None, now=clock.now())
    _, token = make_api_key(store, name="test", scopes=["customers:read"], now=OPENED)
    api = Client(headers={"Authorization": f"Bearer {token}"})
    (segment,) = api.get("/api/v1/segments").json()
    assert (segment["key"], segment["people"]) == ("all", 3)
    first = api.get("/api/v1/segments/all/members?limit=2").json()
    second = api.get(f"/api/v1/segments/all/members?limit=2&after={first['next']}").json()
    assert [len(first["members"]), len(second["members"]), second["next"]] == [2, 1, None]
    assert api.get("/api/v1/segments/none/members").status_code == 404


def test_the_editor_is_renewed_by_itself(store: Store, console: Client) -> None:
    fields = {"editor": "if", "if.place": "journey:survey.answered", "if.do": "add", "if.label": "Only if"}
    page = console.get(f"/console/{store.slug}/conditions/rows/", fields, headers={"HX-Request": "true"})
    assert 'name="if.0.field"' in page.content.decode()
    assert "fact:score" in page.content.decode()
    whole = (
        fields
        | {"if.do": "change"}
        | {f"if.{name.replace('__', '.')}": said for name, said in row("0", "order.total", "ge", "3").items()}
    )
    answer = console.get(f"/console/{store.slug}/conditions/rows/", whole, headers={"HX-Request": "true"})
    assert answer.headers["HX-Trigger-After-Swap"] == "conditionchange"


def choose(select: Locator, value: str) -> None:
    """Waits until the editor was renewed."""
    # The row may have come a moment ago: until it has settled, nobody hears what is chosen in it.
    expect(select.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    with select.page.expect_response("**/conditions/rows/**"):
        select.select_option(value)
    select.page.wait_for_timeout(100)


@pytest.mark.django_db(transaction=True)
def test_a_browser_builds_a_condition_and_sees_who_that_is(live_server: Any, browser_page: Page) -> None:
    store = make_store()
    customers(store, 3)
    person = make_staff(store, "marketer")
    page = browser_page
    page.goto(f"{live_server.url}/console/sign-in/?next=/console/{store.slug}/segments/new/")
    page.fill("input[name=email]", person.email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/segments/new/")
    page.get_by_label("Name").fill("Buyers")
    choose(page.get_by_label("What"), "customer.orders")
    page.get_by_label("Value").fill("1")
    page.get_by_text("of 3 customers").wait_for()
    with page.expect_response("**/conditions/rows/**"):
        page.get_by_role("button", name="Add a condition").click()
    second = page.get_by_role("group", name="Condition 2")
    choose(second.get_by_label("What"), "customer.email")
    choose(second.get_by_label("How"), "starts")
    second.get_by_label("Value").fill("p1")
    page.locator("#preview strong", has_text="1").wait_for()
    second.get_by_label("Value").press("Enter")
    page.wait_for_url("**/segments/buyers/")
    assert Segment.objects.get().condition == "customer.orders >= 1 && customer.email.startsWith('p1')"


def test_vals_of_buttons_are_sound_json(store: Store, console: Client) -> None:
    page = console.get(f"/console/{store.slug}/segments/new/").content.decode()
    vals = [part.split('"')[0] for part in page.split('hx-vals="')[1:]]
    assert vals
    for one in vals:
        json.loads(one.replace("&#34;", '"').replace("&quot;", '"'))


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_segments_are_readable_and_fit_a_phone(live_server: Any, browser_page: Page) -> None:
    store = make_store()
    customers(store)
    made = segments.create(
        store, name="All", condition="customer.orders >= 1 && (customer.country == 'DE' || !('delivered' in sent))",
        by=None, now=clock.now(),
    )  # fmt: skip
    segments.add_people(
        segments.create(store, name="Testers", condition="", by=None, now=clock.now()),
        ["p0@example.com"], by=None, now=clock.now(),
    )  # fmt: skip
    session = signed_in(make_staff(store)).cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    for path in (
        "",
        "new/?ready=at_risk",
        f"{made.key}/",
        f"{made.key}/edit/",
        "testers/",
        "testers/edit/",
        "new/list/",
    ):
        browser_page.set_viewport_size({"width": 1280, "height": 800})
        browser_page.goto(f"{live_server.url}/console/{store.slug}/segments/{path}")
        found = Axe().run(browser_page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        browser_page.set_viewport_size({"width": 360, "height": 740})
        assert browser_page.evaluate("document.documentElement.scrollWidth") <= 360, path
