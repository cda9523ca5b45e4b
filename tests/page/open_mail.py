"""Serves the built page with one mail open, for a measurement by hand (docs/agents.md).

python -m tests.page.open_mail
"""

from __future__ import annotations

import sys
from threading import Event

from tests.page.fakes import World
from tests.page.server import serving


class Reusable(dict[str, str]):
    """Access codes that open any number of sessions: a measurement loads the page several times."""

    def pop(self, key: str, *_default: object) -> str:
        return self[key]


def main() -> None:
    """Prints the page's address and serves it until it is interrupted."""
    world = World()
    with serving(world) as url:
        contact = world.offer()
        contact["state"] = "connected"
        world.codes = Reusable({contact["attributes"]["access_code"]: contact["contactId"]})
        sys.stdout.write(f"{url}/?agent=alice\n")
        sys.stdout.flush()
        Event().wait()


if __name__ == "__main__":
    main()
