"""The three classes of messages. Plain Python."""

TRANSACTIONAL = "transactional"
SERVICE = "service"
MARKETING = "marketing"
