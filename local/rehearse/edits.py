"""What a developer, or a mistake, changes in the copied sources between two deployments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PAGE = "index.html"
FLOW = "email-QueueTransfer"
UNKNOWN = "SendCarrierPigeon"


def change_page(tree: Path) -> str:
    """One line of the page: its title."""
    path = tree / "agent_ccp" / "dist" / PAGE
    path.write_text(path.read_text().replace("<title>Email</title>", "<title>Post</title>"))
    return PAGE


def change_flow(tree: Path) -> str:
    """One flow: a block moves in the designer, and what it does stays."""
    flow = _read(tree)
    flow["Metadata"]["entryPointPosition"]["x"] += 20
    _write(tree, flow)
    return FLOW


def break_flow(tree: Path) -> str:
    """A flow that no Connect takes: a block of a type that does not exist. Returns how it was."""
    before = _path(tree).read_text()
    flow = json.loads(before)
    flow["Actions"][0]["Type"] = UNKNOWN
    _write(tree, flow)
    return str(before)


def mend_flow(tree: Path, content: str) -> None:
    """Undo `break_flow`."""
    _path(tree).write_text(content)


def _path(tree: Path) -> Path:
    return tree / "contact_flows" / f"{FLOW}.json"


def _read(tree: Path) -> dict[str, Any]:
    return dict(json.loads(_path(tree).read_text()))


def _write(tree: Path, flow: dict[str, Any]) -> None:
    _path(tree).write_text(json.dumps(flow, indent=2) + "\n")
