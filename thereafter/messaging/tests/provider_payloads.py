"""What Brevo, Resend, Mailjet, SparkPost and Mandrill post, as their public documentation shows it; and all of them."""

import base64
import hmac
import json
from collections.abc import Callable
from hashlib import sha1
from typing import Any
from urllib.parse import urlencode

from thereafter.messaging.tests.payloads import (
    CALLED,
    LINK,
    PHONE_BROWSER,
    TO,
    Sample,
    as_json,
    basic,
    svix_key,
)
from thereafter.messaging.tests.payloads_of_providers import AMAZON_SES, MAILGUN, POSTMARK, SENDGRID

# --------------------------------------------------------------------- Brevo


def _brevo(event: str, **fields: Any) -> Callable[[str, int], tuple[bytes, dict[str, str]]]:
    def make(message_id: str, ours: int) -> tuple[bytes, dict[str, str]]:
        told = {
            "event": event,
            "email": TO,
            "id": 26224,
            "date": "2026-03-03 13:05:00",
            "ts": 1772539500,
            "ts_event": 1772539500,
            "ts_epoch": 1772539500000,
            "message-id": message_id,
            "subject": "Test subject",
            "X-Mailin-custom": json.dumps({"thereafter": str(ours)}),
            "sending_ip": "198.51.100.9",
            **fields,
        }
        body, headers = as_json(told)
        return body, headers | basic("whsec_brevo")

    return make


BREVO = Sample(
    "whsec_brevo",
    {
        "delivered": _brevo("delivered"),
        "bounced": _brevo("hard_bounce", reason="550 5.1.1 no such user"),
        "soft": _brevo("soft_bounce", reason="452 4.2.2 full"),
        "complained": _brevo("spam"),
        "opened": _brevo("unique_opened"),
        "machine": _brevo("unique_proxy_open"),
        "clicked": _brevo("click", link=LINK),
    },
)


# -------------------------------------------------------------------- Resend


def _resend(kind: str, **fields: Any) -> Callable[[str, int], tuple[bytes, dict[str, str]]]:
    def make(message_id: str, ours: int) -> tuple[bytes, dict[str, str]]:
        told = {
            "type": kind,
            "created_at": "2026-03-03T12:05:00.000Z",
            "data": {
                "created_at": "2026-03-03T12:00:00.000Z",
                "email_id": message_id,
                "from": "Stride <sender@stride.example>",
                "to": [TO],
                "subject": "Sending this example",
                **fields,
            },
        }
        body = json.dumps(told).encode()
        name, stamp = f"msg_{kind}", "1772539500"
        key = base64.b64decode(svix_key)
        seal = base64.b64encode(hmac.digest(key, f"{name}.{stamp}.".encode() + body, "sha256")).decode()
        return body, {
            "content-type": "application/json",
            "svix-id": name,
            "svix-timestamp": stamp,
            "svix-signature": f"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,{seal}",
        }

    return make


RESEND = Sample(
    f"whsec_{svix_key}",
    {
        "delivered": _resend("email.delivered"),
        "bounced": _resend(
            "email.bounced",
            bounce={
                "message": "The recipient's email address is on the suppression list.",
                "subType": "Suppressed",
                "type": "Permanent",
            },
        ),
        "complained": _resend("email.complained"),
        "opened": _resend("email.opened"),
        "clicked": _resend(
            "email.clicked",
            click={
                "ipAddress": "122.115.53.11",
                "link": LINK,
                "timestamp": "2026-03-03T13:00:57.163Z",
                "userAgent": PHONE_BROWSER,
            },
        ),
    },
)


# ------------------------------------------------------------------- Mailjet


def _mailjet(event: str, **fields: Any) -> Callable[[str, int], tuple[bytes, dict[str, str]]]:
    def make(message_id: str, ours: int) -> tuple[bytes, dict[str, str]]:
        told = [
            {
                "event": event,
                "time": 1772539500,
                "MessageID": int(message_id),
                "Message_GUID": "1ab23cd4-e567-8901-2345-6789f0gh1i2j",
                "email": TO,
                "mj_campaign_id": 7257,
                "mj_contact_id": 4,
                "customcampaign": "",
                "CustomID": "",
                "Payload": json.dumps({"thereafter": str(ours)}),
                **fields,
            }
        ]
        body, headers = as_json(told)
        return body, headers | basic("whsec_mailjet")

    return make


