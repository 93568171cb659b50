"""From claimed notices to what leaves: mails, text messages, notifications of the browser. No network in a transaction.

Followers need not be the buyer: what they get says when the parcel comes, and links to a page that says no more.
"""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings

from thereafter.kit import tokens
from thereafter.kit.clock import day_in
from thereafter.messaging import composing, notes
from thereafter.messaging.channels import email, sms, webpush
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.messaging.publishing import CannotPublish
from thereafter.messaging.rendering import CannotRender
from thereafter.timeline import peek
from thereafter.tracking import links, news
from thereafter.tracking.actions import notices, subscriptions
from thereafter.tracking.models import Notice, Parcel, Subscription
from thereafter.tracking.news import Told
from thereafter.tracking.rules.news import parts

log = logging.getLogger(__name__)
BATCH, TOGETHER = 200, 20
Channel = Subscription.Channel


def send_due(now: datetime) -> int:
    """Claims, composes, hands over and writes down, a few at a time; returns how many were taken."""
    if not peek.anything("tracking_notice", "state = 'queued' AND due_at <= %s", now):
        return 0
    claimed = notices.claim(now, BATCH)
    parcels = _parcels(claimed)
    for at in range(0, len(claimed), TOGETHER):
        chunk = claimed[at : at + TOGETHER]
        handed = [(notice, _hand_over(notice, parcels.get(parts(notice.key)[1]), now)) for notice in chunk]
        notices.settle(handed, now)
    return len(claimed)


def _parcels(claimed: Sequence[Notice]) -> dict[int, Parcel]:
    wanted = {parts(notice.key)[1] for notice in claimed} - {0}
    stores = {notice.store_id for notice in claimed}
    return Parcel.objects.filter(store_id__in=stores).in_bulk(wanted)


def _hand_over(notice: Notice, parcel: Parcel | None, now: datetime) -> Verdict:
    """One that cannot be sent must not keep the others from going."""
    try:
        return _send(notice, parcel, now)
    except tokens.BadToken:
        return Verdict(Answer.REFUSED, "The address was forgotten, or sealed with another secret key.")
    except (CannotPublish, CannotRender) as error:
        return Verdict(Answer.REFUSED, f"template: {error}"[:300])
    except Exception as error:
        log.exception("a notice could not be sent")
        return Verdict(Answer.LATER, f"{type(error).__name__}: {error}"[:300])


def _send(notice: Notice, parcel: Parcel | None, now: datetime) -> Verdict:
    subscription = notice.subscription
    if not subscription.sealed_address:
        return Verdict(Answer.REFUSED, "Ended before it was sent.")
    if notice.key != subscriptions.CONFIRM and (parcel is None or parcel.order_id != subscription.order_id):
        return Verdict(Answer.REFUSED, "There is no such parcel any more.")
    told = _told(notice, parcel, now)
    address = tokens.unseal(subscription.sealed_address)
    if subscription.channel == Channel.EMAIL:
        return _by_mail(notice, address, told)
    if subscription.channel == Channel.SMS:
        return _by_sms(notice, address, told)
    return _by_push(notice, address, told, now)


def _told(notice: Notice, parcel: Parcel | None, now: datetime) -> Told | None:
    """None for the question whether the address's owner wants news at all."""
    if parcel is None:
        return None
    today = day_in(now, notice.store.time_zone)
    return news.told(parts(notice.key)[0], parcel, language=notice.subscription.language, today=today)


def _by_mail(notice: Notice, address: str, told: Told | None) -> Verdict:
    subscription, store = notice.subscription, notice.store
    if notes.is_closed(store, address):
        return Verdict(Answer.GONE, "suppressed")
    facts = {
        "news": {"title": told.title, "text": told.text} if told else None,
        "links": {
            "follow": links.follow_page(subscription) if told else links.confirm_page(subscription),
            "unsubscribe": links.end_page(subscription) if told else None,
        },
    }
    letter = notes.note(
        store,
        "delivery_news" if told else "follow_confirm",
        to=address,
        language=subscription.language,
        # Asked again, it is another letter; tried again, it is the same.
        key=f"notice:{notice.pk}:{notice.made_at.timestamp():.0f}",
        facts=facts,
    )
    (verdict,) = list(email.channel(settings.MAIL_URL).deliver([letter]))
    return verdict


def _by_sms(notice: Notice, phone: str, told: Told | None) -> Verdict:
    account, subscription = sms_account(), notice.subscription
    if account is None:
        return Verdict(Answer.REFUSED, "There is no account for text messages.")
    language, shop = subscription.language, notice.store.name
    if told is None:
        text = sms.one_segment(shop, news.asked(links.code(subscription), language=language), "")
    else:
        tail = f"{links.follow_page(subscription)} {news.stop(language=language)}"
        text = sms.one_segment(shop, told.title, tail)
    return sms.send(account, phone, text.strip())


def sms_account() -> sms.Account | None:
    """The installation's account for text messages, if it has one."""
    if not (settings.SMS_ACCOUNT and settings.SMS_TOKEN and settings.SMS_FROM):
        return None
    return sms.Account(settings.SMS_ACCOUNT, settings.SMS_TOKEN, settings.SMS_FROM, settings.SMS_URL)


def _by_push(notice: Notice, given: str, told: Told | None, now: datetime) -> Verdict:
    try:
        browser = webpush.read(given, settings.PUSH_HOSTS)
    except webpush.BadSubscription as error:
        return Verdict(Answer.GONE, str(error))
    subscription = notice.subscription
    topic = f"order-{subscription.order_id}"
    body = {
        "title": f"{notice.store.name}: {told.title}" if told else notice.store.name,
        "body": told.text if told else "",
        "url": links.follow_page(subscription),
        "tag": topic,
        "lang": subscription.language,
    }
    contact = f"mailto:{composing.sender_of(notice.store)}"
    sender = webpush.Sender(push_key(settings.SECRET_KEY), contact)
    return webpush.send(browser, json.dumps(body, ensure_ascii=False).encode(), sender, topic=topic, now=now)


@lru_cache(maxsize=2)
def push_key(secret: str) -> EllipticCurvePrivateKey:
    return webpush.key_of(secret.encode())
