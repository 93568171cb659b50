"""Opening the demo shop and giving it a year of past."""

from collections.abc import Callable
from datetime import datetime, timedelta

from thereafter.demo import campaigning, history, listening, player, returning, rewarding, shoe_shop
from thereafter.demo.player import Played
from thereafter.demo.receiving import Receiver
from thereafter.demo.scenes import scenes
from thereafter.insights.actions import outlooks
from thereafter.insights.export import bring
from thereafter.journeys.actions.publishing import install_recipes
from thereafter.kit import clock
from thereafter.messaging.actions.contact_rules import change_rules
from thereafter.messaging.rules.classes import MARKETING
from thereafter.messaging.rules.contact_rules import WANTED, Cap, Caps, ContactRules
from thereafter.stores import actions as stores
from thereafter.stores.models import Staff, Store
from thereafter.timeline.worker import run_until_idle

SLUG = "stride"
ORDERS = 360
# A shop of a test brings nothing along.
A_HANDFUL = 100
# What lies further back is played some days at a time, which is quicker.
LATELY = timedelta(days=7)
PASSWORD = "run-a-lot-2026"  # noqa: S105 printed at every start of the demo
STAFF = {
    "owner": "Olivia Owner",
    "marketer": "Mara Marketer",
    "support": "Sam Support",
    "warehouse": "Willem Warehouse",
    "analyst": "Ana Analyst",
}


def open_shop(now: datetime) -> Store:
    """The shop for runners: settings, people, connections, journeys."""
    store = stores.open_store(
        SLUG,
        name="Stride & Co",
        currency="EUR",
        now=now,
        locale="en",
        time_zone="Europe/Berlin",
        country="DE",
        brand_colour="#0f5c4d",
        accent_colour="#e4572e",
        shop_url="https://stride.example",
        support_email="hello@stride.example",
        sender_email="orders@stride.example",
        legal_address="Stride & Co GmbH, Kastanienallee 1, 10435 Berlin",
    )
    for role, name in STAFF.items():
        stores.add_staff(store, email=f"{role}@stride.example", name=name, role=role, password=PASSWORD, now=now)
    for source in ("shopify", "carrier"):
        stores.connect(store, source, now=now)
    install_recipes(store, now)
    # John's story tells weeks within minutes, and nothing in it may be held back as too much.
    limits = (Cap(classes=WANTED, most=9, days=1), Cap(classes=(MARKETING,), most=3, days=7))
    change_rules(store, ContactRules(caps=Caps(limits=limits, hours_between=0)), by=None, now=now)
    return store


def fill(store: Store, now: datetime, tell: Callable[[int], object]) -> Played:
    """Plays the year before `now` through the intake."""
    began, lately = now - timedelta(days=366), now - LATELY
    letter = now - campaigning.AGO
    is_whole = ORDERS > A_HANDFUL
    people = shoe_shop.people(ORDERS)
    brought = history.before(lately, people, first=letter - timedelta(days=1)) if is_whole else ()
    happenings = [shoe_shop.products(began), *brought, *shoe_shop.year(now, ORDERS), *scenes(now)]
    rewarding.open_programme(store, now - timedelta(days=367))
    receive = Receiver(store, "shopify")
    earlier = [one for one in happenings if one.at < letter]
    later = [one for one in happenings if letter <= one.at < lately]
    last = [one for one in happenings if one.at >= lately]
    played = [player.play(earlier, receive=receive, until=letter, step=timedelta(days=10), tell=tell)]
    if is_whole:
        campaigning.send(store, letter)
        last += campaigning.bought(store, letter, lately)
    played.append(player.play(later, receive=receive, until=lately, step=timedelta(days=10), tell=tell))
    played.append(player.play(last, receive=receive, until=now, step=timedelta(hours=8), tell=tell))
    with clock.at(now):
        returning.fill(store, now)
        run_until_idle(now)
        rewarding.fill(store, now)
        run_until_idle(now)
        listening.fill(store, now)
    player.catch_up(now)
    campaigning.follow_picks(store)
    # The nights went by faster than outlooks are renewed.
    outlooks.renew(store, now=now)
    bring(store, now=now)
    return Played(sum(one.sent for one in played), sum(one.duplicates for one in played))


def is_open() -> bool:
    return Store.objects.filter(slug=SLUG).exists()


def sign_ins() -> list[str]:
    return list(Staff.objects.filter(email__endswith="@stride.example").order_by("pk").values_list("email", flat=True))
