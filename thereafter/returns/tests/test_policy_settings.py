"""Days, numbers and words of returns; what a shop says of a product that decides how it comes back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from thereafter.commerce.actions.products import take_products
from thereafter.commerce.documents import ProductDoc
from thereafter.commerce.models import Product
from thereafter.commerce.rules.after_sale import AfterSale, plain, read
from thereafter.commerce.tests.makers import make_product
from thereafter.console.tests.tools import signed_in
from thereafter.returns.actions.return_settings import NumberIsGiven, change_settings
from thereafter.returns.console.settings import SettingsForm
from thereafter.returns.models import ReturnSettings
from thereafter.returns.queries import settings_of
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 14, 9, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


def entered(store: Store, **changed: Any) -> dict[str, Any]:
    held = settings_of(store)
    held.store = store
    form = SettingsForm(held)
    sent = {name: form[name].value() for name in form.fields} | changed
    return {name: value for name, value in sent.items() if value not in (None, False, "")}


def test_a_shop_says_its_days_its_numbers_and_its_words(store: Store) -> None:
    console = signed_in(make_staff(store))
    sent = entered(store, send_within_days=21, next_number=5000, credit_days=730, word_de_welcome=" Hallo! ")
    sent.pop("tells_of_postage")
    console.post(f"/console/{store.slug}/returns/settings/", sent)
    held = settings_of(store)
    assert (held.send_within_days, held.next_number, held.credit_days) == (21, 5000, 730)
    assert (held.informs_of_withdrawal, held.tells_of_postage) == (True, False)
    assert held.words == {"de": {"welcome": "Hallo!"}}
    assert Audit.objects.of(store).filter(verb="returns.settings").count() == 1


def test_words_of_others_stay(store: Store) -> None:
    ReturnSettings.objects.create(
        store=store, changed_at=NOW, words={"en": {"footer": "Bye"}, "nl": {"welcome": "Hoi"}}
    )
    console = signed_in(make_staff(store))
    console.post(f"/console/{store.slug}/returns/settings/", entered(store, word_en_thanks="Thanks"))
    assert settings_of(store).words == {"en": {"footer": "Bye", "thanks": "Thanks"}, "nl": {"welcome": "Hoi"}}


def test_no_number_is_given_twice(store: Store) -> None:
    ReturnSettings.objects.create(store=store, changed_at=NOW, next_number=1200)
    with pytest.raises(NumberIsGiven, match="go on from 1200"):
        change_settings(store, by=make_staff(store), now=NOW, next_number=1100)
    console = signed_in(make_staff(store, "support"))
    page = console.post(f"/console/{store.slug}/returns/settings/", entered(store, next_number=1))
    assert "id_next_number_error" in page.content.decode()
    assert settings_of(store).next_number == 1200


def test_one_is_not_reminded_before_one_was_asked(store: Store) -> None:
    console = signed_in(make_staff(store))
    page = console.post(f"/console/{store.slug}/returns/settings/", entered(store, send_within_days=5, remind_days=5))
    assert "Remind later than on the first day." in page.content.decode()


def test_what_is_usual_of_a_product_is_not_stored() -> None:
    assert plain(AfterSale()) == {}
    said = AfterSale(tags=("sale",), flags=("perishable",), final_sale=True)
    assert plain(said) == {"tags": ["sale"], "flags": ["perishable"], "final_sale": True}
    assert read(plain(said) | {"gone": 1}) == said


def test_a_product_says_how_it_comes_back(store: Store) -> None:
    product = make_product(store, external_id="sock")
    console = signed_in(make_staff(store))
    address = f"/console/{store.slug}/products/{product.pk}/"
    sent = {
        "category": "Socks",
        "tags": "sale, Sale ,wool",
        "flags": ["sealed_hygiene"],
        "final_sale": "on",
        "vendor": "Acme",
    }
    console.post(address, sent | {"returnable": "on"})
    product = Product.objects.get(pk=product.pk)
    assert product.after_sale == {
        "vendor": "Acme", "tags": ["sale", "Sale", "wool"], "flags": ["sealed_hygiene"], "final_sale": True,
    }  # fmt: skip
    shown = console.get(address).content.decode()
    assert 'value="sale, Sale, wool"' in shown


def test_what_the_shop_system_tells_of_a_product_leaves_what_the_shop_said_here(store: Store) -> None:
    product = make_product(store, external_id="sock", tags=["sale"], vendor="Acme", product_type="Socks")
    assert product.after_sale == {"tags": ["sale"], "vendor": "Acme", "product_type": "Socks"}
    Product.objects.filter(pk=product.pk).update(after_sale=product.after_sale | {"flags": ["perishable"]})
    doc = ProductDoc(external_id="sock", title="Socks", tags=[], changed_at=NOW)
    take_products(store, [doc], source="api", now=NOW)
    told = Product.objects.get(pk=product.pk).after_sale
    assert told == {"vendor": "Acme", "product_type": "Socks", "flags": ["perishable"]}
