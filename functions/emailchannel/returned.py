"""An answer that did not reach the customer comes back to the agent who wrote it, with the reason.

The words are for people: what SES or the other server said, as far as it helps.
"""

from collections.abc import Mapping
from typing import Any, Final

from . import journal
from .case import Interaction
from .ports import Channel, Outgoing

_MOST: Final = 3  # recipients named in a reason
_WORDS_LIMIT: Final = 300
_BOUNCES: Final = {
    "MailboxFull": "the mailbox is full",
    "MessageTooLarge": "the mail is too large for the mailbox",
    "ContentRejected": "the receiving server rejected its content",
    "AttachmentRejected": "the receiving server rejected an attachment",
    "NoEmail": "there is no such address",
    "Suppressed": "Amazon SES sends nothing to this address: mail to it has bounced before",
    "OnAccountSuppressionList": (
        "your account's suppression list has this address: mail to it bounced or was complained of"
    ),
}
_REFUSALS: Final = {
    "suppressed-bounce": "mail to this address has bounced before, so Amazon SES sends none",
    "suppressed-complaint": "its owner has complained about mail, so Amazon SES sends none",
    "frozen-mail-missing": "the mail that was to be sent is not in the bucket any more",
    "MessageRejected": "Amazon SES rejected the mail",
    "MailFromDomainNotVerifiedException": "the MAIL FROM domain is not verified in Amazon SES",
    "AccountSuspendedException": "sending is suspended for your account",
    "SendingPausedException": "sending is paused for your account",
    "AccessDeniedException": "the channel has no right to send from this address",
    "BadRequestException": "Amazon SES cannot send this mail",
    "DESTINATION_PHONE_NUMBER_OPTED_OUT": "its owner has asked for no more texts",
    "DESTINATION_PHONE_NUMBER_NOT_VERIFIED": "texts go to verified numbers only, so far",
    "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT": "the account's monthly limit for texts is spent",
    "unknown": (
        "nobody knows whether Amazon SES has sent it. Ask the customer, or answer once more"
    ),
}


def bring_back(channel: Channel, outgoing: Outgoing, kind: str, words: str, at: int) -> None:
    """Open the case of a lost answer again, and give it to an agent. Each step can be repeated.

    A forwarded mail that is lost leaves its case as it is, and an agent is told all the same. So
    does another system's, of which no agent is told: its status says it.

    kind: bounced, complained, rejected, failed, not-sent, unknown; `at`: when it happened, in ms.
    """
    if not outgoing.message_id:
        return
    told = f"{kind}: {words}"[:_WORDS_LIMIT]
    log = Interaction(at, "returned", "channel", told, outgoing.message_id)
    now = channel.now_ms()
    journal.note(channel, outgoing.case_id, log, now)
    channel.cases.returned(outgoing.case_id, outgoing.message_id, told, now)
    if outgoing.is_answer:
        channel.queues.task(outgoing.case_id, outgoing.message_id, f"returned-{kind}")


def refused_words(reason: str) -> str:
    """Why SES did not take a mail."""
    return _REFUSALS.get(reason, f"Amazon SES refused it ({reason})")


def event_words(event: Mapping[str, Any]) -> str:
    """What a Bounce, Complaint, Reject or Rendering Failure says, for an agent."""
    bounce, complaint = event.get("bounce"), event.get("complaint")
    if isinstance(bounce, Mapping):
        return _bounce_words(bounce)
    if isinstance(complaint, Mapping):
        return f"{_names(complaint.get('complainedRecipients'))} marked the mail as spam"
    detail = event.get("reject") or event.get("failure") or {}
    why = detail.get("reason") or detail.get("errorMessage") or "no reason was given"
    return f"Amazon SES did not send it: {why}"


def _bounce_words(bounce: Mapping[str, Any]) -> str:
    recipients = bounce.get("bouncedRecipients") or ()
    why = _BOUNCES.get(str(bounce.get("bounceSubType")))
    if why is None:
        said = [_plain(str(entry.get("diagnosticCode") or "")) for entry in recipients]
        why = next(filter(None, said), "") or "the receiving server gave no reason"
        if bounce.get("bounceType") == "Permanent" and _unknown(recipients):
            why = f"there is no such address ({why})"
    return f"{_names(recipients)}: {why}"


def _plain(diagnostic: str) -> str:
    """A server's words without the name of their protocol (RFC 3464 section 2.3.6)."""
    kind, _, words = diagnostic.partition(";")
    return words.strip() if words and " " not in kind.strip() else diagnostic


def _unknown(recipients: Any) -> bool:
    """RFC 3463: X.1.1 is a bad mailbox, X.1.2 a bad system, X.1.10 a null MX."""
    return any(str(entry.get("status")) in {"5.1.1", "5.1.2", "5.1.10"} for entry in recipients)


def _names(recipients: Any) -> str:
    found = [str(entry.get("emailAddress") or "") for entry in recipients or ()]
    named = ", ".join(filter(None, found[:_MOST])) or "a recipient"
    return named if len(found) <= _MOST else f"{named} and {len(found) - _MOST} more"
