"""What a domain's records say about whether mail from it arrives, and what to add. Plain Python.

SPF is RFC 7208, DKIM RFC 6376, DMARC RFC 7489. Since 2024 Gmail, Yahoo and Microsoft want all three from who sends
5,000 mails a day.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from thereafter.messaging.rules.dns_packets import MX, TXT, Question

GOOD, WARN, BAD, UNKNOWN = "good", "warn", "bad", "unknown"
Records = Sequence[str] | None
# What a provider wants to be named as in SPF, by our code for it.
SPF_OF: Mapping[str, str] = {
    "amazon_ses": "include:amazonses.com",
    "brevo": "include:spf.brevo.com",
    "mailersend": "include:_spf.mailersend.net",
    "mailgun": "include:mailgun.org",
    "mailjet": "include:spf.mailjet.com",
    "mandrill": "include:spf.mandrillapp.com",
    "postmark": "include:spf.mtasv.net",
    "resend": "include:amazonses.com",
    "sendgrid": "include:sendgrid.net",
    "sparkpost": "include:sparkpostmail.com",
}
# Mail from here that another server sends is refused by the domain's own policy.
_OTHERS = (
    "gmail.com googlemail.com yahoo.com ymail.com aol.com outlook.com hotmail.com live.com msn.com icloud.com me.com "
    "gmx.de gmx.net web.de t-online.de freenet.de orange.fr laposte.net free.fr libero.it uol.com.br proton.me"
)
_MOST_LOOKUPS = 10
_LOOKS_UP = re.compile(r"^[+?~-]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?:[:/]|$)|exists:)|^redirect=", re.IGNORECASE)
_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9_.-]{0,60}[a-z0-9])?", re.IGNORECASE)


class Finding(NamedTuple):
    """One thing that was looked at: its state, what it means, what is there, and what to add where."""

    title: str
    state: str
    text: str
    found: str = ""
    add_at: str = ""
    add: str = ""


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].strip().lower()


def is_selector(text: str) -> bool:
    return bool(_SELECTOR.fullmatch(text))


def questions(domain: str, selector: str) -> dict[str, Question]:
    """What to ask, by what it is for."""
    asked = {
        "spf": Question(domain, TXT),
        "dmarc": Question(f"_dmarc.{domain}", TXT),
        "mx": Question(domain, MX),
    }
    if domain.count(".") > 1:
        # Without a policy of its own a subdomain has that of the domain above.
        asked["dmarc_above"] = Question(f"_dmarc.{'.'.join(domain.split('.')[-2:])}", TXT)
    if selector:
        asked["dkim"] = Question(f"{selector}._domainkey.{domain}", TXT)
    return asked


def judged(domain: str, selector: str, said: Mapping[str, Records], *, provider: str = "") -> list[Finding]:
    """What the answers mean, the most pressing first."""
    if domain in _OTHERS.split():
        return [_not_yours(domain)]
    above = said.get("dmarc_above") or ()
    findings = [
        _spf(domain, said.get("spf"), provider),
        _dkim(domain, selector, said.get("dkim")),
        _dmarc(domain, said.get("dmarc"), above),
        _mx(domain, said.get("mx")),
    ]
    order = (BAD, WARN, UNKNOWN, GOOD)
    return sorted(findings, key=lambda finding: order.index(finding.state))


def _not_yours(domain: str) -> Finding:
    return Finding(
        "Sender",
        BAD,
        f"Mail from {domain} may only be sent by {domain} itself; anybody else's is refused or goes to spam. Use an "
        "address of your shop's own domain, such as hello@yourshop.com.",
    )


def _silent(title: str) -> Finding:
    return Finding(title, UNKNOWN, "The name server did not answer in time. Try again in a minute.")


def _spf(domain: str, records: Records, provider: str) -> Finding:
    if records is None:
        return _silent("SPF")
    policies = [record for record in records if record.lower().split(" ")[0] == "v=spf1"]
    own = SPF_OF.get(provider, "")
    wanted = f"v=spf1 {own or 'include:your-provider'} ~all"
    if not policies:
        return Finding("SPF", BAD, "Nothing says which servers may send for you.", "", domain, wanted)
    if len(policies) > 1:
        text = "There are two policies, which counts as none. Join them into one record."
        return Finding("SPF", BAD, text, "\n".join(policies), domain, _joined(policies))
    return _spf_policy(domain, policies[0], own)


def _joined(policies: Sequence[str]) -> str:
    terms = [term for policy in policies for term in policy.split()[1:] if not term.lower().endswith("all")]
    return " ".join(["v=spf1", *dict.fromkeys(terms), "~all"])


def _spf_policy(domain: str, policy: str, own: str) -> Finding:
    terms = policy.split()[1:]
    everybody = [term for term in terms if term.lower() in {"+all", "all"}]
    if everybody:
        better = policy.replace(everybody[0], "~all")
        return Finding("SPF", BAD, "It lets every server in the world send for you.", policy, domain, better)
    if own and own not in terms:
        better = policy.replace("v=spf1", f"v=spf1 {own}", 1)
        return Finding("SPF", WARN, "The provider you send with is not named in it.", policy, domain, better)
    lookups = sum(bool(_LOOKS_UP.match(term)) for term in terms)
    if lookups > _MOST_LOOKUPS:
        text = f"It asks for {lookups} further names; beyond ten, mailboxes give up. Take out those you no longer use."
        return Finding("SPF", BAD, text, policy)
    return Finding("SPF", GOOD, "It says which servers may send for you.", policy)


def _dkim(domain: str, selector: str, records: Records) -> Finding:
    if not selector:
        text = "Type the selector that your provider shows (such as s1 or k1), and we look at the key."
        return Finding("DKIM", UNKNOWN, text)
    at = f"{selector}._domainkey.{domain}"
    if records is None:
        return _silent("DKIM")
    keys = [record for record in records if "p=" in record.replace(" ", "")]
    if not keys:
        text = (
            "There is no key under this selector, so nobody can check your signature. Your provider shows the record "
            "to add."
        )
        return Finding("DKIM", BAD, text, "", at, "v=DKIM1; k=rsa; p=… (from your provider)")
    if re.search(r"p=\s*(;|$)", keys[0]):
        return Finding("DKIM", BAD, "The key under this selector was withdrawn. Take the current one.", keys[0], at)
    return Finding("DKIM", GOOD, "There is a key to check your signature with.", _short(keys[0]))


def _dmarc(domain: str, records: Records, above: Sequence[str]) -> Finding:
    if records is None:
        return _silent("DMARC")
    policies = [record for record in (*records, *above) if record.lower().replace(" ", "").startswith("v=dmarc1")]
    wanted = f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}"
    if not policies:
        text = "Nothing says what to do with mail that only pretends to be yours. Begin by watching:"
        return Finding("DMARC", BAD, text, "", f"_dmarc.{domain}", wanted)
    policy = policies[0]
    tags = dict(part.strip().split("=", 1) for part in policy.split(";") if "=" in part)
    asked = tags.get("p", "").strip().lower()
    if asked not in {"none", "quarantine", "reject"}:
        return Finding(
            "DMARC", BAD, "The policy (p=) is missing, so it does not count.", policy, f"_dmarc.{domain}", wanted
        )
    if asked == "none":
        text = "It watches and refuses nothing, which is enough for a start. Once the reports are clean, ask for more:"
        better = re.sub(r"p\s*=\s*none", "p=quarantine", policy, count=1)
        return Finding("DMARC", GOOD, text, policy, f"_dmarc.{domain}", better)
    return Finding("DMARC", GOOD, "Mail that only pretends to be yours is turned away.", policy)


def _mx(domain: str, records: Records) -> Finding:
    if records is None:
        return _silent("MX")
    hosts = [record.split(" ", 1)[1] for record in sorted(records, key=lambda record: int(record.split(" ")[0]))]
    if not hosts or hosts == ["."]:
        text = "The domain takes no mail, so answers are lost, and some mailboxes refuse mail that cannot be answered."
        return Finding("MX", WARN, text, "", domain, "10 mail.your-provider.example (from your mail provider)")
    return Finding("MX", GOOD, "Answers arrive.", ", ".join(hosts[:4]))


def _short(key: str) -> str:
    return key if len(key) <= 90 else f"{key[:70]}…{key[-12:]}"  # noqa: PLR2004  what a line of the page shows
