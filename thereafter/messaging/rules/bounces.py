"""What a refusal says of the address."""

import re

# RFC 3463: class.subject.detail. 5.1.x is about the address, 5.2.1 says that the mailbox is closed.
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NO_SUCH_ADDRESS = frozenset({550, 551, 553})
# 5.1.7 and 5.1.8 are about the sender's address, 5.1.9 about its domain.
_ABOUT_THE_SENDER = frozenset({"7", "8", "9"})


def is_for_ever(code: int, text: str) -> bool:
    """Whether an SMTP answer to RCPT says that this address will never take mail. A full mailbox, a policy and a
    sender that is not trusted say nothing of the kind."""
    if code < 500:  # noqa: PLR2004 SMTP: 4xx passes
        return False
    told = _ENHANCED.search(text)
    if told is None:
        return code in _NO_SUCH_ADDRESS
    _, subject, detail = told.groups()
    return (subject == "1" and detail not in _ABOUT_THE_SENDER) or (subject, detail) == ("2", "1")
