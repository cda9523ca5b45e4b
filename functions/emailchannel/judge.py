"""What a customer-side mail is to us: whose case it names, who wrote it, and what it may do."""

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from . import directory, trust
from .case import RESOLVED, Case, takes_more
from .mail import alias, thread
from .mail.address import normalise, strict_from, warnings_for
from .mail.authors import author_domains
from .mail.thanks import is_thanks
from .mail.values import ParsedMail
from .mail.verdict import GRAY, PASS, TrustedBlock, Verdicts, authenticated, trusted_block
from .ports import Channel, Envelope

_MANY: Final = 200  # addresses of a mail that are looked at for our own


@dataclass(frozen=True)
class Reading:
    """A mail read and judged, not yet kept.

    `linked`: cases that a new case follows. `agent`: the user name of the agent who wrote it.
    `about`: the answer of ours whose delivery it reports.
    """

    envelope: Envelope
    mail: ParsedMail
    sender: str
    authenticated: bool
    case: Case | None
    decision: trust.Decision
    linked: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    agent: str = ""
    about: str = ""


def judge(
    channel: Channel, envelope: Envelope, raw: bytes, mail: ParsedMail, *, released: bool = False
) -> Reading:
    """Find the case and decide by its sender. Raises Retryable only.

    `released`: a person wants it seen, so even automatic mail opens a case if it names none.
    """
    block = _what_ses_wrote(envelope, raw)
    if block and envelope.verdicts == Verdicts():
        # The notification was lost: SES's own header block is the second best witness.
        envelope = replace(envelope, verdicts=block.verdicts)
        if not envelope.recipients and block.recipient:
            envelope = replace(envelope, recipients=(block.recipient,))
    sender = normalise(mail.from_.addr) if mail.from_ else ""
    domains = block.dkim_domains if block else ()
    proven = authenticated(envelope.verdicts, sender, envelope.mail_from, domains)
    proven = proven and _one_author(raw, mail, sender)
    case = _locate(channel, envelope, mail, sender)
    about = _reported(channel, mail, case)
    known = Reading(envelope, mail, sender, proven, case, trust.NEW_CASE[proven], about=about)
    known = replace(known, warnings=_warnings(channel, known))
    if (mail.automatic or mail.bounce) and (case or not released):
        return replace(known, decision=trust.Decision(trust.ATTACHED, mail.automatic or "bounce"))
    return _decide(channel, known) if case else known


def _what_ses_wrote(envelope: Envelope, raw: bytes) -> TrustedBlock | None:
    """SES's header block, looked at only where the notification leaves something open."""
    verdicts = envelope.verdicts
    undecided = verdicts.dmarc == GRAY and verdicts.dkim == PASS
    return trusted_block(raw) if undecided or verdicts == Verdicts() else None


def _one_author(raw: bytes, mail: ParsedMail, sender: str) -> bool:
    """Whether SES and we mean the same author.

    DMARC speaks of the domain in From. Where From is written so that two programs may read two
    addresses in it, the verdict may be another's.
    """
    if normalise(strict_from(raw) or "") == sender:
        return True
    if {"duplicate-from", "several-from"} & mail.flags:
        return False
    return author_domains(raw) == {sender.rpartition("@")[2]}


def _warnings(channel: Channel, reading: Reading) -> tuple[str, ...]:
    mail = reading.mail
    found: tuple[str, ...] = ("no-sender",)
    if mail.from_ is not None:
        found = warnings_for(mail.from_, mail.reply_to, channel.settings.own_names)
    if reading.envelope.verdicts.virus != PASS:
        return (*found, "virus-unknown")
    return found


