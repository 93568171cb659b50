"""What Postmark, SendGrid, Mailgun and SES post, as their public documentation shows it."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from thereafter.messaging.tests.payloads import (
    LINK,
    PHONE_BROWSER,
    TO,
    Sample,
    as_json,
    basic,
    ecdsa,
    sendgrid_key,
)

# ------------------------------------------------------------------ Postmark


def _postmark(kind: str, **fields: Any) -> Callable[[str, int], tuple[bytes, dict[str, str]]]:
    def make(message_id: str, ours: int) -> tuple[bytes, dict[str, str]]:
        told = {
            "RecordType": kind,
            "ServerID": 23,
            "MessageStream": "outbound",
            "MessageID": message_id,
            "Tag": "welcome-email",
            "Metadata": {"thereafter": str(ours)},
            **fields,
        }
        body, headers = as_json(told)
        return body, headers | basic("whsec_postmark")

    return make


_bounce = {
    "ID": 42,
    "Type": "HardBounce",
    "TypeCode": 1,
    "Name": "Hard bounce",
    "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
    "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
    "Email": TO,
    "From": "sender@stride.example",
    "BouncedAt": "2026-03-03T12:05:00.0000000Z",
    "DumpAvailable": True,
    "Inactive": True,
    "CanActivate": True,
    "Subject": "Test subject",
}
POSTMARK = Sample(
    "whsec_postmark",
    {
        "delivered": _postmark(
            "Delivery", Recipient=TO, DeliveredAt="2026-03-03T12:05:00Z", Details="Test delivery webhook details"
        ),
        "bounced": _postmark("Bounce", **_bounce),
        "soft": _postmark("Bounce", **{**_bounce, "ID": 43, "Type": "SoftBounce", "TypeCode": 4096}),
        "complained": _postmark("SpamComplaint", **{**_bounce, "ID": 44, "Type": "SpamComplaint", "TypeCode": 100001}),
        "opened": _postmark(
            "Open",
            Recipient=TO,
            FirstOpen=True,
            ReceivedAt="2026-03-03T13:05:00Z",
            Platform="Mobile",
            UserAgent=PHONE_BROWSER,
            ReadSeconds=5,
        ),
        "clicked": _postmark(
            "Click",
            Recipient=TO,
            ReceivedAt="2026-03-03T13:06:00Z",
            Platform="Mobile",
            ClickLocation="HTML",
            OriginalLink=LINK,
            UserAgent=PHONE_BROWSER,
        ),
    },
)


# ------------------------------------------------------------------ SendGrid


def _sendgrid(event: str, **fields: Any) -> Callable[[str, int], tuple[bytes, dict[str, str]]]:
    def make(message_id: str, ours: int) -> tuple[bytes, dict[str, str]]:
        told = [
            {
                "email": TO,
                "timestamp": 1772539500,
                "smtp-id": f"<{message_id}@ismtpd-555>",
                "event": event,
                "sg_event_id": f"sg_{event}_1",
                "sg_message_id": f"{message_id}.filter0001.16648.5515E0B88.0",
                "thereafter": str(ours),
                **fields,
            }
        ]
        body = json.dumps(told).encode()
        stamp = str(int(time.time()))
        signature = base64.b64encode(ecdsa.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
        return body, {
            "content-type": "application/json",
            "x-twilio-email-event-webhook-signature": signature,
            "x-twilio-email-event-webhook-timestamp": stamp,
        }

    return make


SENDGRID = Sample(
    sendgrid_key(ecdsa),
    {
        "delivered": _sendgrid("delivered", response="250 OK"),
        "bounced": _sendgrid("bounce", reason="550 5.1.1 unknown user", status="5.1.1", type="bounce"),
        "soft": _sendgrid("bounce", reason="554 5.7.1 blocked", status="5.7.1", type="blocked"),
        "complained": _sendgrid("spamreport"),
        "opened": _sendgrid("open", useragent=PHONE_BROWSER, ip="198.51.100.7", sg_machine_open=False),
        "machine": _sendgrid("open", useragent=PHONE_BROWSER, ip="198.51.100.7", sg_machine_open=True),
        "clicked": _sendgrid("click", useragent=PHONE_BROWSER, ip="198.51.100.7", url=LINK),
    },
)


# ------------------------------------------------------------------- Mailgun


def _mailgun(event: str, **fields: Any) -> Callable[[str, int], tuple[bytes, dict[str, str]]]:
    def make(message_id: str, ours: int) -> tuple[bytes, dict[str, str]]:
        stamp, token = "1772539500", f"c9d0bd7b2a7b1f0f5c3e{event:0>20}"[:50]
        told = {
            "signature": {
                "token": token,
                "timestamp": stamp,
                "signature": hmac.digest(b"key-mailgun", f"{stamp}{token}".encode(), "sha256").hex(),
            },
            "event-data": {
                "id": "W3X4JOhFT-OZidZGKKr9iA",
                "timestamp": 1772539500.25,
                "log-level": "info",
                "event": event,
                "message": {"headers": {"to": TO, "message-id": message_id.strip("<>"), "from": "s@stride.example"}},
                "recipient": TO,
                "user-variables": {"thereafter": str(ours)},
                **fields,
            },
        }
        return as_json(told)

    return make


_client = {"client-type": "mobile browser", "user-agent": PHONE_BROWSER, "bot": ""}
MAILGUN = Sample(
    "key-mailgun",
    {
        "delivered": _mailgun("delivered", **{"delivery-status": {"code": 250, "message": "OK", "description": ""}}),
        "bounced": _mailgun(
            "failed",
            severity="permanent",
            reason="bounce",
            **{"delivery-status": {"code": 550, "message": "5.1.1 no such user", "description": ""}},
        ),
        "complained": _mailgun("complained"),
        "opened": _mailgun("opened", **{"client-info": _client}),
        "clicked": _mailgun("clicked", url=LINK, **{"client-info": _client}),
    },
)


# -------------------------------------------------------- Amazon SES by SNS


def _ses(kind: str, **fields: Any) -> Callable[[str, int], tuple[bytes, dict[str, str]]]:
    def make(message_id: str, ours: int) -> tuple[bytes, dict[str, str]]:
        told = {
            "notificationType": kind,
            "mail": {
                "timestamp": "2026-03-03T12:00:00.000Z",
                "source": "sender@stride.example",
                "sourceArn": "arn:aws:ses:eu-central-1:888888888888:identity/stride.example",
                "sendingAccountId": "123456789012",
                "messageId": message_id,
                "destination": [TO],
                "headersTruncated": False,
                "headers": [
                    {"name": "From", "value": "sender@stride.example"},
                    {"name": "X-Metadata", "value": json.dumps({"thereafter": str(ours)})},
                ],
            },
            **fields,
        }
        name = f"22b80b92-fdea-4c2c-8f9d-{kind.lower():0>12}"
        envelope = {
            "Type": "Notification",
            "MessageId": name,
            "TopicArn": "arn:aws:sns:eu-central-1:123456789012:mail",
            "Message": json.dumps(told),
            "Timestamp": "2026-03-03T12:05:00.000Z",
            "SignatureVersion": "1",
            "Signature": "EXAMPLE",
            "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService.pem",
            "UnsubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
        }
        headers = {
            "content-type": "text/plain; charset=UTF-8",
            "x-amz-sns-message-type": "Notification",
            "x-amz-sns-message-id": name,
        }
        return json.dumps(envelope).encode(), headers | basic("whsec_ses")

    return make


AMAZON_SES = Sample(
    "whsec_ses",
    {
        "delivered": _ses(
            "Delivery",
            delivery={
                "timestamp": "2026-03-03T12:05:00.184Z",
                "processingTimeMillis": 546,
                "recipients": [TO],
                "smtpResponse": "250 ok: Message 64111812 accepted",
            },
        ),
        "bounced": _ses(
            "Bounce",
            bounce={
                "bounceType": "Permanent",
                "reportingMTA": "dns; email.example.com",
                "bouncedRecipients": [
                    {
                        "emailAddress": TO,
                        "status": "5.1.1",
                        "action": "failed",
                        "diagnosticCode": "smtp; 550 5.1.1 <john@example.com>... User",
                    }
                ],
                "bounceSubType": "General",
                "timestamp": "2026-03-03T12:05:00.237Z",
                "feedbackId": "00000138111222aa-33322211",
            },
        ),
        "complained": _ses(
            "Complaint",
            complaint={
                "userAgent": "AnyCompany Feedback Loop (V0.01)",
                "complainedRecipients": [{"emailAddress": TO}],
                "complaintFeedbackType": "abuse",
                "timestamp": "2026-03-03T12:05:00.000Z",
                "feedbackId": "000001378603177f",
            },
        ),
    },
)
