"""The check of a sender's domain, against a name server of our own."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from django.test import Client

from thereafter.messaging import dns
from thereafter.messaging.dns import Server
from thereafter.messaging.models import SenderCheck
from thereafter.messaging.rules import dns_packets
from thereafter.messaging.rules.dns_packets import CNAME, MX, TXT, BadPacket, Question, ask, read
from thereafter.messaging.rules.sender_domain import judged, questions
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

RECORDS = Mapping[tuple[str, int], list[bytes]]
SPF = "v=spf1 include:sendgrid.net ~all"


def text(value: str) -> bytes:
    """A text record, cut into strings of 255 as name servers keep it."""
    data = value.encode()
    return b"".join(bytes([len(part)]) + part for part in (data[at : at + 255] for at in range(0, len(data), 255)))


def name(value: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in value.split(".")) + b"\0"


def mx(preference: int, host: str) -> bytes:
    return struct.pack("!H", preference) + (name(host) if host else b"\0")


def reply(packet: bytes, records: RECORDS, *, flags: int = 0x8180) -> bytes:
    question = read(packet[:2] + b"\x81\x80" + packet[4:]).question
    found = records.get((question.name, question.kind), [])
    end = packet.index(b"\0", 12) + 5
    rows = [_row(question.kind, data) for data in found]
    return packet[:2] + struct.pack("!HHHHH", flags, 1, len(rows), 0, 0) + packet[12:end] + b"".join(rows)


def _row(kind: int, data: bytes) -> bytes:
    # The name points back to the question.
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


@contextmanager
def name_server(
    answer: Callable[[bytes], list[bytes]], over_tcp: Callable[[bytes], bytes] | None = None
) -> Iterator[Server]:
    """Answers each packet with the packets that `answer` gives."""
    udp, tcp = _pair()
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                packet, there = udp.recvfrom(4096)
            except TimeoutError:
                _serve_tcp(tcp, over_tcp)
                continue
            for one in answer(packet):
                udp.sendto(one, there)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield udp.getsockname()
    finally:
        over.set()
        thread.join()
        udp.close()
        tcp.close()


def _pair(tries: int = 20) -> tuple[socket.socket, socket.socket]:
    """For packets and for calls on one port; what is free for the one may be another program's for the other."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    try:
        tcp = socket.create_server(udp.getsockname())
    except OSError:
        udp.close()
        if not tries:
            raise
        return _pair(tries - 1)
    udp.settimeout(0.05)
    tcp.settimeout(0.05)
    return udp, tcp


def _serve_tcp(tcp: socket.socket, answer: Callable[[bytes], bytes] | None) -> None:
    if answer is None:
        return
    try:
        caller, _ = tcp.accept()
    except TimeoutError:
        return
    with caller:
        length = int.from_bytes(caller.recv(2), "big")
        said = answer(caller.recv(length))
        caller.sendall(len(said).to_bytes(2, "big") + said)


def test_texts_and_mail_servers_are_found() -> None:
    records = {
        ("shop.example", TXT): [text("google-site-verification=x"), text(SPF)],
        ("shop.example", MX): [mx(20, "b.mail.example"), mx(10, "a.mail.example")],
    }
    asked = [Question("shop.example", TXT), Question("shop.example", MX), Question("none.example", TXT)]
    with name_server(lambda packet: [reply(packet, records)]) as server:
        found = dns.look_up(asked, server=server)
    assert found[asked[0]] == ("google-site-verification=x", SPF)
    assert set(found[asked[1]] or ()) == {"10 a.mail.example", "20 b.mail.example"}
    assert found[asked[2]] == ()


def test_a_long_key_in_several_strings_is_one_text() -> None:
    key = "v=DKIM1; k=rsa; p=" + "A" * 400
    records = {("s1._domainkey.shop.example", TXT): [text(key)]}
    asked = Question("s1._domainkey.shop.example", TXT)
    with name_server(lambda packet: [reply(packet, records)]) as server:
        assert dns.look_up([asked], server=server)[asked] == (key,)


def test_what_does_not_fit_is_asked_for_over_tcp() -> None:
    records = {("shop.example", TXT): [text(SPF)]}
    asked = Question("shop.example", TXT)
    with name_server(lambda packet: [reply(packet, {}, flags=0x8380)], lambda packet: reply(packet, records)) as server:
        assert dns.look_up([asked], server=server)[asked] == (SPF,)


def test_a_silent_server_is_not_waited_for_and_says_that_nothing_is_known() -> None:
    asked = Question("shop.example", TXT)
    with name_server(lambda packet: []) as server:
        assert dns.look_up([asked], server=server, seconds=0.2) == {asked: None}


def test_what_was_lost_is_asked_once_more() -> None:
    asked, packets = Question("shop.example", TXT), []

    def second_time(packet: bytes) -> list[bytes]:
        packets.append(packet)
        return [reply(packet, {("shop.example", TXT): [text(SPF)]})] if len(packets) > 1 else []

    with name_server(second_time) as server:
        assert dns.look_up([asked], server=server, seconds=1)[asked] == (SPF,)


def test_answers_to_other_questions_and_noise_are_not_believed() -> None:
    asked = Question("shop.example", TXT)
    lies = {("shop.example", TXT): [text("v=spf1 +all")], ("evil.example", TXT): [text("v=spf1 +all")]}

    def noisy(packet: bytes) -> list[bytes]:
        wrong_number = bytes([packet[0] ^ 1]) + packet[1:]
        other = ask(int.from_bytes(packet[:2], "big"), Question("evil.example", TXT))
        truth = {("shop.example", TXT): [text(SPF)]}
        return [b"", b"\0" * 11, packet, reply(wrong_number, lies), reply(other, lies), reply(packet, truth)]

    with name_server(noisy) as server:
        assert dns.look_up([asked], server=server)[asked] == (SPF,)


