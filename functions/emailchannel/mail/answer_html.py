"""The HTML that an agent wrote himself: without the quoted mail, remote images and addresses.

It may go out only if it says the same as the text beside it: else nobody could tell which of the
two is right, and history that the text lacks would leave with the HTML.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final
from urllib.parse import unquote

from emailchannel.mail import html
from emailchannel.mail.scrub import CUT, Finder, without

_QUOTED: Final = f"//*[@class='{html.QUOTED}']"
_QUOTED_MARK: Final = f'class="{html.QUOTED}"'
_ROUNDS: Final = 4
_LINK: Final = re.compile(r"<?\b(?:https?://|www\.|mailto:|tel:)[^\s<>\"]{1,2000}>?", re.I)
_CID: Final = re.compile(r"[ \t]?\[cid:[^\]\s]{1,300}\]", re.I)
_PICTURE: Final = re.compile(r"\[(?:image|inline image|bild|cid)\b[^\]\n]{0,300}\]", re.I)
_MOST_ALTS: Final = 50
_TEXTS: Final = ("alt", "title")


class AnswerHtml:
    """The own part of an agent's sanitised HTML (see `html.sanitise`), as a tree to work on."""

    def __init__(self, sanitised: str) -> None:
        self._tree = _tree(sanitised)
        self.history: frozenset[str] = frozenset()
        if self._tree is None:
            return
        quoted = self._tree.xpath(_QUOTED)
        found = {cid for element in quoted for cid in _cids(element)}
        for element in quoted:
            if element.getparent() is not None:
                element.drop_tree()
        self.history = frozenset(found - self.shown)

    @property
    def shown(self) -> frozenset[str]:
        """Content-IDs of the images that it shows; `history`: of those only the quote shows."""
        return frozenset(_cids(self._tree)) if self._tree is not None else frozenset()

    def scrub(self, finder: Finder) -> None:
        """Take the addresses out of its text, over tags, and out of its attributes."""
        if self._tree is None:
            return
        for element in list(self._tree.iter()):
            _scrub_attributes(element, finder)
        for number in range(_ROUNDS):
            if not _scrub_text(self._tree, finder, CUT if number == _ROUNDS - 1 else ""):
                break

    def says(self, text: str) -> bool:
        """Whether its words, seen or hidden, are those of the text."""
        if self._tree is None:
            return False
        said = {_letters(_LINK.sub("", text)), _bare(text, self._alts())}
        return not said.isdisjoint(self._readings())

    def split_off(self, text: str) -> tuple[str, str]:
        """(what the text says as well, what it says below that); ("", text) if it begins apart."""
        if self._tree is None:
            return "", text
        lines = text.split("\n")
        readings = {len(one): one for one in self._readings() if one}
        alts = self._alts()
        said = ""
        for number, line in enumerate(lines, 1):
            said += _bare(line, alts)
            if readings.get(len(said)) == said:
                return "\n".join(lines[:number]), "\n".join(lines[number:])
        return "", text

    def finished(self, images: Mapping[str, str], finder: Finder) -> str:
        """Sanitised once more, with the new Content-IDs; "" if it cannot go out as it is."""
        if self._tree is None:
            return ""
        for image in list(self._tree.iter("img")):
            cid = _cid(image) or ""
            new = images.get(cid) or images.get(unquote(cid))
            if new is not None:
                image.set("src", f"cid:{new}")
            elif not image.get("src", "").startswith("data:"):
                image.drop_tree()  # a remote picture, or one that the mail does not have
        _close_paragraphs(self._tree)
        result = html.sanitise(self._source())
        if _QUOTED_MARK in result or finder.found(result):
            return ""
        return result

    def _source(self) -> str:
        from lxml import html as lxml_html  # noqa: PLC0415 - see _tree

        source: str = lxml_html.tostring(self._tree, encoding="unicode")
        return source

    def _alts(self) -> list[str]:
        return [image.get("alt", "") for image in islice(self._tree.iter("img"), _MOST_ALTS)]

    def _readings(self) -> frozenset[str]:
        return frozenset(
            _letters(_LINK.sub("", "".join(_words(self._tree, numbered=numbered))))
            for numbered in (False, True)
        )


def own_words(text: str) -> str:
    """A text without the marks that mail programs leave where an image stood."""
    return _CID.sub("", text)


