"""Templates of rules: Jinja2 in its sandbox, which sees the two images and nothing else."""

from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..happened import Row
from .rules import Rule

_LONGEST: Final = 200_000  # characters of what comes out


class NotRendered(Exception):
    """A template cannot be filled in; `words` say why, without a value of the record."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@lru_cache(maxsize=2)
def _environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    found = ImmutableSandboxedEnvironment(
        autoescape=html, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.globals.clear()
    return found


def fault(source: str, *, html: bool = False) -> str:
    """Why a template is none, or empty."""
    try:
        _environment(html=html).parse(source)
    except TemplateError as error:
        return str(error)
    return ""


def fill(field: str, source: str, row: Row, *, html: bool = False) -> str:
    """A template with the images of a change. Raises NotRendered."""
    values: dict[str, Any] = {"old": dict(row.old), "new": dict(row.new)}
    try:
        made = _environment(html=html).from_string(source).render(values)
    except TemplateError as error:
        # An undefined name is the template's own; other errors may quote the record.
        raise NotRendered(f"{field}: {type(error).__name__}") from error
    except Exception as error:
        raise NotRendered(f"{field}: {type(error).__name__}") from error
    if len(made) > _LONGEST:
        raise NotRendered(f"{field}: longer than {_LONGEST} characters")
    return made


def faults(rule: Rule) -> list[str]:
    """What is wrong with the templates of a rule, as sentences."""
    sources = {"subject": rule.subject, "text": rule.text, "html": rule.html}
    for number, file in enumerate(rule.files, 1):
        sources |= {f"attachment {number}'s key": file.key}
        sources |= {f"attachment {number}'s filename": file.filename}
    return [
        f"{rule.name}: {field} is no template: {why}"
        for field, source in sources.items()
        if (why := fault(source, html=field == "html"))
    ]
