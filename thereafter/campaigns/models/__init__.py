"""Campaigns, newsletter sign-ups and printed inserts."""

from thereafter.campaigns.models.campaigns import Campaign, Recipient
from thereafter.campaigns.models.inserts import InsertSettings
from thereafter.campaigns.models.signups import Signup, SignupForm

__all__ = ["Campaign", "InsertSettings", "Recipient", "Signup", "SignupForm"]
