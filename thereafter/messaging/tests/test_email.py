import email as standard_email
import socket
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from thereafter.messaging.channels import email
from thereafter.messaging.channels.letters import Answer, Letter
from thereafter.messaging.channels.null import Null


class Mailbox:
    """A mail server in a thread: refuses some names as real ones do."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.sessions: set[int] = set()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answers = {"unknown": "550 5.1.1 no such user", "busy": "451 4.3.0 try later"}
        answer = answers.get(address.partition("@")[0])
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.sessions.add(id(session))
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.messages.append(standard_email.message_from_bytes(content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, email.Smtp]]:
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    channel = email.Smtp(email.server(f"smtp://127.0.0.1:{port}?tls=never"))
    yield box, channel
    channel.close()
    controller.stop()


def letter(to: str = "john@example.com", **fields: object) -> Letter:
    given: dict[str, object] = {
        "key": 1,
        "to": to,
        "sender_name": "Müller & Söhne",
        "sender": "shop@shop.example",
        "reply_to": "help@shop.example",
        "subject": "Größe 42, ja = 1",
        "html": "<p>Grüße = schön</p>" + "x" * 3000,
        "text": "Grüße\n.\nund tschüss",
        "message_id": "<abc@t.example>",
        "headers": {"List-Unsubscribe": f"<https://t.example/{'u' * 90}>"},
    }
    return Letter(**(given | fields))  # type: ignore[arg-type]


def test_a_letter_arrives_whole(mailbox: tuple[Mailbox, email.Smtp]) -> None:
    box, channel = mailbox
    assert [verdict.answer for verdict in channel.deliver([letter()])] == [Answer.ACCEPTED]
    (message,) = box.messages
    assert message["Subject"] == "Größe 42, ja = 1"
    assert message["From"] == "Müller & Söhne <shop@shop.example>"
    assert (message["Message-ID"], message["Reply-To"]) == ("<abc@t.example>", "help@shop.example")
    assert message["List-Unsubscribe"] == f"<https://t.example/{'u' * 90}>"
    plain, page = message.iter_parts()
    assert isinstance(plain, EmailMessage)
    assert isinstance(page, EmailMessage)
    assert plain.get_content().replace("\r\n", "\n") == "Grüße\n.\nund tschüss"
    assert page.get_content() == letter().html
    assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")


def test_the_address_that_ends_a_subscription_is_written_as_it_is() -> None:
    """RFC 2369 knows no encoded words, and mailboxes show no button for them."""
    assert f"List-Unsubscribe: <https://t.example/{'u' * 90}>\r\n".encode() in email.as_bytes(letter())


def test_a_comma_in_the_shops_name_makes_no_second_sender() -> None:
    sent = standard_email.message_from_bytes(email.as_bytes(letter(sender_name="Müller, Söhne")), policy=policy.default)
    (sender,) = sent["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Müller, Söhne", "shop@shop.example")


def test_a_letter_that_cannot_be_written_does_not_stop_the_others(mailbox: tuple[Mailbox, email.Smtp]) -> None:
    box, channel = mailbox
    letters = [letter(), letter(sender="info@müller.example"), letter(reply_to="a@b.example\r\nBcc: c"), letter()]
    answers = [verdict.answer for verdict in channel.deliver(letters)]
    assert answers == [Answer.ACCEPTED, Answer.REFUSED, Answer.REFUSED, Answer.ACCEPTED]
    assert len(box.messages) == 2


def test_one_connection_carries_many_letters_and_survives_a_refusal(mailbox: tuple[Mailbox, email.Smtp]) -> None:
    box, channel = mailbox
    letters = [letter(), letter("unknown@example.com"), letter("busy@example.com"), letter("ana@example.com")]
    verdicts = list(channel.deliver(letters))
    assert [verdict.answer for verdict in verdicts] == [
        Answer.ACCEPTED,
        Answer.REFUSED,
        Answer.LATER,
        Answer.ACCEPTED,
    ]
    assert "no such user" in verdicts[1].detail
    assert (len(box.messages), len(box.sessions)) == (2, 1)


def test_a_connection_that_went_away_is_opened_again(
    mailbox: tuple[Mailbox, email.Smtp], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, channel = mailbox
    list(channel.deliver([letter()]))
    channel._mine.connection.sock.close()
    monkeypatch.setattr(email, "IDLE_SECONDS", 0)
    assert [verdict.answer for verdict in channel.deliver([letter()])] == [Answer.ACCEPTED]
    assert len(box.messages) == 2


def test_a_server_that_is_down_means_later() -> None:
    (verdict,) = email.Smtp(email.server("smtp://127.0.0.1:9?tls=never")).deliver([letter()])
    assert verdict.answer == Answer.LATER


def test_a_line_break_in_a_header_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        email.as_bytes(letter(subject="Hello\r\nBcc: all@shop.example"))
    with pytest.raises(ValueError, match="control"):
        email.as_bytes(letter(headers={"X-Note": "Hello\r\nBcc: all@shop.example"}))


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://mail.example", 25, "if_offered"),
        ("smtp://me:secret@mail.example", 587, "if_offered"),
        ("smtps://me:p%40ss@mail.example", 465, "from_start"),
        ("smtp://mail.example:2525?tls=never", 2525, "never"),
    ],
)
def test_the_mail_setting_is_an_address(url: str, port: int, tls: str) -> None:
    server = email.server(url)
    assert (server.port, server.tls) == (port, tls)


def test_another_setting_is_refused_with_a_reason() -> None:
    with pytest.raises(email.BadMailAddress, match="smtp://"):
        email.server("mail.example")


def test_null_sends_nothing() -> None:
    assert isinstance(email.channel("null:"), Null)