def _tree(source: str) -> Any:
    if not source or not html.fits(source):
        return None
    from lxml import etree  # noqa: PLC0415 - 40 ms to load, for HTML answers only
    from lxml import html as lxml_html  # noqa: PLC0415

    parser = lxml_html.HTMLParser(huge_tree=True, encoding="utf-8")
    try:
        return lxml_html.fragment_fromstring(source.encode(), create_parent="div", parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _cid(image: Any) -> str | None:
    source = image.get("src", "").strip()
    return source[4:].strip("<>") if source[:4].lower() == "cid:" else None


def _cids(element: Any) -> Iterator[str]:
    for image in element.iter("img"):
        cid = _cid(image)
        if cid:
            yield from (cid, unquote(cid))


# --- its words -----------------------------------------------------------------------------------


def _letters(text: str) -> str:
    """What a text says, without anything that its layout changes."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _bare(text: str, alts: list[str]) -> str:
    """What a plain text says without the names that stand in it for pictures."""
    text = _PICTURE.sub("", _LINK.sub("", text))
    for alt in alts:
        text = text.replace(f"[{alt}]", "") if alt else text
    return _letters(text)


def _words(tree: Any, *, numbered: bool) -> Iterator[str]:
    """Its text in pieces; `numbered`: with the numbers that a list shows and does not hold."""
    numbers: dict[Any, int] = {}
    for element, where, text in _texts(tree):
        if where == "text" and element.tag in ("br", "p", "div", "td", "tr", "li"):
            yield "\n"
        if numbered and where == "text" and element.tag == "li":
            above = element.getparent()
            if above is not None and above.tag == "ol":
                numbers[above] = numbers.get(above, _first_number(above) - 1) + 1
                yield f"{numbers[above]} "
        yield text


def _first_number(ordered: Any) -> int:
    start = ordered.get("start", "1")
    return int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1


def _texts(tree: Any) -> Iterator[tuple[Any, str, str]]:
    """(element, "text" or "tail", string) of all text, in the order of reading."""
    from lxml import etree  # noqa: PLC0415 - see _tree

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            yield element, "text", element.text or ""
        elif element is not tree:
            yield element, "tail", element.tail or ""


# --- its addresses -------------------------------------------------------------------------------


def _scrub_text(tree: Any, finder: Finder, replacement: str) -> bool:
    """Cut what the finder finds in the text as a whole; whether there was anything."""
    pieces = list(_texts(tree))
    spans = finder.spans("".join(text for _, _, text in pieces))
    position = 0
    waiting = iter(spans)
    span = next(waiting, None)
    for element, where, text in pieces:
        end = position + len(text)
        cuts: list[tuple[int, int]] = []
        begins = False
        while span is not None and span[0] < end:
            begins = begins or span[0] >= position
            cuts.append((max(span[0], position) - position, min(span[1], end) - position))
            if span[1] > end:
                break
            span = next(waiting, None)
        if cuts:
            setattr(element, where, without(text, cuts, replacement if begins else ""))
        position = end
    return bool(spans)


def _scrub_attributes(element: Any, finder: Finder) -> None:
    for name, value in element.items():
        if not finder.found(value):
            continue
        scrubbed = finder.scrub(value)
        is_page = name == "href" and scrubbed.lower().startswith(("http:", "https:"))
        if is_page or (name in _TEXTS and scrubbed):
            element.set(name, scrubbed)
        elif name == "src" and _cid(element):
            continue  # gets a new one, or goes
        else:
            del element.attrib[name]
    if element.tag == "a" and not element.get("href"):
        element.drop_tag()


# --- its look ------------------------------------------------------------------------------------


def _close_paragraphs(tree: Any) -> None:
    """Outlook sets paragraphs without space in a style sheet, which is gone, and blank ones."""
    paragraphs = list(tree.iter("p"))
    if any(_is_blank(one) for one in paragraphs):
        for one in paragraphs:
            style = one.get("style", "")
            if "margin" not in style:
                one.set("style", f"margin:0;{style}")


def _is_blank(paragraph: Any) -> bool:
    text = "".join(paragraph.itertext())
    return "\u00a0" in text and not text.strip() and paragraph.find(".//img") is None
