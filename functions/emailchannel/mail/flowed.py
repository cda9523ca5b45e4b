"""format=flowed (RFC 3676): soft line breaks are undone, quote depth is kept."""

from __future__ import annotations


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Text of a format=flowed part with its paragraphs joined (RFC 3676 section 4).

    `delete_space` is the DelSp parameter: the space before a soft break goes too.
    """
    out: list[list[str]] = []
    open_depth: int | None = None  # quote depth of a paragraph that goes on
    for line in text.split("\n"):
        depth, content = _unquote(line)
        is_signature = content == "-- "
        soft = content.endswith(" ") and not is_signature
        if soft and delete_space:
            content = content[:-1]
        if open_depth == depth and not is_signature:
            out[-1].append(content)
        else:
            out.append([">" * depth + " " if depth else "", content])
        open_depth = depth if soft else None
    return "\n".join("".join(pieces) for pieces in out)


def _unquote(line: str) -> tuple[int, str]:
    content = line.lstrip(">")
    depth = len(line) - len(content)
    return depth, content.removeprefix(" ")  # space-stuffing, section 4.4
