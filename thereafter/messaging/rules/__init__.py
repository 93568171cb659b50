"""What may be sent to whom, when to try again, and what goes into a header. Plain Python."""

from thereafter.messaging.rules.classes import MARKETING, SERVICE, TRANSACTIONAL
from thereafter.messaging.rules.languages import choose_language, languages
from thereafter.messaging.rules.letters import LONGEST_ADDRESS, headers, is_address, message_id, one_line
from thereafter.messaging.rules.trying import LEASE, MOST_TRIES, may_send_after_interruption, next_try

__all__ = [
    "LEASE",
    "LONGEST_ADDRESS",
    "MARKETING",
    "MOST_TRIES",
    "SERVICE",
    "TRANSACTIONAL",
    "choose_language",
    "headers",
    "is_address",
    "languages",
    "may_send_after_interruption",
    "message_id",
    "next_try",
    "one_line",
]
