"""What a store sends through: its accounts, its team's places, its customers' browsers."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from thereafter.commerce.models import Customer
from thereafter.kit import tokens
from thereafter.messaging import accounts
from thereafter.messaging.channels import registry, team, webpush
from thereafter.messaging.channels.letters import Answer, Field, Provider, Verdict
from thereafter.messaging.models import Browser, ChannelAccount, Message, TeamPlace, WhatsappTemplate
from thereafter.stores import actions as stores
from thereafter.stores.models import Staff, Store

LONGEST = 4_000
MOST_BROWSERS = 20


class CannotConnect(ValueError):
    """Why this cannot be kept. `field` names what is at fault, or ""."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def connect(
    store: Store, channel: str, provider: str, given: Mapping[str, str], *, by: Staff, now: datetime
) -> ChannelAccount:
    """Sends the channel through this provider from now on; a secret that is left empty stays as it was."""
    known = registry.provider(channel, provider)
    if known is None:
        raise CannotConnect("This provider is not known.")
    account = ChannelAccount.objects.of(store).select_for_update().filter(channel=channel).first()
    before = accounts.fields_of(account) or {} if account and account.provider == provider else {}
    fields = _complete(known, given, before)
    account = account or ChannelAccount(store=store, channel=channel, created_at=now)
    account.provider, account.sealed_fields, account.changed_at = provider, tokens.seal(json.dumps(fields)), now
    account.failed_at, account.error = None, ""
    account.save()
    detail = {"provider": known.name, "fields": sorted(fields)}
    stores.audit(store, by=by, verb="messages.connect_channel", now=now, subject=registry.label(channel), detail=detail)
    return account


