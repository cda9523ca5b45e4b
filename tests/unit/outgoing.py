"""What an outgoing mail shows to whoever decodes it: read with the standard library alone.

Nothing of the product is used to look, so that a blind spot of ours is none here.
"""

import json
import unicodedata
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import unquote

from emailchannel import reply
from emailchannel.case import Case, Message, Participant
from emailchannel.mail.parse import parse
from emailchannel.settings import Settings

ADDRESS = "alice@corp.example"
TOKEN = "9d2kq000000000000001" + "1" + "abcd" + "z9x8w7v6t5s4r3q2p1n0m9k8j7"
RELAY = f"relay+{TOKEN}@support.example.com"
SECRETS = (ADDRESS, f"relay+{TOKEN}", TOKEN)
AT = 1_795_345_200_000
CASE = Case("9d2kq000000000000001", Participant("ann@customer.example", "Ann Archer"), "Kettle", AT)
ANSWERED = Message(
    id="m1",
    case_id=CASE.id,
    at=AT,
    direction="in",
    kind="customer",
    disposition="accepted",
    from_=CASE.customer,
    subject="My kettle is broken",
    message_id="1.test@mail.customer.example",
    formatted_key="formatted/m1.json",
)


def channel(disclaimer="Corp Ltd.", quoted="The kettle I bought is broken."):
    """What `compose_reply` needs of a channel: settings, and the formatted mail it quotes."""
    settings = Settings(
        inquiry_address="support@support.example.com",
        domain="support.example.com",
        agent_domains=("corp.example",),
        instance_arn="arn:aws:connect:eu-west-1:1:instance/i",
        flow_id="f",
        default_queue_arn="q",
        from_name="Support",
        disclaimer=disclaimer,
    )
    formatted = json.dumps({"new_text": quoted, "text": "unused"}).encode()
    return SimpleNamespace(settings=settings, mails=SimpleNamespace(read=lambda key: formatted))


def outgoing(raw, secrets=SECRETS, **more):
    """The bytes that leave for an agent's mail."""
    answer = reply.rebuild(parse(raw), secrets)
    identity = "q" * 26
    return reply.compose_reply(channel(), CASE, ANSWERED, answer, identity, AT, **more)[0]


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.values = [], []

    def handle_data(self, data):
        self.text.append(data)

    def handle_starttag(self, tag, attrs):
        self.values += [value or "" for _, value in attrs]


def tag_stripped(page):
    reader = _Text()
    reader.feed(page)
    reader.close()
    return ["".join(reader.text), *reader.values]


_UNSEEN = dict.fromkeys(
    code for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cf", "Mn", "Cc")
)
_SEEN = {code: None for code in _UNSEEN if code < 128}


def folded(text):
    """Compatibility forms, case and everything invisible folded away."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return plain.translate(_SEEN if plain.isascii() else _UNSEEN)


def shown(raw):
    """(where, text) of everything the mail says: headers, names, ids, decoded bodies."""
    mail = message_from_bytes(raw, policy=policy.compat32)
    yield "raw", raw.decode("ascii")
    for part in mail.walk():
        for name, value in part.items():
            yield name, str(value).replace("\n", "").replace("\r", "")
            yield name, str(make_header(decode_header(str(value))))
        yield "file name", part.get_filename() or ""
        if part.get_content_maintype() == "text" and part.get_content_disposition() is None:
            body = part.get_payload(decode=True).decode(part.get_content_charset("ascii"))
            yield part.get_content_type(), body
            if part.get_content_subtype() == "html":
                yield from (("html, decoded", text) for text in tag_stripped(body))


def readings(text):
    """The ways in which somebody may decode a text once more."""
    once = unescape(text)
    for one in {text, once, unescape(once), unquote(once), unquote(unquote(once))}:
        plain = folded(one)
        for other in {plain, folded(unescape(plain)), folded(unquote(plain))}:
            yield "".join(other.split())
            yield other


@lru_cache(maxsize=4_096)
def shows(text, secrets=SECRETS):
    """Whether a text shows one of the secrets, in any reading."""
    return any(secret in one for one in readings(text) for secret in secrets)


def leaking(raw, secrets=SECRETS):
    """Where the mail shows one of the secrets, and what it shows there; empty if nowhere."""
    return [(where, text) for where, text in shown(raw) if shows(text, secrets)]
