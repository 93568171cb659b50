"""Opening a store, letting people and machines in, and writing down who did what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from django.db import transaction

from thereafter.kit import money, tokens
from thereafter.stores import auth, rules
from thereafter.stores.models import ApiKey, Audit, Connection, Membership, Staff, Store


class BadSetting(ValueError):
    """A setting that cannot be; the text says what to do. `field` names it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def check_settings(settings: dict[str, str]) -> None:
    """Raises `BadSetting` for the first of a store's settings that cannot be."""
    if "slug" in settings and not rules.is_slug(settings["slug"]):
        raise BadSetting("slug", "Use lower-case letters, digits and hyphens; some words are taken by our own pages.")
    if "currency" in settings:
        _check_currency(settings["currency"])
    if settings.get("time_zone", "UTC") not in available_timezones():
        raise BadSetting("time_zone", "Choose a zone of the IANA list, such as Europe/Berlin.")
    _check_locale(settings.get("locale", "en"))
    for field in ("brand_colour", "accent_colour"):
        if not rules.is_colour(settings.get(field, "#000000")):
            raise BadSetting(field, "Give the colour as #rrggbb.")


def _check_currency(currency: str) -> None:
    try:
        money.exponent(currency)
    except money.UnknownCurrency:
        raise BadSetting("currency", "Give a three-letter ISO 4217 code, such as EUR.") from None


def _check_locale(locale: str) -> None:
    try:
        Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise BadSetting("locale", "Give a language code such as en, de or pt-BR.") from None


@transaction.atomic
def open_store(slug: str, *, name: str, currency: str, now: datetime, **settings: str) -> Store:
    """A new store; raises `BadSetting`."""
    check_settings({"slug": slug, "currency": currency, **settings})
    if Store.objects.filter(slug=slug).exists():
        raise BadSetting("slug", "Another store here has this address already.")
    return Store.objects.create(slug=slug, name=name, currency=currency, created_at=now, **settings)


@transaction.atomic
def change_settings(store: Store, *, by: Staff, now: datetime, **settings: str) -> None:
    """Changes a store's settings; raises `BadSetting` and changes nothing then."""
    check_settings(settings)
    before = {field: getattr(store, field) for field in settings}
    Store.objects.filter(pk=store.pk).update(**settings)
    changed = {field: [before[field], value] for field, value in settings.items() if before[field] != value}
    if changed:
        audit(store, by=by, verb="settings.change", now=now, detail=changed)


@transaction.atomic
def add_staff(store: Store, *, email: str, name: str, role: str, password: str | None, now: datetime) -> Staff:
    """Gives a person a role in a store; someone who has an account elsewhere keeps it and its password."""
    if role not in rules.ROLES:
        raise BadSetting("role", f"Choose one of {', '.join(rules.ROLES)}.")
    email = email.strip().lower()
    staff = Staff.objects.filter(email=email).first()
    if staff is None:
        staff = Staff(email=email, name=name)
        staff.set_password(password)
        staff.save()
    Membership.objects.update_or_create(store=store, staff=staff, defaults={"role": role})
    return staff


@transaction.atomic
def make_api_key(store: Store, *, name: str, scopes: Sequence[str], now: datetime) -> tuple[ApiKey, str]:
    """A new key and its token, which is shown this once; raises `BadSetting` for an unknown scope."""
    unknown = [scope for scope in scopes if scope not in rules.SCOPES]
    if unknown or not scopes:
        raise BadSetting("scopes", f"Choose scopes from {', '.join(rules.SCOPES)}.")
    token = tokens.random_token("ta_")
    key = ApiKey.objects.create(
        store=store,
        name=name,
        hint=f"{token[:7]}…{token[-4:]}",
        fingerprint=tokens.fingerprint(token),
        scopes=list(scopes),
        created_at=now,
    )
    return key, token


@transaction.atomic
def revoke_api_key(store: Store, key_id: int, *, by: Staff, now: datetime) -> bool:
    """The key opens nothing from now on; False when the store has no such live key."""
    won = ApiKey.objects.of(store).filter(pk=key_id, revoked_at__isnull=True).update(revoked_at=now)
    if won:
        audit(store, by=by, verb="keys.revoke", now=now, subject=f"key {key_id}")
    return bool(won)


@transaction.atomic
def connect(store: Store, source: str, *, now: datetime, secret: str | None = None) -> str:
    """Lets a source post to this store; returns the secret it signs with (ours, or the one the shop system gave)."""
    secret = secret or tokens.random_token("whsec_")
    known = Connection.objects.of(store).filter(source=source).first()
    if known is None:
        Connection.objects.create(store=store, source=source, sealed_secret=tokens.seal(secret), created_at=now)
    else:
        Connection.objects.of(store).filter(pk=known.pk).update(
            sealed_secret=tokens.seal(secret), sealed_old_secret=known.sealed_secret, rotated_at=now
        )
    return secret


@transaction.atomic
def turn_on_second_factor(staff: Staff, *, secret: str, code: str, now: datetime) -> list[str] | None:
    """Recovery codes when the code proves that the app is set up, else None. The codes are shown this once."""
    step = auth.matching_step(secret, code, now)
    if step is None:
        return None
    codes = auth.recovery_codes()
    staff.sealed_second_factor = tokens.seal(secret)
    staff.recovery_codes = [tokens.fingerprint(one) for one in codes]
    staff.last_code_step = step
    staff.save(update_fields=["sealed_second_factor", "recovery_codes", "last_code_step"])
    return codes


@transaction.atomic
def turn_off_second_factor(staff: Staff) -> None:
    staff.sealed_second_factor, staff.recovery_codes = "", []
    staff.save(update_fields=["sealed_second_factor", "recovery_codes"])


@transaction.atomic
def pass_second_factor(staff: Staff, code: str, now: datetime) -> bool:
    """Whether the code opens the door; each code and each recovery code works once."""
    code = code.strip().replace(" ", "")
    step = auth.matching_step(tokens.unseal(staff.sealed_second_factor), code, now)
    if step is not None:
        fresh = Staff.objects.filter(pk=staff.pk, last_code_step__lt=step)
        return bool(fresh.update(last_code_step=step))
    print_of_code = tokens.fingerprint(code)
    locked = Staff.objects.select_for_update().get(pk=staff.pk)
    if print_of_code not in locked.recovery_codes:
        return False
    locked.recovery_codes = [kept for kept in locked.recovery_codes if kept != print_of_code]
    locked.save(update_fields=["recovery_codes"])
    return True


def audit(
    store: Store,
    *,
    by: Staff | None,
    verb: str,
    now: datetime,
    subject: str = "",
    detail: Mapping[str, object] | None = None,
) -> None:
    """Writes down who did what, in the caller's transaction."""
    Audit.objects.create(
        store=store,
        at=now,
        actor=f"staff:{by.pk}" if by else "system",
        actor_name=by.name if by else "Thereafter",
        verb=verb,
        subject=subject,
        detail=dict(detail or {}),
    )
