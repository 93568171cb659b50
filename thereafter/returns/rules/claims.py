"""What somebody claims because something is wrong, and not because of a change of mind. Plain Python."""

CLAIMS = ("non_conformity", "carrier_claim", "warranty")
