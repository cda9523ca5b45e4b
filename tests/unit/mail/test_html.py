"""HTML of strangers: nothing active, nothing fetched, text kept."""

import time

import pytest

from emailchannel.mail import html_quote
from emailchannel.mail.html import sanitise, to_text

ACTIVE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<form action="https://evil.example"><input name="q"><button>b</button></form>',
    '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=//evil.example">',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="x.swf"></object><embed src="x.swf">',
    "<svg><script>alert(1)</script></svg><svg onload=alert(1)>",
    "<math><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=a&gt;'>",
    '<div style="position:fixed;top:0">x</div>',
    '<div style="width:expression(alert(1))">x</div>',
    '<div style="b\\61 ckground:u\\72l(//evil.example)">x</div>',
    "<style>@import url(//evil.example)</style><link rel=stylesheet href=//evil.example>",
    '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
]
FORBIDDEN = (
    "<script",
    "onerror=",
    "onload=",
    "javascript:",
    "data:text",
    "<form",
    "<input",
    "<button",
    "<base",
    "<meta",
    "<iframe",
    "<object",
    "<embed",
    "<svg",
    "<math",
    "position",
    "expression",
    "url(",
    "<style",
    "<link",
    "svg+xml",
    "evil.example",
)


@pytest.mark.parametrize("html", ACTIVE)
def test_nothing_active_is_left(html: str) -> None:
    result = sanitise(f"before{html}after")
    unescaped = result.replace('title="--&gt;&lt;img src=1 onerror=a&gt;"', "")
    assert not [word for word in FORBIDDEN if word in unescaped.lower()]
    assert "before" in result


def test_remote_images_are_blocked_and_marked() -> None:
    result = sanitise('<img src="https://x.example/p.png" srcset="https://x.example/q 2x" alt="A">')
    assert 'data-blocked-src="https://x.example/p.png"' in result
    assert ' src="' not in result
    assert "srcset" not in result


def test_the_mark_cannot_be_forged() -> None:
    result = sanitise("<img alt='\" src=\"x-blocked-image:javascript:x' src='//y'>")
    assert "data-blocked-src" not in result
    assert " src=" not in result.replace("&quot; src=", "")


def test_images_of_the_mail_itself() -> None:
    html = '<img src="cid:i@x"><img src="cid:other"><img src="data:image/png;base64,aGk=">'
    result = sanitise(html, {"i@x": "data:image/gif;base64,aGk="})
    assert result == (
        '<img src="data:image/gif;base64,aGk="><img src="cid:other">'
        '<img src="data:image/png;base64,aGk=">'
    )


def test_links_open_elsewhere() -> None:
    result = sanitise('<a href="https://x.example" target="_self" rel="opener">x</a>')
    for part in ('href="https://x.example"', 'target="_blank"', 'rel="noopener noreferrer"'):
        assert part in result
    assert "_self" not in result
    assert 'href="mailto:a@b.example"' in sanitise('<a href="mailto:a@b.example">x</a>')


def test_layout_survives() -> None:
    html = (
        '<table bgcolor="#fff"><tbody><tr><td colspan="2" style="color:red;font-size:12px">x</td>'
    )
    result = sanitise(html)
    for part in ('bgcolor="#fff"', 'colspan="2"', "color:red", "font-size:12px"):
        assert part in result


@pytest.mark.parametrize(
    "html",
    [
        '<p>new</p><div class="gmail_quote">old</div>',
        '<p>new</p><blockquote type="cite">old</blockquote>',
        '<p>new</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">old</div><p>old</p>',
        '<p>new</p><div style="border:none;border-top:solid #E1E1E1 1.0pt">From</div><p>old</p>',
    ],
)
def test_quoted_parts_are_marked(html: str) -> None:
    result = sanitise(html)
    assert result.count('class="quoted"') >= 1
    before, _, after = result.partition('class="quoted"')
    assert "new" in before
    assert "old" in after


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 500 + "deep <b>text</b>",
        "<p " + "a=b " * 300 + ">deep text</p>",
        "x" * 1_100_000 + "deep text",
        "<i>deep text</i>" + "<br>" * 61_000,
    ],
)
def test_what_no_parser_may_see_is_shown_as_text(html: str) -> None:
    result = sanitise(html)
    assert result.startswith("<pre>")
    assert "<b>" not in result
    assert "deep" in result or len(html) > 1_000_000


def test_text_of_html() -> None:
    html = (
        '<?xml version="1.0" encoding="utf-8"?><head><title>T</title><style>p{}</style></head>'
        "<p>One&nbsp;two</p><p>Three<br>four</p><ul><li>a</li><li>b</li></ul>"
        "<table><tr><td>1</td><td>2</td></tr></table><!-- no -->"
    )
    assert [line.strip() for line in to_text(html).split("\n") if line.strip()] == [
        "One two",
        "Three",
        "four",
        "* a",
        "* b",
        "1  2",
    ]


def test_text_of_broken_html() -> None:
    assert to_text("<p>a < b</p> & c <unclosed").startswith("a < b")
    assert to_text("") == ""
    assert to_text("<div>" * 3_000 + "kept").strip() == "kept"
    assert to_text("<script>x()</script>" + "<div>" * 3_000 + "kept<!-- gone -->") == "kept"


def test_a_last_blockquote_without_a_mark_is_quoted() -> None:
    page = "<p>Yes.</p><blockquote>Is it?</blockquote><p>No.</p><blockquote>Really?</blockquote>"
    pruned = html_quote.without_quoted(page)
    assert pruned is not None
    assert "Is it?" in pruned
    assert "Really?" not in pruned
    assert html_quote.without_quoted("<blockquote>all there is</blockquote>") is None
    assert html_quote.without_quoted("<p>a</p><blockquote>b</blockquote><img src=x>") is None


def test_text_of_wide_tables_is_read_in_time() -> None:
    started = time.process_time()
    assert to_text("<table><tr>" + "<td>x" * 55_000).count("x") == 55_000
    assert time.process_time() - started < 1


def test_html_whose_text_stands_in_its_title() -> None:
    assert to_text("<title>All there is</title>") == "All there is"


def test_many_signs_that_are_no_references_become_plain_text() -> None:
    stray = "<b>fish</b> & chips" * 25_000
    assert sanitise(stray).startswith("<pre>fish &amp; chips")
    assert sanitise("<b>&nbsp;&#1575;&amp;</b>" * 25_000).startswith("<b>")
