from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from thereafter.stores import actions, auth
from thereafter.stores.actions import BadSetting
from thereafter.stores.auth import NotAllowed
from thereafter.stores.models import ApiKey, Audit, Connection, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("currency", "EURO"),
        ("time_zone", "Mars/Olympus"),
        ("locale", "klingon"),
        ("brand_colour", "red; }"),
        ("slug", "a b"),
    ],
)
def test_a_store_that_cannot_be_is_refused_by_field(field: str, value: str) -> None:
    settings = {"slug": "new", "name": "New", "currency": "EUR"} | {field: value}
    with pytest.raises(BadSetting) as refusal:
        actions.open_store(now=NOON, **settings)
    assert refusal.value.field == field


def test_two_stores_cannot_share_an_address(store: Store) -> None:
    with pytest.raises(BadSetting, match="already"):
        make_store(store.slug)


def test_an_api_key_is_kept_as_a_fingerprint_only(store: Store) -> None:
    key, token = actions.make_api_key(store, name="Shop", scopes=["orders:write"], now=NOON)
    assert token not in str(ApiKey.objects.filter(pk=key.pk).values().get())
    assert auth.key_for(token, "orders:write", NOON).store == store


def test_a_key_opens_only_its_scopes(store: Store) -> None:
    _, token = actions.make_api_key(store, name="Shop", scopes=["orders:read"], now=NOON)
    with pytest.raises(NotAllowed, match="lacks the scope"):
        auth.key_for(token, "orders:write", NOON)


def test_a_revoked_key_opens_nothing(store: Store) -> None:
    key, token = actions.make_api_key(store, name="Shop", scopes=["orders:write"], now=NOON)
    owner = make_staff(store)
    assert not actions.revoke_api_key(make_store("other"), key.pk, by=owner, now=NOON)
    assert actions.revoke_api_key(store, key.pk, by=owner, now=NOON)
    with pytest.raises(NotAllowed, match="revoked"):
        auth.key_for(token, "orders:write", NOON)
    assert Audit.objects.of(store).get().verb == "keys.revoke"


def test_after_a_rotation_both_secrets_are_good_and_neither_is_readable(store: Store) -> None:
    first = actions.connect(store, "shopify", now=NOON)
    second = actions.connect(store, "shopify", now=NOON)
    connection = Connection.objects.of(store).get()
    assert connection.secrets() == [second, first]
    assert second not in connection.sealed_secret


def test_a_change_of_settings_is_audited_with_before_and_after(store: Store) -> None:
    actions.change_settings(store, by=make_staff(store), now=NOON, name="Stride Running")
    assert Audit.objects.of(store).get().detail == {"name": ["Stride & Co", "Stride Running"]}


def test_a_person_may_have_a_role_in_several_stores(store: Store) -> None:
    staff = make_staff(store, "support", email="ana@example.com")
    make_staff(make_store("other", name="Other"), "owner", email="Ana@example.com")
    assert [(one.store.slug, one.role) for one in staff.memberships] == [("other", "owner"), ("stride", "support")]


def test_a_second_factor_code_works_once(store: Store) -> None:
    staff = make_staff(store)
    secret = auth.new_second_factor()
    code = pyotp.TOTP(secret).at(NOON)
    assert actions.turn_on_second_factor(staff, secret=secret, code="000000", now=NOON) is None
    assert actions.turn_on_second_factor(staff, secret=secret, code=code, now=NOON)
    later = NOON + timedelta(minutes=5)
    fresh = pyotp.TOTP(secret).at(later)
    assert not actions.pass_second_factor(staff, code, NOON)
    assert actions.pass_second_factor(staff, fresh, later)
    assert not actions.pass_second_factor(staff, fresh, later)


def test_a_recovery_code_works_once(store: Store) -> None:
    staff = make_staff(store)
    secret = auth.new_second_factor()
    codes = actions.turn_on_second_factor(staff, secret=secret, code=pyotp.TOTP(secret).at(NOON), now=NOON)
    assert codes
    assert actions.pass_second_factor(staff, codes[3], NOON)
    assert not actions.pass_second_factor(staff, codes[3], NOON)
