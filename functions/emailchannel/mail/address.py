"""Addresses: a tolerant reader for showing, a strict one for deciding who an agent is."""

# ruff: noqa: RUF001 - letters of other scripts are the subject of a part of this file

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

from emailchannel.mail.address_list import parse_addresses
from emailchannel.mail.encoded import decode_words
from emailchannel.mail.values import Address

__all__ = [
    "Address",
    "a_label",
    "normalise",
    "parse_addresses",
    "same_mailbox",
    "split_plus",
    "strict_from",
    "warnings_for",
]

_HEADER_BLOCK: Final = 1_000_000
_BLANK: Final = (b"\r\n\r\n", b"\n\n")
_FIELD_NAME: Final = re.compile(rb"[!-9;-~]+:")
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDR_SPEC: Final = rf"({_LOCAL})@({_LABEL}(?:\.{_LABEL})+)"
_BARE: Final = re.compile(_ADDR_SPEC)
_NAMED: Final = re.compile(
    r'(?P<name>"(?:[^"\\<>]|\\["\\])*+"|'
    rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~. \t-]*+)[ \t]*<{_ADDR_SPEC}>"
)


def strict_from(raw: bytes) -> str | None:
    """The one address that wrote `raw`, or None if two programs could disagree about it.

    Works on the bytes of the header block and refuses: no or several From fields, white space
    before the colon, lines that are no header field, mixed line ends or lone CR, non-ASCII or
    control characters in From, several mailboxes, comments, groups, routes, quoted local parts,
    address literals, an encoded word in the address, and an `@` or angle bracket in the display
    name, encoded or not, unless the quoted name is the very address. Only the domain comes back in
    lower case (RFC 5321 section 2.4).
    """
    lines = _header_lines(raw)
    if lines is None:
        return None
    value = _only_from(lines)
    if value is None or not value.isascii() or len(value) > 1_000:
        return None
    return _one_mailbox(value.decode("ascii").strip(" \t"))


def _header_lines(raw: bytes) -> list[bytes] | None:
    """Lines of the header block, without their ends; None if the ends are not all alike."""
    ends = [found + len(mark) for mark in _BLANK if (found := raw.find(mark)) >= 0]
    block = raw[: min(ends, default=len(raw))]
    feeds, pairs, returns = block.count(b"\n"), block.count(b"\r\n"), block.count(b"\r")
    if len(block) > _HEADER_BLOCK or returns != pairs or pairs not in (0, feeds) or b"\0" in block:
        return None
    return block.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")


def _only_from(lines: list[bytes]) -> bytes | None:
    found: list[list[bytes]] = []
    inside = False
    for number, line in enumerate(lines):
        if line[:1] in (b" ", b"\t"):
            if number == 0 or (inside and not line.strip()):
                return None
            if inside:
                found[-1].append(line)
            continue
        name = _FIELD_NAME.match(line)
        if name is None:
            return None
        inside = name[0].lower() == b"from:"
        if inside:
            found.append([line[5:]])
    return b"".join(found[0]) if len(found) == 1 else None


def _one_mailbox(value: str) -> str | None:
    if any(ord(character) < 32 and character != "\t" for character in value):
        return None
    bare = _BARE.fullmatch(value)
    if bare:
        return _lower_domain(bare[1], bare[2])
    named = _NAMED.fullmatch(value)
    if named is None:
        return None
    address = f"{named[2]}@{named[3]}".lower()
    if named["name"].lower() in (f'"{address}"', f"\"'{address}'\""):
        return _lower_domain(named[2], named[3])  # Outlook's way without a name: no second reading
    name = decode_words(named["name"])
    if any(character in "@<>\r\n\0" for character in unicodedata.normalize("NFKC", name)):
        return None
    return _lower_domain(named[2], named[3])


def _lower_domain(local: str, domain: str) -> str | None:
    if "=?" in local or len(local) > 64 or len(domain) > 255:
        return None
    return f"{local}@{domain.lower()}"


def a_label(domain: str) -> str:
    """The ASCII form of a domain in lower case (RFC 5890); unchanged where there is none."""
    domain = domain.strip().rstrip(".").lower()[:255]
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain


