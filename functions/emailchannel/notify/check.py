"""What is wrong with a file of rules: `python -m emailchannel.notify.check notifications.yaml`."""

import sys
from pathlib import Path

from . import render
from .rules import NotRules, Rule, read


def checked(text: str) -> tuple[Rule, ...]:
    """The rules, with every template read. Raises NotRules with all that is wrong."""
    rules = read(text)
    if faults := [fault for rule in rules for fault in render.faults(rule)]:
        raise NotRules(faults)
    return rules


def main(path: str) -> int:
    """The build's check: 0 when all is well."""
    try:
        checked(Path(path).read_text(encoding="utf-8"))
    except NotRules as error:
        sys.stderr.writelines(f"{path}: {fault}\n" for fault in error.faults)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
