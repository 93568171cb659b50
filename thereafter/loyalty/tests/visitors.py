"""Shoppers for tests: browsers in which somebody is signed in."""

from django.test import Client

from thereafter.commerce.models import Customer
from thereafter.kit import tokens


def visitor(customer: Customer) -> Client:
    client = Client()
    client.cookies[f"shopper_{customer.store_id}"] = tokens.sign("shopper-session", customer.store_id, customer.pk)
    return client
