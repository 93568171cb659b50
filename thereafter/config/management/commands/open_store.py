import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from thereafter.journeys.actions.publishing import install_recipes
from thereafter.kit import clock
from thereafter.stores import actions
from thereafter.stores.actions import BadSetting
from thereafter.stores.models import Staff, Store


class Command(BaseCommand):
    help = "Opens a store with its owner and the journeys that come with Thereafter, and prints what to connect."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="its word in addresses: lower-case letters, digits, hyphens")
        parser.add_argument("--name", required=True)
        parser.add_argument("--currency", required=True, help="ISO 4217, such as EUR")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--locale", default="en")
        parser.add_argument("--time-zone", default="UTC")
        parser.add_argument("--country", default="", help="ISO 3166, such as DE: what is abroad, and which holidays")
        parser.add_argument("--support-email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        password = secrets.token_urlsafe(12)
        try:
            store, owner, is_new = _open(options, password)
        except BadSetting as wrong:
            raise CommandError(f"{wrong.field}: {wrong}") from None
        except ValidationError:
            raise CommandError(f"owner: {options['owner']} is not an e-mail address.") from None
        secret = actions.connect(store, "carrier", now=clock.now())
        self.stdout.write(f"{store.name} is open.")
        self.stdout.write(f"  Console          {settings.PUBLIC_URL}/console/{store.slug}/")
        self.stdout.write(f"  Sign in          {owner.email}")
        self.stdout.write(f"  Password         {password if is_new else 'the one you have'}")
        self.stdout.write(f"  Carrier webhook  {settings.PUBLIC_URL}/hooks/{store.slug}/carrier  secret {secret}")
        self.stdout.write("Connect the shop itself in the console under Settings > Connections.")


@transaction.atomic
def _open(options: dict[str, Any], password: str) -> tuple[Store, Staff, bool]:
    now, email = clock.now(), options["owner"].strip().lower()
    validate_email(email)
    store = actions.open_store(
        options["slug"],
        name=options["name"],
        currency=options["currency"],
        now=now,
        locale=options["locale"],
        time_zone=options["time_zone"],
        country=options["country"].upper()[:2],
        support_email=options["support_email"],
    )
    is_new = not Staff.objects.filter(email=email).exists()
    owner = actions.add_staff(store, email=email, name=email.split("@")[0], role="owner", password=password, now=now)
    install_recipes(store, now)
    return store, owner, is_new
