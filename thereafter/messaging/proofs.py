"""A message sent to oneself, to see it in one's own mailbox. It is not counted, and nobody else can get it."""

from uuid import uuid4

from thereafter.messaging import accounts, rules
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Answer, Letter, Verdict
from thereafter.messaging.channels.null import Null
from thereafter.messaging.composing import mail_host, sender_of
from thereafter.messaging.rendering import Rendered
from thereafter.stores.models import Staff, Store


def send_proof(store: Store, mail: Rendered, to: Staff) -> Verdict:
    """Hands the mail to the store's own mail account and says what that answered. Takes as long as the mail server
    takes, so not within a transaction."""
    account = accounts.account_of(store.pk, "email")
    if account is None:
        return Verdict(Answer.REFUSED, "This shop has no account to send mail with.")
    (verdict,) = registry.opened(account).deliver([_letter(store, mail, to)])
    return verdict


def sends_nothing(store: Store) -> bool:
    """Whether this installation renders mails and drops them."""
    account = accounts.account_of(store.pk, "email")
    return account is None or isinstance(registry.opened(account), Null)


def _letter(store: Store, mail: Rendered, to: Staff) -> Letter:
    return Letter(
        key=0,
        to=to.email,
        sender_name=mail.extras.get("sender_name") or rules.one_line(store.name),
        sender=sender_of(store),
        reply_to=store.support_email,
        subject=rules.one_line(f"[Test] {mail.subject}"),
        html=mail.html,
        text=mail.text,
        message_id=rules.message_id(store.pk, f"proof:{uuid4()}", mail_host()),
        headers={"Auto-Submitted": "auto-generated"},
    )
