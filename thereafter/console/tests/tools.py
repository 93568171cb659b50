"""What tests of merchants' pages need."""

from django.test import Client

from thereafter.stores.models import Staff


def signed_in(staff: Staff, *, checks_csrf: bool = False) -> Client:
    """A browser in which the person is signed in."""
    client = Client(enforce_csrf_checks=checks_csrf)
    client.force_login(staff)
    return client