def _locate(channel: Channel, envelope: Envelope, mail: ParsedMail, sender: str) -> Case | None:
    """The case a mail names: by alias, our anchor, ids SES gave our mails, or subject token.

    Of several aliases the one counts whose case knows the sender.
    """
    settings = channel.settings
    found = [case for name in _named(channel, envelope, mail) if (case := channel.cases.case(name))]
    known = [case for case in found if trust.relation(case, sender) in _INSIDERS]
    if found:
        return (known or found)[0]
    ids = _ids(mail)
    name = thread.case_from_references(ids, settings.domain)
    if name and (case := channel.cases.case(name)):
        return case
    sent = channel.cases.sent_as(thread.ses_ids(ids))
    if sent and (case := channel.cases.case(sent[0])):
        return case
    name = thread.case_from_subject(mail.subject)
    return channel.cases.case(name) if name else None


def _ids(mail: ParsedMail) -> tuple[str, ...]:
    reported = mail.bounce.original_message_id if mail.bounce else None
    return (*filter(None, [reported]), *mail.in_reply_to, *mail.references)


def _reported(channel: Channel, mail: ParsedMail, case: Case | None) -> str:
    """The answer of this case that a delivery report is about. It changes nothing: who wrote the
    report is not proven."""
    sent = channel.cases.sent_as(thread.ses_ids(_ids(mail))) if mail.bounce and case else None
    return sent[1] if sent and case and sent[0] == case.id else ""


_INSIDERS: Final = frozenset({trust.CUSTOMER, trust.PARTICIPANT})


def _named(channel: Channel, envelope: Envelope, mail: ParsedMail) -> list[str]:
    """Case ids in the addresses of the envelope, then of To and Cc; a relay address names one too.

    Nothing is proven by any of them, so nothing is lost by reading the header as well.
    """
    settings = channel.settings
    listed = [address.addr for address in (*mail.to, *mail.cc)[:_MANY]]
    found: dict[str, None] = {}
    for recipient in (*envelope.recipients, *listed):
        relay = alias.parse_relay(recipient, settings.domain)
        name = alias.case_of_alias(recipient, settings.inquiry_local, settings.domain)
        if relay or name:
            found[name or (relay.case_id if relay else "")] = None
    return list(found)


def _decide(channel: Channel, reading: Reading) -> Reading:
    """What a person's mail may do on the case it names."""
    case, sender, settings = reading.case, reading.sender, channel.settings
    if case is None:
        return reading
    agent = _agent(channel, sender)
    who, proven = trust.relation(case, sender, is_agent=bool(agent)), reading.authenticated
    if who == trust.AGENT:  # the gates of the relay would ask for no less
        proven = proven and reading.envelope.verdicts.dmarc == PASS
        return replace(reading, decision=trust.TABLE[who, proven], agent=agent)
    decision = trust.TABLE[who, proven]
    if who in _INSIDERS and case.status == RESOLVED and _only_thanks(reading.mail):
        return replace(reading, decision=trust.THANKS)
    outsider = who not in _INSIDERS and not settings.hold_third_parties
    if outsider or not takes_more(case, reading.envelope.at, settings.reopen_days):
        # The link tells the agent what this is about; the mail itself may not enter the case.
        new = trust.NEW_CASE[reading.authenticated]
        return replace(reading, case=None, linked=(case.id,), decision=new)
    return replace(reading, decision=decision)


def _agent(channel: Channel, sender: str) -> str:
    """The user name of our agent with this address; whether it is really he, the table asks."""
    if sender.rpartition("@")[2] not in channel.settings.agent_domains:
        return ""
    agent = directory.by_address(channel, sender)
    return agent.username if agent and agent.active else ""


def _only_thanks(mail: ParsedMail) -> bool:
    return not mail.attachments and is_thanks(mail.new_text)


def fingerprint(mail: ParsedMail, *scope: str) -> str:
    """32 hexadecimal digits by which a second copy of a mail is known; empty without Message-ID.

    What a person sees belongs to it: some programs use a Message-ID again for another mail.
    """
    if not mail.message_id:
        return ""
    digest = hashlib.sha256()
    seen = (*scope, mail.message_id, mail.subject, mail.text, mail.html)
    for text in seen:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    for part in mail.attachments:
        digest.update(hashlib.sha256(part.payload).digest())
    return digest.hexdigest()[:32]
