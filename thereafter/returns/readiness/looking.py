"""Carries out the looks that were asked for. The shop is called outside of any transaction."""

from datetime import datetime, timedelta

from django.conf import settings

from thereafter.returns.actions import readiness
from thereafter.returns.models import Case, ReadinessCheck
from thereafter.returns.readiness import own_checks, shop_pages
from thereafter.returns.readiness.crawling import Crawl
from thereafter.stores.models import Store

_WEEK = timedelta(days=7)


def look_at_next(now: datetime) -> int:
    """Carries out the oldest that waits; how many that were."""
    check = readiness.take_up(now)
    if check is None:
        return 0
    own = own_checks.look(check.store, now)
    wanted = shop_pages.wanted(check.store)
    shown = shop_pages.look(wanted, Crawl(private=settings.PRIVATE_HOOKS))
    readiness.write_down(check, [*shown, *own], now=now)
    return 1


def ask_weekly(now: datetime) -> int:
    """For shops that take returns and whose last look is a week old."""
    looked = ReadinessCheck.objects.filter(asked_at__gt=now - _WEEK + timedelta(hours=1))
    shops = Store.objects.filter(pk__in=Case.objects.values("store_id")).exclude(shop_url="")
    found = list(shops.exclude(pk__in=looked.values("store_id")))
    for store in found:
        readiness.ask(store, by=None, now=now)
    return len(found)
