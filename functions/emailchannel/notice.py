"""The mails that the channel writes by itself: the acknowledgement, and what an agent is told.

Composing only; whether one may go is decided elsewhere. All words are in `templates/`. Each mail is
marked as automatic (RFC 3834 section 5, MS-OXCMAIL) and with our loop mark, and repeats nothing
that somebody else wrote but a subject, without links and addresses.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape

from .case import Case, Message
from .mail import alias, thread
from .mail.compose import ComposeError, compose
from .mail.text import clean
from .mail.values import Address
from .settings import Settings

_TEMPLATES: Final = Path(__file__).parent / "templates"
_LAST_LANGUAGE: Final = "en"  # when neither the mail's nor the configured language has a template
_FALLBACK: Final = {"explanation": "blocked", "result": "other"}

_SUBJECT_LIMIT: Final = 80
_FACT_LIMIT: Final = 200
_COMMAND_LIMIT: Final = 40
_MOST_ADDRESSES: Final = 50
_LONGEST_ADDRESS: Final = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets

# What a mail program makes a link of: addresses, schemes, host names, IP addresses.
_LINK: Final = re.compile(
    r"@|//|\\\\|(?:https?|ftp|mailto|tel|sms|data|file|javascript):\S|www\.|[^\s.][.][^\W\d_]{2}|"
    r"[a-z0-9][\u3002][a-z]{2}|[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
    re.I,
)
_ASCII_RUN: Final = re.compile(r"[!-~]+")
# Case ids and the tokens of relay addresses, as they stand in subjects and addresses.
_TOKEN: Final = re.compile(
    r"\[?#?(?<![0-9a-z])(?:[0-9a-hjkmnp-tv-z]{51}|[0-9a-hjkmnp-tv-z]{20})(?![0-9a-z])\]?", re.I
)


@dataclass(frozen=True)
class Notice:
    """A finished mail. `sender` and `recipient` are bare addresses; `subject` is decoded."""

    mime: bytes
    sender: str
    recipient: str
    subject: str


def acknowledgement(
    settings: Settings,
    case: Case,
    message: Message,
    *,
    language: str,
    loop_mark: str,
    identity: str,
    at: int,
) -> Notice:
    """Tell the customer that `message` has arrived; it goes out under the alias of his case.

    `language` is a tag of RFC 5646, or empty; `identity` the left part of our Message-ID; `at` in
    milliseconds. Raises ComposeError if his address cannot be written to, `loop_mark` is empty, or
    a template is broken.
    """
    chosen = _language(language, settings.default_language)
    text, spare = _written(f"acknowledgement/{chosen}.txt", {"from_name": settings.from_name})
    subject = thread.reply_subject(_without_links(message.subject))
    if subject == thread.reply_subject(""):
        subject = thread.reply_subject(spare)
    return _compose(
        settings,
        sender=alias.customer_alias(settings.inquiry_local, case.id, settings.domain),
        recipient=case.customer.address,
        subject=clean(subject, _SUBJECT_LIMIT),
        content={"language": chosen, "text": text, "disclaimer": settings.disclaimer},
        answered=message.message_id,
        anchor=(thread.anchor(case.id, settings.domain),),
        marks=(loop_mark, identity, at),
    )


def explanation(
    settings: Settings,
    *,
    to: str,
    reason: str,
    subject: str,
    answered_message_id: str,
    facts: Mapping[str, str],
    loop_mark: str,
    identity: str,
    at: int,
) -> Notice:
    """Tell an agent why his mail did not go to the customer, and what to do. In English.

    `facts`, all optional: `command` and `detail` where the reason has one; `ignored` (addresses,
    comma separated) and `direct` as in `result`. A reason without words of its own gets general
    ones. `subject` and `answered_message_id` are of his mail. Raises ComposeError as above.
    """
    about, marks = (to, subject, answered_message_id), (loop_mark, identity, at)
    return _report(settings, "explanation", reason, about, facts, marks)


def result(
    settings: Settings,
    *,
    to: str,
    what: str,
    subject: str,
    answered_message_id: str,
    facts: Mapping[str, str],
    loop_mark: str,
    identity: str,
    at: int,
) -> Notice:
    """Tell an agent what became of a mail that was not simply sent. In English.

    `what`: note, closed, answered-and-closed, recipients-ignored; anything else gets general words.
    `facts["ignored"]` names the addresses that he had put in To or Cc; `facts["direct"]` is not
    empty when the customer was among them. Raises ComposeError as above.
    """
    about, marks = (to, subject, answered_message_id), (loop_mark, identity, at)
    return _report(settings, "result", what, about, facts, marks)


def _report(
    settings: Settings,
    kind: str,
    which: str,
    about: tuple[str, str, str],
    facts: Mapping[str, str],
    marks: tuple[str, str, int],
) -> Notice:
    """A mail to an agent. No case is named in it: a lost one must not lead anywhere."""
    to, subject, answered = about
    entries = _words(kind)
    entry = entries.get(which, entries[_FALLBACK[kind]])
    fields = _facts(settings, facts)
    sentences = {name: _filled(words, fields) for name, words in entry.items()}
    text, _ = _written(f"{kind}.txt", {**fields, **sentences})
    own = clean(_without_links(_TOKEN.sub("", clean(subject, 500))), _SUBJECT_LIMIT)
    return _compose(
        settings,
        sender=f"{settings.inquiry_local}@{settings.domain}",
        recipient=to,
        subject=": ".join(filter(None, (sentences["subject"], own))),
        content={"language": "en", "text": text, "disclaimer": ""},
        answered=answered,
        anchor=(),
        marks=marks,
    )


def _facts(settings: Settings, facts: Mapping[str, str]) -> dict[str, Any]:
    """The values that the words may use: cleaned, bounded, each of them there."""
    shown = {
        name: _TOKEN.sub("", clean(facts.get(name, ""), _FACT_LIMIT)).strip()
        for name in ("command", "detail")
    }
    command = re.sub(r"^(?:unknown:)?[#\uff03]*", "", shown["command"])
    return {
        "command": clean(command, _COMMAND_LIMIT),
        "detail": shown["detail"].rstrip("."),
        "ignored": _foreign(settings, facts.get("ignored", "").split(",")[:_MOST_ADDRESSES]),
        "direct": bool(facts.get("direct")),
    }


def _foreign(settings: Settings, addresses: Iterable[str]) -> list[str]:
    """Without the channel's own addresses: an alias or a relay address is shown to nobody."""
    own = (settings.inquiry_local.lower(), *alias.PURPOSES)
    kept: dict[str, None] = {}
    for address in (clean(one, _LONGEST_ADDRESS) for one in addresses):
        local, _, domain = address.lower().rpartition("@")
        ours = domain == settings.domain.lower() and local.partition("+")[0] in own
        if address and not ours:
            kept[address] = None
    return list(kept)


