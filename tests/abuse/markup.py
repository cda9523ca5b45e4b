"""HTML that could run, fetch or hide, and how to tell whether any of it is left."""

import re

from bs4 import BeautifulSoup

HOSTILE = (
    "<script>fetch('https://evil.example')</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    '<img src=x onerror="alert(1)">',
    '<img src="https://evil.example/pixel.gif">',
    '<img srcset="https://evil.example/pixel.gif 1x">',
    '<picture><source srcset="https://evil.example/1"><img src="//evil.example/2"></picture>',
    '<a href="javascript:alert(1)">go</a>',
    '<a href="jav&#x09;ascript:alert(1)">go</a>',
    '<a href="&#1;javascript:alert(1)">go</a>',
    '<a href=" JaVaScRiPt:alert(1)">go</a>',
    '<a href="vbscript:x">go</a><a href="data:text/html,<script>1</script>">go</a>',
    '<a href="file:///etc/passwd">go</a><a href="blob:https://x/1">go</a>',
    "<style>@import url(https://evil.example/a.css); p{background:url(//evil.example)}</style>",
    '<p style="background:url(https://evil.example/a);position:fixed;top:0">styled</p>',
    '<p style="width:expression(alert(1))">styled</p>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<base href="https://evil.example/"><link rel=stylesheet href=//evil.example/a.css>',
    '<svg onload="alert(1)"><script>1</script><image href="https://evil.example/a"/></svg>',
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=1>'>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    '<iframe src="https://evil.example"></iframe><iframe srcdoc="<script>1</script>"></iframe>',
    '<form action="https://evil.example"><input autofocus onfocus=1><button>x</button></form>',
    '<object data="//evil.example/a"></object><embed src="//evil.example/b">',
    '<video src="//evil.example/a" poster="//evil.example/b"></video><audio src=//evil.example/c>',
    '<table background="https://evil.example/a"><td background="//evil.example">cell</table>',
    '<body onload="alert(1)" background="//evil.example/a">',
    "<template><script>1</script></template><xmp><script>1</script></xmp>",
    "<!--[if mso]><script>1</script><![endif]--><!-- heron-comment -->",
    "<p onclick=1 onpointerenter=2 formaction=javascript:1>handlers</p>",
    '<img src="cid:somebody-elses"><img src="data:image/svg+xml,<svg onload=1>">',
)
NO_TAGS = {
    "script",
    "style",
    "meta",
    "base",
    "link",
    "svg",
    "math",
    "iframe",
    "form",
    "input",
    "button",
    "object",
    "embed",
    "video",
    "audio",
    "source",
    "picture",
    "noscript",
    "template",
    "xmp",
    "mglyph",
}
CALLS_HOME = re.compile(r"url\s*\(|expression|@import|position|javascript:|vbscript:", re.I)


def dangers(html: str) -> list[str]:
    """What in a document could run, fetch or hide."""
    found = []
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        # The channel's own frame of a mail may have a <meta charset>.
        if tag.name in NO_TAGS and not (tag.name == "meta" and list(tag.attrs) == ["charset"]):
            found.append(tag.name)
        for name, value in tag.attrs.items():
            text = " ".join(value) if isinstance(value, list) else value
            if name.startswith("on") or name in {"srcset", "background", "formaction", "poster"}:
                found.append(f"{tag.name} {name}")
            if name == "style" and CALLS_HOME.search(text):
                found.append(f"{tag.name} style {text}")
            if name in {"src", "href"}:
                scheme = re.sub(r"[\x00-\x20]", "", text).partition(":")[0].lower()
                allowed = {"cid"} if name == "src" else {"http", "https", "mailto", "tel"}
                if scheme not in allowed:
                    found.append(f"{tag.name} {name}={text}")
    return found