def test_an_alias_on_the_way_to_the_text_is_stepped_over() -> None:
    packet = ask(7, Question("k1._domainkey.shop.example", TXT))
    end = packet.index(b"\0", 12) + 5
    alias = _row(CNAME, name("dkim.provider.example"))
    record = name("dkim.provider.example") + struct.pack("!HHIH", TXT, 1, 60, len(text("p=abc"))) + text("p=abc")
    whole = packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 2, 0, 0) + packet[12:end] + alias + record
    assert read(whole).records == ("p=abc",)


def test_packets_that_lie_about_themselves_are_refused() -> None:
    packet = ask(7, Question("shop.example", TXT))
    good = reply(packet, {("shop.example", TXT): [text(SPF)]})
    circle = packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 0, 0, 0) + b"\xc0\x0c" + packet[-4:]
    for wrong in (b"", good[:-3], good[:20], circle):
        with pytest.raises(BadPacket):
            read(wrong)
    with pytest.raises(BadPacket):
        ask(7, Question("a..b", TXT))


def states(said: Mapping[str, tuple[str, ...] | None], selector: str = "s1", provider: str = "") -> dict[str, str]:
    return {one.title: one.state for one in judged("shop.example", selector, said, provider=provider)}


GOOD = {
    "spf": (SPF,),
    "dkim": ("v=DKIM1; p=abc",),
    "dmarc": ("v=DMARC1; p=reject",),
    "mx": ("10 mail.example",),
}


def test_a_domain_in_order_is_told_so() -> None:
    assert states(GOOD) == dict.fromkeys(("SPF", "DKIM", "DMARC", "MX"), "good")


@pytest.mark.parametrize(
    ("name", "records", "title", "state"),
    [
        ("spf", (), "SPF", "bad"),
        ("spf", (SPF, "v=spf1 mx -all"), "SPF", "bad"),
        ("spf", ("v=spf1 +all",), "SPF", "bad"),
        ("spf", ("v=spf1 " + "include:a.example " * 11 + "~all",), "SPF", "bad"),
        ("spf", None, "SPF", "unknown"),
        ("dkim", (), "DKIM", "bad"),
        ("dkim", ("v=DKIM1; p=",), "DKIM", "bad"),
        ("dmarc", (), "DMARC", "bad"),
        ("dmarc", ("v=DMARC1; p=none",), "DMARC", "good"),
        ("dmarc", ("v=DMARC1; rua=mailto:a@b.example",), "DMARC", "bad"),
        ("mx", (), "MX", "warn"),
        ("mx", ("0 .",), "MX", "warn"),
    ],
)
def test_each_fault_is_found(name: str, records: tuple[str, ...] | None, title: str, state: str) -> None:
    assert states({**GOOD, name: records})[title] == state


def test_what_to_add_can_be_copied() -> None:
    findings = {one.title: one for one in judged("shop.example", "s1", {**GOOD, "spf": ()}, provider="postmark")}
    assert findings["SPF"].add == "v=spf1 include:spf.mtasv.net ~all"
    two = {**GOOD, "spf": ("v=spf1 include:a.example ~all", "v=spf1 mx -all")}
    assert judged("shop.example", "s1", two)[0].add == "v=spf1 include:a.example mx ~all"
    missing = {one.title: one for one in judged("shop.example", "s1", GOOD, provider="postmark")}["SPF"]
    assert (missing.state, missing.add) == ("warn", "v=spf1 include:spf.mtasv.net include:sendgrid.net ~all")


def test_a_subdomain_has_the_policy_of_the_domain_above() -> None:
    assert "dmarc_above" in questions("mail.shop.example", "")
    said = {**GOOD, "dmarc": (), "dmarc_above": ("v=DMARC1; p=quarantine",)}
    assert states(said)["DMARC"] == "good"


def test_a_mailbox_of_somebody_else_is_no_sender() -> None:
    (finding,) = judged("gmail.com", "", {})
    assert finding.state == "bad"


@pytest.mark.django_db
def test_the_page_asks_and_shows_what_to_add(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store()
    Store.objects.filter(pk=store.pk).update(sender_email="hello@shop.example")
    client.force_login(make_staff(store, "marketer"))
    there = f"/console/{store.slug}/messages/sender/"
    assert "Not checked yet" in client.get(there).content.decode()
    records = {("shop.example", TXT): [text("v=spf1 +all")], ("shop.example", MX): [mx(10, "mail.shop.example")]}
    with name_server(lambda packet: [reply(packet, records)]) as server:
        monkeypatch.setattr(dns, "system_server", lambda: server)
        assert client.post(there, {"selector": "s1"}).status_code == 302
    shown = client.get(there).content.decode()
    assert "lets every server in the world send" in shown
    assert "_dmarc.shop.example" in shown
    assert SenderCheck.objects.of(store).get().found["said"]["mx"] == ["10 mail.shop.example"]
    client.post(there, {"selector": "not a selector!"})
    assert "A selector is letters" in client.get(there).content.decode()


def test_the_system_names_its_server() -> None:
    host, port = dns.system_server()
    assert host
    assert port == 53
    assert dns_packets.TXT == 16
