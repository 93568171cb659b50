"""Templates as they were published, messages and what became of them, and addresses that are closed to us."""

from thereafter.messaging.models.channels import Browser, ChannelAccount, TeamPlace, WhatsappTemplate
from thereafter.messaging.models.contacts import ContactSettings, Pace, SenderCheck, SoftBounce, Suppression
from thereafter.messaging.models.messages import Message, Receipt
from thereafter.messaging.models.templates import (
    MessageClass,
    MessageLook,
    MessageTemplate,
    Picture,
    TemplateChannel,
    TemplateRevision,
    TemplateVersion,
)

__all__ = [
    "Browser",
    "ChannelAccount",
    "ContactSettings",
    "Message",
    "MessageClass",
    "MessageLook",
    "MessageTemplate",
    "Pace",
    "Picture",
    "Receipt",
    "SenderCheck",
    "SoftBounce",
    "Suppression",
    "TeamPlace",
    "TemplateChannel",
    "TemplateRevision",
    "TemplateVersion",
    "WhatsappTemplate",
]
