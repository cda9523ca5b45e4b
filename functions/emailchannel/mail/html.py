"""HTML of strangers: made harmless for the page, and read as text.

Every parser of HTML has inputs that keep it busy for a minute, so a linear guard looks first; what
does not pass is shown as plain text. nh3 (an allow-list of elements, attributes and CSS
properties) has the last word on whatever leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape, unescape
from html.entities import html5
from typing import Final

from emailchannel.mail.text import to_safe_str, unify_line_ends, words

LONGEST: Final = 1_000_000
_DEEPEST: Final = 400
_MOST_TAGS: Final = 60_000
_MOST_ATTRIBUTES: Final = 200
_MOST_STRAY_SIGNS: Final = 20_000
_MOST_CELLS: Final = 15_000  # the layout of a wide table takes quadratic time

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)")
_REFERENCE: Final = re.compile(r"&(#\d|#[xX][0-9a-fA-F]|[a-zA-Z][a-zA-Z0-9]{0,31};?|)")
_VALUE: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
# Elements that need no end tag do not nest by themselves.
_FLAT: Final = words(
    "area base br col dd dt embed hr img input li link meta option p param source td th tr track "
    "wbr tbody thead tfoot"
)
_PROLOGUE: Final = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_BLOCK: Final = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|hr)\b[^<>]*>", re.I)
_UNSEEN: Final = re.compile(r"<!--|<(script|style|head|title)\b", re.I)
_CODE: Final = re.compile(r"<!--|<(script|style)\b", re.I)
_ANY_TAG: Final = re.compile(r"<[a-zA-Z/!?][^<>]*>?")
_BLANK_LINES: Final = re.compile(r"\n{3,}")

BLOCKED: Final = "data-blocked-src"
QUOTED: Final = "quoted"

_TAGS: Final = words(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col "
    "colgroup dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 "
    "header hr i img ins kbd li main mark nav ol p pre q rp rt ruby s samp section small span "
    "strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_REMOVED_WITH_CONTENT: Final = words(
    "script style title head object applet noframes svg math template iframe noscript textarea "
    "select button audio video canvas"
)
_ATTRIBUTES: Final = {
    "*": {"style", "class", "dir", "lang", "align", "valign", "title"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "border"},
    "table": {"width", "height", "border", "cellpadding", "cellspacing", "bgcolor"},
    "td": {"width", "height", "colspan", "rowspan", "bgcolor", "nowrap"},
    "th": {"width", "height", "colspan", "rowspan", "bgcolor", "nowrap"},
    "tr": {"bgcolor", "height"},
    "col": {"width", "span"},
    "colgroup": {"width", "span"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "time": {"datetime"},
}
_STYLES: Final = words(
    "background-color border border-bottom border-bottom-color border-bottom-style "
    "border-bottom-width border-collapse border-color border-left border-left-color "
    "border-left-style border-left-width border-radius border-right border-right-color "
    "border-right-style border-right-width border-spacing border-style border-top "
    "border-top-color border-top-style border-top-width border-width clear color direction "
    "display float font font-family font-size font-style font-variant font-weight height "
    "letter-spacing line-height list-style-type margin margin-bottom margin-left margin-right "
    "margin-top max-height max-width min-height min-width overflow-wrap padding padding-bottom "
    "padding-left padding-right padding-top table-layout text-align text-decoration text-indent "
    "text-transform unicode-bidi vertical-align white-space width word-break word-spacing "
    "word-wrap"
)
# Anything that could fetch, run or hide a fetch behind an escape.
_UNSAFE_STYLE: Final = re.compile(
    r"url|image|expression|attr|var\s*\(|import|[\\@<&{}]|//|/\*", re.I
)
_IMAGE_DATA: Final = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]*", re.I
)
# Written by the attribute filter and replaced in the result, where a literal quote mark cannot
# stand inside an attribute: no mail can write it itself.
_BLOCK_MARK: Final = "x-blocked-image:"


def fits(html: str) -> bool:
    """Whether a DOM parser may see this HTML: its size, depth, tags and attributes are sane."""
    return len(html) <= LONGEST and _is_sane(html)


@lru_cache(maxsize=1)  # each step of reading one mail asks about the same HTML
def _is_sane(html: str) -> bool:
    depth = 0
    for tags, match in enumerate(_TAG.finditer(html)):
        if match[2].lower() not in _FLAT and not match[3].endswith("/"):
            depth = max(0, depth - 1) if match[1] else depth + 1
        if tags > _MOST_TAGS or depth > _DEEPEST:
            return False
        if len(match[3]) > 2 * _MOST_ATTRIBUTES and not _few_attributes(match[3]):
            return False
    return html.count("<") <= 2 * _MOST_TAGS and _few_stray_signs(html)


def _few_stray_signs(html: str) -> bool:
    """Whether few `&` are no character reference: html5ever takes squares of their number."""
    if html.count("&") <= _MOST_STRAY_SIGNS:
        return True
    named = (match[1] for match in _REFERENCE.finditer(html))
    stray = sum(not name.startswith("#") and name not in html5 for name in named)
    return stray <= _MOST_STRAY_SIGNS


def _few_attributes(text: str) -> bool:
    return len(_VALUE.sub("", text).split()) <= _MOST_ATTRIBUTES


def sanitise(html: str, cid_images: Mapping[str, str] | None = None) -> str:
    """HTML that may be put on the agent's page, inside its sandboxed frame.

    Scripts, styles sheets, forms, embedded documents, SVG and MathML are gone; links lead to http,
    https and mailto only and open elsewhere; CSS is an allow-list without URLs. Nothing is fetched
    from a remote host: the address of such an image moves to `data-blocked-src`. `cid:` images get
    the URL that `cid_images` has for their Content-ID, else keep their `cid:` source. What was
    quoted carries the class `quoted`. HTML that is too large or too deep becomes escaped text.
    """
    html = to_safe_str(html[: 4 * LONGEST])
    if not fits(html):
        return f"<pre>{escape(to_text(html))}</pre>"
    from emailchannel.mail import html_quote  # noqa: PLC0415 - brings lxml in when needed

    return _clean(html_quote.mark(html), cid_images or {})


def _clean(html: str, cid_images: Mapping[str, str]) -> str:
    import nh3  # noqa: PLC0415 - a compiled library that only mails with HTML need

    def attribute(_tag: str, name: str, value: str) -> str | None:
        if name == "src":
            return _image_source(value, cid_images)
        if name == "href":
            return None if value.strip().lower().startswith(("data:", "cid:")) else value
        if name == "style":
            return _style(value)
        if name == "class":
            return QUOTED if QUOTED in value.split() else None
        return None if name in ("background", "srcset") else value

    result: str = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_REMOVED_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=attribute,
        filter_style_properties=set(_STYLES),
        url_schemes={"http", "https", "mailto", "cid", "data"},
        url_relative="deny",
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return result.replace(f' src="{_BLOCK_MARK}', f' {BLOCKED}="')


def _image_source(value: str, cid_images: Mapping[str, str]) -> str | None:
    value = value.strip()
    scheme = value[:5].lower()
    if scheme == "data:":
        return value if _IMAGE_DATA.fullmatch(value) else None
    if scheme.startswith("cid:"):
        return cid_images.get(value[4:].strip("<>"), value)
    return _BLOCK_MARK + value if scheme.startswith("http") else None


def _style(value: str) -> str | None:
    kept = [part for part in value[:20_000].split(";") if not _UNSAFE_STYLE.search(part)]
    return ";".join(kept) or None


def to_text(html: str) -> str:
    """The text a reader of this HTML would see: lines, lists and tables laid out; LF line ends."""
    html = to_safe_str(_PROLOGUE.sub("", html))
    if fits(html) and html.strip() and html.lower().count("<td") <= _MOST_CELLS:
        text = _laid_out(html)
        if text.strip():
            return _tidy(text)
    html = html[:LONGEST]
    return _tidy(_rough_text(html, _UNSEEN)) or _tidy(_rough_text(html, _CODE))


def _laid_out(html: str) -> str:
    from inscriptis import get_text  # noqa: PLC0415 - lxml behind it takes 80 ms to load
    from inscriptis.css_profiles import CSS_PROFILES  # noqa: PLC0415
    from inscriptis.model.config import ParserConfig  # noqa: PLC0415

    try:
        text: str = get_text(html, ParserConfig(css=CSS_PROFILES["strict"].copy()))
    except (ValueError, AssertionError, IndexError, RecursionError, TypeError, KeyError):
        return ""  # the libraries' own defects on odd trees; the rough reading takes over
    return text


def _rough_text(html: str, unseen: re.Pattern[str]) -> str:
    html = _BLOCK.sub("\n", _without(html, unseen))
    return unescape(_ANY_TAG.sub("", html)).strip()


def _without(html: str, unseen: re.Pattern[str]) -> str:
    """Drop comments and the elements named; an element without an end stays."""
    lower = html.lower()
    out: list[str] = []
    position = 0
    unclosed: set[str] = set()
    for match in unseen.finditer(lower):
        end_mark = f"</{match[1]}" if match[1] else "-->"
        if match.start() < position or end_mark in unclosed:
            continue
        end = lower.find(end_mark, match.end())
        if end < 0:
            unclosed.add(end_mark)
            continue
        out.append(html[position : match.start()])
        position = end + (3 if end_mark == "-->" else 0)
    out.append(html[position:])
    return " ".join(out)


def _tidy(text: str) -> str:
    text = unify_line_ends(to_safe_str(text)).replace("\u00a0", " ")
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", text).strip("\n")
