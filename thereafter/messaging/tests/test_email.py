import dataclasses
import email as standard_email
import socket
import threading
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from thereafter.messaging.channels import email, mime
from thereafter.messaging.channels.letters import Answer, Letter, Verdict
from thereafter.messaging.channels.null import Null
from thereafter.messaging.rules import bounces


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
    return Letter(**(given | fields))  # type: ignore[arg-type]  # keywords from a dictionary


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


def test_a_domain_of_other_letters_is_written_as_servers_know_it(mailbox: tuple[Mailbox, email.Smtp]) -> None:
    box, channel = mailbox
    known, unknown = channel.deliver([letter(to="anna@exämple.test"), letter(to="ännä@shop.example")])
    assert (known.answer, box.messages[0]["To"]) == (Answer.ACCEPTED, "anna@xn--exmple-cua.test")
    assert (unknown.answer, len(box.messages)) == (Answer.REFUSED, 1)


def test_the_address_that_ends_a_subscription_is_written_as_it_is() -> None:
    """RFC 2369 knows no encoded words, and mailboxes show no button for them."""
    assert f"List-Unsubscribe: <https://t.example/{'u' * 90}>\r\n".encode() in mime.as_bytes(letter())


def test_a_comma_in_the_shops_name_makes_no_second_sender() -> None:
    sent = standard_email.message_from_bytes(mime.as_bytes(letter(sender_name="Müller, Söhne")), policy=policy.default)
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
    with pytest.raises(ValueError, match="control characters"):
        mime.as_bytes(letter(subject="Hello\r\nBcc: all@shop.example"))
    with pytest.raises(ValueError, match="control"):
        mime.as_bytes(letter(headers={"X-Note": "Hello\r\nBcc: all@shop.example"}))


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


# ------------------------------------------------------- what a refusal says of the address


@pytest.mark.parametrize(
    ("code", "said", "for_ever"),
    [
        (550, "5.1.1 no such user", True),
        (550, "No such user here", True),
        (553, "5.1.3 bad address", True),
        (550, "5.2.1 mailbox disabled", True),
        (552, "5.2.2 mailbox full", False),
        (550, "5.7.1 blocked by policy", False),
        (554, "rejected as spam", False),
        (550, "5.1.8 sender domain not found", False),
        (450, "4.2.1 try later", False),
    ],
)
def test_only_a_dead_address_is_a_bounce_for_ever(code: int, said: str, for_ever: bool) -> None:
    assert bounces.is_for_ever(code, said) == for_ever


def test_an_unknown_user_is_a_bounce_and_a_server_that_is_busy_is_none(mailbox: tuple[Mailbox, email.Smtp]) -> None:
    _, channel = mailbox
    unknown, busy = channel.deliver([letter("unknown@example.com"), letter("busy@example.com")])
    assert (unknown.bounced, busy.bounced) == (True, False)


class Talk:
    """A server that says what it is told and writes down what it hears, a piece of the network at a time."""

    def __init__(self, *answers: bytes, pipelining: bool = True) -> None:
        self.heard: list[bytes] = []
        self._answers = list(answers)
        offers = b"250-x\r\n250-PIPELINING\r\n250 8BITMIME\r\n" if pipelining else b"250 x\r\n"
        self._first = [b"220 x\r\n", offers]
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        there, _ = self._socket.accept()
        with there:
            there.sendall(self._first[0])
            there.recv(65536)
            there.sendall(self._first[1])
            for answer in self._answers:
                self.heard.append(there.recv(65536))
                there.sendall(answer)

    def close(self) -> None:
        self._socket.close()
        self._thread.join(5)


def talked(*answers: bytes, pipelining: bool = True) -> tuple[Talk, list[Verdict]]:
    talk = Talk(*answers, pipelining=pipelining)
    channel = email.Smtp(email.server(f"smtp://127.0.0.1:{talk.port}?tls=never"))
    verdicts = list(channel.deliver([letter()]))
    channel.close()
    talk.close()
    return talk, verdicts


def test_the_envelope_is_said_in_one_go_where_the_server_can_take_that() -> None:
    talk, (verdict,) = talked(b"250 ok\r\n250 ok\r\n354 go\r\n", b"250 ok\r\n")
    assert talk.heard[0].split(b"\r\n")[-2] == b"DATA"
    assert verdict.answer == Answer.ACCEPTED
    talk, (verdict,) = talked(b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"250 ok\r\n", pipelining=False)
    assert (len(talk.heard), verdict.answer) == (4, Answer.ACCEPTED)


def test_a_server_that_asks_for_a_letter_to_nobody_gets_none() -> None:
    """RFC 2920: after a refused receiver DATA may be answered with 354 all the same."""
    talk, (verdict,) = talked(b"250 ok\r\n550 5.1.1 no\r\n354 go\r\n", b"554 nobody\r\n", b"250 reset\r\n")
    assert talk.heard[1:] == [b".\r\n", b"rset\r\n"]
    assert (verdict.answer, verdict.bounced) == (Answer.REFUSED, True)


def test_a_line_of_one_full_stop_does_not_end_the_letter(mailbox: tuple[Mailbox, email.Smtp]) -> None:
    box, channel = mailbox
    (verdict,) = channel.deliver([letter(text="one\n.\n..two\nthree")])
    assert verdict.answer == Answer.ACCEPTED
    (part, *_) = box.messages[0].iter_parts()
    assert part.get_content().splitlines() == ["one", ".", "..two", "three"]


def test_several_connections_carry_letters_at_a_time_and_keep_their_order(mailbox: tuple[Mailbox, email.Smtp]) -> None:
    box, channel = mailbox
    many = email.Smtp(dataclasses.replace(channel.server, connections=3))
    names = ["ana", "unknown", "bea", "busy", "eva", "joe"]
    verdicts = list(many.deliver([letter(f"{name}@example.com") for name in names]))
    assert [one.answer for one in verdicts] == [
        Answer.ACCEPTED, Answer.REFUSED, Answer.ACCEPTED, Answer.LATER, Answer.ACCEPTED, Answer.ACCEPTED,
    ]  # fmt: skip
    many.close_all()
    assert (many.together, len(box.messages)) == (60, 4)


def test_amazons_servers_tell_the_name_of_a_letter() -> None:
    said = b"Ok 010701863f1b2c3d-aaaa-bbbb-cccc-000000"
    assert email._given_id("email-smtp.eu-central-1.amazonaws.com", said) == said.split()[-1].decode()
    assert email._given_id("mail.example", said) == ""


def test_a_letter_without_html_is_one_part(mailbox: tuple[Mailbox, email.Smtp]) -> None:
    box, channel = mailbox
    list(channel.deliver([letter(html="")]))
    assert box.messages[0].get_content_type() == "text/plain"
