"""What SES says became of a mail: configuration-set events, published to SNS.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Collection
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import ses_v2, sns

from local.world import clock
from local.world.headers import common_headers, header_list, parsed_headers
from local.world.ses_out import Sent
from local.world.times import iso

log = logging.getLogger("local.ses")
EICAR = b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$"
_TYPES = {
    "Send": "SEND",
    "Delivery": "DELIVERY",
    "Bounce": "BOUNCE",
    "Complaint": "COMPLAINT",
    "Reject": "REJECT",
    "Open": "OPEN",
    "Click": "CLICK",
    "Rendering Failure": "RENDERING_FAILURE",
    "DeliveryDelay": "DELIVERY_DELAY",
    "Subscription": "SUBSCRIPTION",
}
_UNTRIED = "Not sent: the address is on the suppression list of the account (local)"
modes: dict[str, str] = {}  # account -> "auto" (the default) | "manual"


def automatic(account: str) -> bool:
    return modes.get(account, "auto") == "auto"


def outcomes(mail: Sent, stopped: Collection[str] = ()) -> list[tuple[str, str]]:
    """(event type, recipient) of a mail, decided by the recipients' local parts.

    bounce*, mailboxfull*, suppressed* bounce; complaint* is delivered, then complained about;
    delayed* is late. A mail with the EICAR test file is rejected. All others are delivered.
    Recipients in `stopped` bounce whatever they are called: their mail is not tried.
    """
    if EICAR in mail.raw:
        return [("Send", ""), ("Reject", "")]
    events = [("Send", "")]
    for recipient in mail.recipients:
        local = recipient.split("@")[0].lower()
        if recipient in stopped or local.startswith(("bounce", "mailboxfull", "suppressed")):
            events.append(("Bounce", recipient))
        elif local.startswith("delayed"):
            events += [("DeliveryDelay", recipient), ("Delivery", recipient)]
        else:
            events.append(("Delivery", recipient))
        if local.startswith("complaint") and recipient not in stopped:
            events.append(("Complaint", recipient))
    return events


def event(
    account: str, mail: Sent, kind: str, recipient: str, *, untried: bool = False
) -> dict[str, Any]:
    """The event as SES writes it; `kind` is its eventType.

    `untried`: the bounce of an address that is on the account's suppression list.
    """
    now = iso(clock.now(account))
    detail = {
        "Send": {},
        "Delivery": {
            "timestamp": now,
            "processingTimeMillis": 512,
            "recipients": [recipient],
            "smtpResponse": "250 2.6.0 Message received",
            "reportingMTA": f"a8-70.smtp-out.{mail.region}.amazonses.com",
        },
        "Bounce": _bounce(recipient, now, untried=untried),
        "Complaint": {
            "complainedRecipients": [{"emailAddress": recipient}],
            "timestamp": now,
            "feedbackId": _feedback(),
            "complaintSubType": None,
            "userAgent": "Mail Feedback (local)",
            "complaintFeedbackType": "abuse",
            "arrivalDate": now,
        },
        "Reject": {"reason": "Bad content"},
        "DeliveryDelay": {
            "timestamp": now,
            "delayType": "TransientCommunicationFailure",
            "expirationTime": iso(clock.now(account) + 14 * 3600),
            "reportingMTA": f"a8-70.smtp-out.{mail.region}.amazonses.com",
            "delayedRecipients": [
                {
                    "emailAddress": recipient,
                    "status": "4.4.1",
                    "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host",
                }
            ],
        },
    }[kind]
    key = "deliveryDelay" if kind == "DeliveryDelay" else kind.lower()
    return {"eventType": kind, "mail": _mail(account, mail), key: detail}


def _bounce(recipient: str, now: str, *, untried: bool) -> dict[str, Any]:
    local = recipient.split("@", maxsplit=1)[0].lower()
    kind, sub_type, status = "Permanent", "General", "5.1.1"
    if untried or local.startswith("suppressed"):
        sub_type = "OnAccountSuppressionList"
    elif local.startswith("mailboxfull"):
        kind, sub_type, status = "Transient", "MailboxFull", "5.2.2"
    return {
        "bounceType": kind,
        "bounceSubType": sub_type,
        "bouncedRecipients": [
            {
                "emailAddress": recipient,
                "action": "failed",
                "status": status,
                "diagnosticCode": _UNTRIED
                if sub_type == "OnAccountSuppressionList"
                else f"smtp; 550 {status} <{recipient}>: not accepted",
            }
        ],
        "timestamp": now,
        "feedbackId": _feedback(),
        "reportingMTA": "dns; a8-70.smtp-out.amazonses.com",
    }


def _feedback() -> str:
    return f"{uuid.uuid4().hex[:16]}-{uuid.uuid4()}-000000"


def _mail(account: str, mail: Sent) -> dict[str, Any]:
    headers, truncated = header_list(mail.delivered)
    parsed = parsed_headers(mail.delivered)
    return {
        "timestamp": iso(mail.at),
        "source": mail.source,
        "sourceArn": f"arn:aws:ses:{mail.region}:{account}:identity/{mail.sender.split('@')[-1]}",
        "sendingAccountId": account,
        "messageId": mail.message_id,
        "destination": list(mail.recipients),
        "headersTruncated": truncated,
        "headers": headers,
        "commonHeaders": {**common_headers(parsed), "messageId": mail.message_id},
        "tags": {
            "ses:operation": ["SendRawEmail"],
            "ses:configuration-set": [mail.configuration_set],
            "ses:source-ip": ["127.0.0.1"],
            "ses:from-domain": [mail.sender.split("@")[-1]],
            "ses:caller-identity": [mail.caller or "root"],
            **{name: [value] for name, value in mail.tags.items()},
        },
    }


def publish(account: str, region: str, configuration_set: str, content: dict[str, Any]) -> int:
    """Send the event to the set's SNS destinations that want its type; how many got it."""
    wanted, delivered = _TYPES.get(str(content.get("eventType", "")), ""), 0
    with request_scope(account, region):
        known = ses_v2._config_sets.get(configuration_set) or {}
        source = f"arn:aws:ses:{region}:{account}:configuration-set/{configuration_set}"
        for destination in (known.get("EventDestinations") or {}).values():
            topic = (destination.get("SnsDestination") or {}).get("TopicArn", "")
            types = destination.get("MatchingEventTypes") or []
            if not topic or not destination.get("Enabled") or wanted not in types:
                continue
            if publish_to_topic(account, topic, source, json.dumps(content), "Event"):
                delivered += 1
    return delivered


def publish_to_topic(account: str, topic: str, source: str, text: str, what: str) -> bool:
    """Publish as ses.amazonaws.com if the topic's policy lets it."""
    if not sns.topic_policy_allows(topic, "ses.amazonaws.com", source, account):
        log.warning("SES: not allowed to publish to %s for %s", topic, source)
        return False
    subject = f"Amazon SES Email {what} Notification"
    return sns.publish_internal(topic, text, subject) is not None