MAILJET = Sample(
    "whsec_mailjet",
    {
        "delivered": _mailjet("sent", smtp_reply="sent (250 2.0.0 OK 1433333948 fa5si855896wjc.199 - gsmtp)"),
        "bounced": _mailjet(
            "bounce", blocked=False, hard_bounce=True, error_related_to="recipient", error="user unknown", comment=""
        ),
        "soft": _mailjet(
            "bounce", blocked=False, hard_bounce=False, error_related_to="mailbox", error="quota exceeded", comment=""
        ),
        "complained": _mailjet("spam", source="JMRPP"),
        "opened": _mailjet("open", ip="127.0.0.1", geo="US", agent=PHONE_BROWSER),
        "clicked": _mailjet("click", url=LINK, ip="127.0.0.1", geo="FR", agent=PHONE_BROWSER),
    },
)


# ----------------------------------------------------------------- SparkPost


def _sparkpost(group: str, kind: str, **fields: Any) -> Callable[[str, int], tuple[bytes, dict[str, str]]]:
    def make(message_id: str, ours: int) -> tuple[bytes, dict[str, str]]:
        told = [
            {
                "msys": {
                    group: {
                        "type": kind,
                        "customer_id": "1",
                        "event_id": f"923569276938{kind}",
                        "message_id": "000443ee14578172be22",
                        "transmission_id": message_id,
                        "raw_rcpt_to": TO,
                        "rcpt_to": TO,
                        "rcpt_meta": {"thereafter": str(ours)},
                        "subject": "Summer deals are here!",
                        "timestamp": "1772539500",
                        **fields,
                    }
                }
            }
        ]
        body, headers = as_json(told)
        return body, headers | basic("whsec_sparkpost")

    return make


SPARKPOST = Sample(
    "whsec_sparkpost",
    {
        "delivered": _sparkpost("message_event", "delivery", queue_time="12"),
        "bounced": _sparkpost(
            "message_event",
            "bounce",
            bounce_class="10",
            error_code="550",
            raw_reason="550 5.1.1 user unknown",
            reason="550 5.1.1 user unknown",
        ),
        "soft": _sparkpost(
            "message_event", "bounce", bounce_class="22", error_code="452", raw_reason="452 full", reason="452 full"
        ),
        "complained": _sparkpost("message_event", "spam_complaint", fbtype="abuse", report_by="server.email.com"),
        "opened": _sparkpost("track_event", "open", user_agent=PHONE_BROWSER, ip_address="198.51.100.7"),
        "clicked": _sparkpost("track_event", "click", user_agent=PHONE_BROWSER, target_link_url=LINK),
    },
)


# ------------------------------------------------------------------ Mandrill


def _mandrill(event: str, **fields: Any) -> Callable[[str, int], tuple[bytes, dict[str, str]]]:
    more = {name: fields.pop(name) for name in ("user_agent", "url", "ip") if name in fields}

    def make(message_id: str, ours: int) -> tuple[bytes, dict[str, str]]:
        told = [
            {
                "event": event,
                "msg": {
                    "ts": 1772539200,
                    "subject": "This an example webhook message",
                    "email": TO,
                    "sender": "sender@stride.example",
                    "tags": ["webhook-example"],
                    "opens": [],
                    "clicks": [],
                    "state": "sent",
                    "metadata": {"thereafter": str(ours)},
                    "_id": message_id,
                    "_version": "exampleaaaaaaaaaaaaaaa",
                    **fields,
                },
                "_id": message_id,
                "ts": 1772539500,
                **more,
            }
        ]
        params = {"mandrill_events": json.dumps(told)}
        signed = f"{CALLED}/hooks/stride/mandrill" + "".join(name + params[name] for name in sorted(params))
        seal = base64.b64encode(hmac.new(b"mandrill-key", signed.encode(), sha1).digest()).decode()
        return urlencode(params).encode(), {
            "content-type": "application/x-www-form-urlencoded",
            "x-mandrill-signature": seal,
        }

    return make


MANDRILL = Sample(
    "mandrill-key",
    {
        "delivered": _mandrill("delivered"),
        "bounced": _mandrill(
            "hard_bounce",
            state="bounced",
            bounce_description="bad_mailbox",
            bgtools_code=10,
            diag="smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        ),
        "soft": _mandrill(
            "soft_bounce", bounce_description="mailbox_full", bgtools_code=22, diag="smtp;552 5.2.2 Over"
        ),
        "complained": _mandrill("spam"),
        "opened": _mandrill("open", user_agent=PHONE_BROWSER, ip="127.0.0.1"),
        "clicked": _mandrill("click", user_agent=PHONE_BROWSER, url=LINK, ip="127.0.0.1"),
    },
)

SAMPLES: dict[str, Sample] = {
    "amazon_ses": AMAZON_SES,
    "brevo": BREVO,
    "mailgun": MAILGUN,
    "mailjet": MAILJET,
    "mandrill": MANDRILL,
    "postmark": POSTMARK,
    "resend": RESEND,
    "sendgrid": SENDGRID,
    "sparkpost": SPARKPOST,
}
