"""Templates as they were published, messages and what became of them, and addresses that are closed to us."""

from thereafter.messaging.models.contacts import Suppression
from thereafter.messaging.models.messages import Message, Receipt
from thereafter.messaging.models.templates import MessageClass, TemplateVersion

__all__ = ["Message", "MessageClass", "Receipt", "Suppression", "TemplateVersion"]
