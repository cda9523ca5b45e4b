"""The readable pages of an export. No script, no link outwards; everything is escaped."""

from html import escape
from typing import Any, Final
from urllib.parse import quote

_HEAD: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark"><title>{title}</title><style>
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 sans-serif }}
article {{ border-top: 1px solid #8886; padding: .7rem 0 }} h1 {{ font-size: 1.4rem }}
h2 {{ font-size: 1.1rem }} pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }}
.soft {{ opacity: .7; font-size: .9rem }} li {{ overflow-wrap: anywhere }}
</style></head><body>
"""
_TAIL: Final = "</body></html>\n"


def index(found: dict[str, Any]) -> str:
    """The first page: all cases, and what is on no case of his own."""
    cases = [
        f'<li><a href="cases/{escape(case["id"])}/index.html">'
        f"{escape(case['subject'] or '(no subject)')}</a> <span class=soft>"
        f"{escape(case['created'])}, {case['messages']} mails, {escape(case['status'])}</span></li>"
        for case in found["cases"]
    ]
    parts = [
        f"<h1>What is kept of {escape(found['address'])}</h1>",
        f"<p class=soft>Written {escape(found['at'])}. The same is in index.json.</p>",
        f"<h2>Cases</h2><ul>{''.join(cases)}</ul>" if cases else "<p>There are no cases.</p>",
        _section("Mails on cases of others", found["mails_on_other_cases"], "other-cases/"),
        _section(
            "Mails that were kept from agents", found["mails_kept_from_agents"], "quarantine/"
        ),
    ]
    if found["suppressed"]:
        parts.append(f"<p>No mail is sent to this address: {escape(found['suppressed'])}.</p>")
    return _page(found["address"], parts)


def _section(title: str, mails: list[dict[str, Any]], folder: str) -> str:
    if not mails:
        return ""
    rows = [f"<li>{escape(mail['at'])} {_link(folder, mail['original'])}</li>" for mail in mails]
    return f"<h2>{escape(title)}</h2><ul>{''.join(rows)}</ul>"


def case(found: dict[str, Any]) -> str:
    """One case: its mails, and its history."""
    history = [
        f"<li>{escape(entry['at'])} {escape(entry['what'])}"
        f"{escape(' by ' + entry['by']) if entry['by'] else ''}"
        f"{escape(' (' + entry['why'] + ')') if entry['why'] else ''}</li>"
        for entry in found["history"]
    ]
    return _page(
        found["subject"] or "(no subject)",
        [
            f"<h1>{escape(found['subject'] or '(no subject)')}</h1>",
            f"<p class=soft>Case {escape(found['id'])}, begun {escape(found['created'])}, "
            f"{escape(found['status'])}. <a href=../../index.html>All cases</a></p>",
            *map(_message, found["messages"]),
            f"<h2>History</h2><ol class=soft>{''.join(history)}</ol>",
        ],
    )


def _message(mail: dict[str, Any]) -> str:
    people = f"from {mail['from']} to {', '.join((*mail['to'], *mail['cc'])) or '-'}"
    delivery = ", ".join(f"{who}: {what}" for who, what in mail["delivery"].items())
    files = " ".join(_link("", path) for path in mail["attachments"])
    return (
        f"<article><b>{escape(mail['subject'] or '(no subject)')}</b>"
        f"<div class=soft>{escape(mail['at'])} {escape(people)}</div>"
        f"<pre>{escape(mail['text'])}</pre>"
        + (f"<p>{escape(mail['warning'])}</p>" if mail["warning"] else "")
        + (f"<div class=soft>Attached: {files}</div>" if files else "")
        + (f"<div class=soft>Delivery: {escape(delivery)}</div>" if delivery else "")
        + f"<div class=soft>{_link('', mail['original'])}</div></article>"
    )


def _link(folder: str, path: str) -> str:
    if not path:
        return "(the original is not kept any more)"
    target = "/".join(quote(part, safe="") for part in f"{folder}{path}".split("/"))
    return f'<a href="{target}">{escape(path.rpartition("/")[2])}</a>'


def _page(title: str, parts: list[str]) -> str:
    return _HEAD.format(title=escape(title)) + "\n".join(filter(None, parts)) + _TAIL