def normalise(addr: str) -> str:
    """An address in the form for comparing: lower case, domain as A-label, no white space."""
    local, at, domain = re.sub(r"\s", "", addr).rpartition("@")
    if not at:
        return domain.lower()
    return f"{unicodedata.normalize('NFC', local).lower()}@{a_label(domain)}"


def split_plus(addr: str) -> tuple[str, str, str]:
    """(local part, tag, domain) of `local+tag@domain`, normalised; the tag may be ""."""
    local, _, domain = normalise(addr).rpartition("@")
    name, _, tag = local.partition("+")
    return name, tag, domain


_GOOGLE: Final = frozenset({"gmail.com", "googlemail.com"})


def same_mailbox(one: str, other: str) -> bool:
    """Whether two addresses reach the same person's mailbox, as far as anybody outside can know.

    Equal when normalised; or both Google's, whose two domains are one and which looks neither at
    dots nor at what follows a plus (support.google.com/mail/answer/7436150).
    """
    one, other = normalise(one), normalise(other)
    return bool(one) and _mailbox(one) == _mailbox(other)


def _mailbox(address: str) -> str:
    name, _, domain = split_plus(address)
    name = name.replace(".", "")
    return f"{name}@gmail.com" if name and domain in _GOOGLE else address


_ADDRESS_IN_NAME: Final = re.compile(r"[^\s<>\"'@]{1,64}@[^\s<>\"'@]{1,64}\.[^\s<>\"'.@]{2,}")


def warnings_for(
    from_: Address, reply_to: Iterable[Address] = (), own: Collection[str] = ()
) -> tuple[str, ...]:
    """What the agent should be warned of, as codes in a fixed order.

    address-in-name: the display name holds another address. own-name: it names us (`own` holds
    our brand names, addresses and domains) while the address is not ours. punycode-domain,
    mixed-script-domain, look-alike-domain: the domain imitates another one. different-reply-to.
    """
    domain = normalise(from_.addr).rpartition("@")[2]
    ours = {a_label(word.rpartition("@")[2]) for word in own if "." in word}
    reply = {normalise(address.addr) for address in reply_to if address.addr}
    is_ours = domain in ours
    found = {
        "address-in-name": _other_address_in(from_),
        "own-name": not is_ours and _names_us(from_.name, own),
        "punycode-domain": "xn--" in domain,
        "mixed-script-domain": _mixes_scripts(_u_label(domain)),
        "look-alike-domain": not is_ours and _skeleton(_u_label(domain)) in map(_skeleton, ours),
        "different-reply-to": bool(reply - {normalise(from_.addr)}),
    }
    return tuple(code for code, holds in found.items() if holds)


def _other_address_in(from_: Address) -> bool:
    found = _ADDRESS_IN_NAME.findall(unicodedata.normalize("NFKC", from_.name[:300]))
    return any(normalise(text) != normalise(from_.addr) for text in found)


def _names_us(name: str, own: Collection[str]) -> bool:
    skeleton = _skeleton(name)
    return any(len(word) > 2 and _skeleton(word) in skeleton for word in own)


def _u_label(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


_CJK: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "LATIN"})


def _mixes_scripts(domain: str) -> bool:
    """Whether one label mixes scripts that no language mixes (UTS #39 section 5)."""
    for label in domain.split("."):
        scripts = {
            unicodedata.name(c, "?").split()[0].partition("-")[0] for c in label if c.isalpha()
        }
        if len(scripts) > 1 and not scripts <= _CJK:
            return True
    return False


# Letters that pass for an ASCII one; a small part of the confusables table of UTS #39.
_CONFUSABLE: Final = str.maketrans(
    "аеорсухіјѕԁһӏԛԝвкмнтгαεοριυνκτχ0135|$",
    "aeopcyxijsdhlqwbkmhtraeopiuvktxolesls",
)


def _skeleton(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.lower()).translate(_CONFUSABLE)
    folded = "".join(c for c in folded if not unicodedata.combining(c) and not c.isspace())
    return folded.replace("rn", "m").replace("vv", "w")
