"""What states and reasons are called on merchants' pages."""

TONES = {
    "queued": "info",
    "sending": "info",
    "sent": "good",
    "skipped": "neutral",
    "failed": "bad",
    "unknown": "warn",
}
CLASSES = {"transactional": "Order mail", "service": "Service mail", "marketing": "Marketing"}

_REASONS = {
    "no_address": "The customer has no e-mail address.",
    "bad_address": "The e-mail address cannot be right.",
    "suppressed": "The address is closed: mail to it came back, or somebody complained.",
    "unsubscribed": "The customer unsubscribed.",
    "no_consent": "The customer has not agreed to marketing by e-mail.",
    "nothing_to_say:satisfaction": "There was no open question to ask.",
    "nothing_to_say:recommendations": "There was nothing to recommend.",
    "interrupted": "A worker stopped in the middle; it was tried once more.",
}


def reason_in_words(reason: str) -> str:
    return _REASONS.get(reason, reason)