def _complete(provider: Provider, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    # At another address the secrets have to be typed in anew: whoever hears there would get to know them.
    moved = any(
        str(given.get(field.name, "")).strip() != before.get(field.name, "")
        for field in provider.fields
        if field.name in _PLACES
    )
    kept = {field.name: _value(field, given, {} if moved else before) for field in provider.fields}
    return {name: value for name, value in kept.items() if value}


_PLACES = ("host", "api_url", "url", "region")


def _value(field: Field, given: Mapping[str, str], before: Mapping[str, str]) -> str:
    value = str(given.get(field.name, "")).strip()[:LONGEST]
    value = value or (before.get(field.name, "") if field.secret else "")
    if field.required and not value:
        raise CannotConnect(f"{field.label} is missing. At another address it has to be typed in anew.", field.name)
    return value


@transaction.atomic
def disconnect(account: ChannelAccount, *, by: Staff, now: datetime) -> None:
    """Forgets the keys; messages go through the installation's account, if there is one."""
    account.delete()
    subject = registry.label(account.channel)
    stores.audit(account.store, by=by, verb="messages.disconnect_channel", now=now, subject=subject)


@transaction.atomic
def new_hook_secret(store: Store, *, by: Staff, now: datetime) -> str:
    """What webhooks are signed with from now on."""
    secret = tokens.random_token("whsec_")
    sealed = tokens.seal(json.dumps({"secret": secret}))
    ChannelAccount.objects.update_or_create(
        store=store,
        channel="webhook",
        defaults={"provider": "own", "sealed_fields": sealed, "changed_at": now},
        create_defaults={"provider": "own", "sealed_fields": sealed, "changed_at": now, "created_at": now},
    )
    stores.audit(store, by=by, verb="messages.new_webhook_secret", now=now)
    return secret


def note_health(settled: Sequence[tuple[Message, Verdict]], now: datetime) -> None:
    """Writes down of stores' own accounts that they took messages, or why they take none."""
    answers: dict[tuple[int, str], list[Verdict]] = defaultdict(list)
    for message, verdict in settled:
        answers[message.store_id, message.channel].append(verdict)
    for (store_id, channel), verdicts in answers.items():
        rows = ChannelAccount.objects.of(store_id).filter(channel=channel)
        if any(one.answer == Answer.ACCEPTED for one in verdicts):
            rows.update(sent_at=now, error="", failed_at=None)
        elif waiting := [one for one in verdicts if one.answer == Answer.LATER]:
            rows.update(failed_at=now, error=waiting[-1].detail[:300])


@transaction.atomic
def add_place(store: Store, name: str, url: str, *, by: Staff, now: datetime) -> TeamPlace:
    """Somewhere the shop's own people hear of things. Raises `CannotConnect`."""
    name = " ".join(name.split())[:80]
    try:
        team.place(url, private=settings.PRIVATE_HOOKS)
        service = team.service_of(url)
    except team.BadPlace as wrong:
        raise CannotConnect(str(wrong), "url") from None
    if TeamPlace.objects.of(store).filter(name=name).exists():
        raise CannotConnect("Another place has this name.", "name")
    stores.audit(store, by=by, verb="messages.add_team_place", now=now, subject=name)
    return TeamPlace.objects.create(
        store=store, name=name, sealed_url=tokens.seal(url.strip()), service=service[:40], created_at=now
    )


@transaction.atomic
def remove_place(place: TeamPlace, *, by: Staff, now: datetime) -> None:
    place.delete()
    stores.audit(place.store, by=by, verb="messages.remove_team_place", now=now, subject=place.name)


def note_place(place: TeamPlace, verdict: Verdict, now: datetime) -> None:
    """When it last took a post, or why it did not."""
    if verdict.answer == Answer.ACCEPTED:
        TeamPlace.objects.of(place.store_id).filter(pk=place.pk).update(posted_at=now, error="")
    else:
        TeamPlace.objects.of(place.store_id).filter(pk=place.pk).update(error=verdict.detail[:300])


@transaction.atomic
def add_browser(customer: Customer, subscription: str, *, language: str, now: datetime) -> Browser:
    """A browser in which a customer allowed notifications. Raises `webpush.BadSubscription`.

    A browser belongs to one person: signed in as another it is theirs.
    """
    webpush.read(subscription, settings.PUSH_HOSTS)
    browser, _ = Browser.objects.of(customer.store_id).update_or_create(
        fingerprint=fingerprint(customer.store_id, subscription),
        defaults={
            "customer": customer,
            "sealed_subscription": tokens.seal(subscription),
            "language": language,
            "closed_at": None,
        },
        create_defaults={
            "store_id": customer.store_id,
            "customer": customer,
            "sealed_subscription": tokens.seal(subscription),
            "language": language,
            "created_at": now,
        },
    )
    _close_oldest(customer, now)
    return browser


def _close_oldest(customer: Customer, now: datetime) -> None:
    """A browser names itself anew now and then; more of them for one person is nobody's."""
    live = Browser.objects.of(customer.store_id).filter(customer=customer, closed_at__isnull=True)
    too_many = list(live.order_by("-created_at", "-pk").values_list("pk", flat=True)[MOST_BROWSERS:])
    Browser.objects.filter(pk__in=too_many).update(closed_at=now)


@transaction.atomic
def close_all_browsers(customer: Customer, now: datetime) -> int:
    """The person wants no notifications any more."""
    live = Browser.objects.of(customer.store_id).filter(customer=customer, closed_at__isnull=True)
    return live.update(closed_at=now, sealed_subscription="")


def close_browsers(closed: Iterable[tuple[Message, Sequence[str]]], now: datetime) -> None:
    """Browsers that their service says are gone."""
    by_store: dict[int, set[str]] = defaultdict(set)
    for message, subscriptions in closed:
        by_store[message.store_id] |= {fingerprint(message.store_id, one) for one in subscriptions}
    for store_id, prints in by_store.items():
        _closed(store_id, prints, now)


def _closed(store_id: int, prints: Collection[str], now: datetime) -> None:
    rows = Browser.objects.of(store_id).filter(fingerprint__in=prints, closed_at__isnull=True)
    rows.update(closed_at=now, sealed_subscription="")


def fingerprint(store_id: int, subscription: str) -> str:
    """Finds a browser again by the address it gave, without keeping that in clear."""
    try:
        named = str(json.loads(subscription)["endpoint"])
    except (ValueError, KeyError, TypeError):
        named = subscription
    return tokens.hmac_sha256(settings.SECRET_KEY, f"browser:{store_id}:{named}".encode()).hex()


@transaction.atomic
def know_whatsapp_template(
    store: Store, at: tuple[str, str], content_sid: str, variables: Sequence[str], *, by: Staff, now: datetime
) -> WhatsappTemplate:
    """Which content of theirs stands for our template in a language (`at`); its state is asked of the provider."""
    template, language = at
    row, _ = WhatsappTemplate.objects.update_or_create(
        store=store,
        template=template,
        language=language,
        defaults={
            "content_sid": content_sid,
            "variables": list(variables),
            "state": WhatsappTemplate.State.PENDING,
            "reason": "",
            "changed_at": now,
        },
    )
    stores.audit(store, by=by, verb="messages.set_whatsapp_template", now=now, subject=f"{template} ({language})")
    return row


@transaction.atomic
def set_whatsapp_state(
    row: WhatsappTemplate, state: str, *, category: str = "", reason: str = "", now: datetime
) -> None:
    """What WhatsApp says of a template."""
    changed = {"state": state, "category": category[:20], "reason": reason[:300], "changed_at": now}
    WhatsappTemplate.objects.of(row.store_id).filter(pk=row.pk).update(**changed)