def _without_links(subject: str) -> str:
    """A subject without whatever a mail program would make a link of.

    Of a word that is written without spaces around a link (Japanese, Chinese) the rest stays.
    """
    return " ".join(filter(None, map(_unlinked, clean(subject, 500).split(" "))))


def _unlinked(word: str) -> str:
    folded = unicodedata.normalize("NFKC", word)
    if not _LINK.search(folded):
        return word
    rest = _ASCII_RUN.sub(lambda run: "" if _LINK.search(run[0]) else run[0], folded)
    return "" if _LINK.search(rest) else rest


# --- words ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def languages() -> frozenset[str]:
    """The languages that an acknowledgement can be written in."""
    return frozenset(path.stem for path in (_TEMPLATES / "acknowledgement").glob("*.txt"))


def _language(wanted: str, default: str) -> str:
    """The first of these, or of their base languages, that has a template."""
    for tag in (wanted, default):
        whole = tag.lower().replace("_", "-")
        for candidate in (whole, whole.partition("-")[0]):
            if candidate in languages():
                return candidate
    return _LAST_LANGUAGE


@lru_cache
def _words(kind: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((_TEMPLATES / f"{kind}.toml").read_text(encoding="utf-8"))


def _written(name: str, fields: Mapping[str, Any]) -> tuple[str, str]:
    """The text of a template, and the subject that it sets for mails that have none."""
    try:
        module = _templates().get_template(name).make_module(dict(fields))
    except TemplateError as error:
        raise ComposeError(f"the template {name} is broken: {error}") from error
    text = re.sub(r"\n{3,}", "\n\n", str(module)).strip()
    return text, str(getattr(module, "subject", ""))


def _filled(words: str, fields: Mapping[str, Any]) -> str:
    return _templates().from_string(words).render(fields)


# --- the mail ------------------------------------------------------------------------------------


def _compose(
    settings: Settings,
    *,
    sender: str,
    recipient: str,
    subject: str,
    content: Mapping[str, str],
    answered: str,
    anchor: tuple[str, ...],
    marks: tuple[str, str, int],
) -> Notice:
    loop_mark, identity, at = marks
    author = Address(settings.from_name, sender)
    answering = _usable(answered)
    paragraphs = [block.split("\n") for block in content["text"].split("\n\n")]
    fields = {**content, "paragraphs": paragraphs}
    mime = compose(
        from_=author,
        to=(Address("", recipient),),
        subject=subject,
        text=_templates().get_template("notice.txt").render(fields),
        html=_templates().get_template("notice.html").render(fields),
        reply_to=(author,) if anchor else (),
        in_reply_to=answering[0] if answering else None,
        references=(*anchor, *answering),
        auto_submitted="auto-replied",
        extra={"X-Auto-Response-Suppress": "All", "X-Email-Channel-Loop": loop_mark},
        message_id=f"{identity}@{settings.domain}",
        date=datetime.fromtimestamp(at / 1000, UTC),
    )
    return Notice(mime, sender, recipient, subject)


def _usable(message_id: str) -> tuple[str, ...]:
    """The Message-ID if a header can carry it; a strange one must not keep a mail from going.

    Only this one of their ids is carried: an older anchor of ours among them would lead an answer
    to another case.
    """
    return thread.references_for_reply("", (message_id,))[1:]
