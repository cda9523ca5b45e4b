"""Which part of an HTML reply is quoted: the marks that mail programs leave in the tree."""

from __future__ import annotations

from typing import Any, Final

from emailchannel.mail.text import to_safe_str

_MOST_CONTAINERS: Final = 200
_HINTS: Final = (
    "blockquote", "_quote", "quoted", "divrplyfwdmsg", "appendonsend", "stopspelling",
    "olk_src_body", "outlookmessageheader", "reference-message", "border-top:solid",
    "border-top: solid", "moz-cite", "zmail_extra", "isreplycontent", "messagereplysection",
    "replysplit",
)  # fmt: skip
# One element holds the quoted mail.
_CONTAINERS: Final = (
    "//blockquote[@type='cite' or contains(@class,'quote') or contains(@id,'quote')]",
    "//*[self::div or self::span or self::section][contains(concat(' ',@class,' '),' gmail_quote ')"
    " or contains(@class,'gmail_quote_container') or contains(@class,'yahoo_quoted')"
    " or contains(@class,'protonmail_quote') or contains(@class,'tutanota_quote')"
    " or contains(@class,'zmail_extra') or contains(@class,'moz-cite-prefix')"
    " or contains(@class,'freebirdFormviewerView') or contains(@id,'yahoo_quoted')"
    " or @id='isReplyContent' or @name='messageReplySection' or @name='quote'"
    " or contains(@class,'quoted_message') or contains(@class,'front-blockquote')"
    " or @id='mail-editor-reference-message-container' or @id='OLK_SRC_BODY_SECTION']",
)
# From this element on, everything is quoted.
_STARTS: Final = (
    "//*[@id='divRplyFwdMsg' or @id='x_divRplyFwdMsg' or @id='appendonsend' or @id='stopSpelling'"
    " or @id='replySplit' or contains(@class,'OutlookMessageHeader')]",
    "//div[contains(translate(@style,'ABCDEF ','abcdef'),'border:none;border-top:solid#e1e1e1')"
    " or contains(translate(@style,'ABCDEF ','abcdef'),'border:none;border-top:solid#b5c4df')"
    " or contains(translate(@style,'ABCDEF ','abcdef'),'border-top:solid#e1e1e1')"
    " or contains(translate(@style,'ABCDEF ','abcdef'),'border-top:solid#b5c4df')]",
)


def mark(html: str) -> str:
    """The same HTML, whose quoted parts stand in elements of class `quoted`."""
    tree = _tree(html)
    if tree is None:
        return html
    for element in _containers(tree):
        _wrap([element], keep_tail=True)
    for element in _starts(tree):
        _wrap_from(element)
    return _serialise(tree) or html


def without_quoted(html: str) -> str | None:
    """The HTML without its quoted parts, or None if no mark of a mail program is in it."""
    tree = _tree(html)
    if tree is None:
        return None
    containers = _containers(tree)
    for element in containers:
        element.drop_tree()
    starts = _starts(tree)
    for element in starts:
        _drop_from(element)
    return _serialise(tree) if containers or starts else None


def _tree(html: str) -> Any:
    lower = html.lower()
    if not any(hint in lower for hint in _HINTS):
        return None
    from lxml import etree  # noqa: PLC0415 - 40 ms to load, for HTML replies only
    from lxml import html as lxml_html  # noqa: PLC0415

    try:
        return lxml_html.document_fromstring(html, parser=lxml_html.HTMLParser(huge_tree=True))
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _containers(tree: Any) -> list[Any]:
    """Outermost elements that hold a quoted mail."""
    found = [element for path in _CONTAINERS for element in tree.xpath(path)[:_MOST_CONTAINERS]]
    known = set(found)
    outermost = [
        element
        for element in found
        if element.getparent() is not None
        and not any(above in known for above in element.iterancestors())
    ]
    return outermost or _closing_blockquote(tree)


def _closing_blockquote(tree: Any) -> list[Any]:
    """A blockquote without any mark that ends a mail which has other text."""
    quotes = tree.xpath("(//blockquote)[last()]")
    if not quotes:
        return []
    outermost = [*quotes, *quotes[0].iterancestors("blockquote")][-1]
    followed = outermost.xpath("(following::text()[normalize-space()])[1]") or outermost.xpath(
        "(following::img)[1]"
    )
    return [outermost] if not followed and _has_text_before(tree, outermost) else []


def _has_text_before(tree: Any, element: Any) -> bool:
    above = set(element.iterancestors())
    for other in tree.iter():
        if other is element:
            break
        visible = isinstance(other.tag, str) and other.tag not in ("style", "title", "script")
        if visible and (other.text or "").strip():
            return True
        if other not in above and (other.tail or "").strip():
            return True
    return False


def _starts(tree: Any) -> list[Any]:
    """The first element from which on all is quoted, in a list; none in an empty one."""
    for path in _STARTS:
        for element in tree.xpath(path):
            boxed = any(above.get("class") == "quoted" for above in element.iterancestors())
            if element.getparent() is not None and not boxed:
                return [element]
    return []


def _wrap(elements: list[Any], *, keep_tail: bool) -> None:
    first = elements[0]
    parent = first.getparent()
    if parent is None:
        return
    box = parent.makeelement("div", {"class": "quoted"})
    parent.insert(parent.index(first), box)
    if keep_tail:
        box.tail, elements[-1].tail = elements[-1].tail, None
    for element in elements:
        box.append(element)


def _chain(element: Any) -> list[Any]:
    """The element and its ancestors below body."""
    chain = [element]
    for above in element.iterancestors():
        if above.tag in ("body", "html"):
            break
        chain.append(above)
    return chain


def _wrap_from(element: Any) -> None:
    for index, link in enumerate(_chain(element)):
        following = list(link.itersiblings())
        if index == 0:
            following.insert(0, link)
        if following:
            _wrap(following, keep_tail=False)


def _drop_from(element: Any) -> None:
    chain = _chain(element)
    for link in chain:
        for sibling in list(link.itersiblings()):
            sibling.tail = None
            sibling.drop_tree()
        link.tail = None
    element.drop_tree()


def _serialise(tree: Any) -> str:
    from lxml import html as lxml_html  # noqa: PLC0415

    return to_safe_str(lxml_html.tostring(tree, encoding="unicode"))
