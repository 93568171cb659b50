"""Tickets: a mail to the shop's own support inbox, which any help desk takes. It goes as the shop's e-mail goes."""

from thereafter.messaging.channels import email
from thereafter.messaging.channels.letters import Kind

KIND = Kind("ticket", "Support ticket", "chat", "the shop's support e-mail", email.KIND.open, to_customers=False)
