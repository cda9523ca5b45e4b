"""What of the world outlives a restart beside ministack's own state: mails, Connect, clocks."""

from __future__ import annotations

import json
from pathlib import Path

from local.world import clock


class State:
    """One JSON file in the state folder; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "world.json" if folder else None

    def load(self) -> None:
        from local.world import (
            connect_mount,
            ses_account,
            ses_events,
            ses_out,
            ses_suppression,
            sms,
        )

        if self._file is None or not self._file.exists():
            return
        kept = json.loads(self._file.read_text())
        clock.load_state(kept["clock"])
        ses_out.load_state(kept["sent"])
        ses_events.modes.update(kept["ses_events"])
        ses_account.load_state(kept.get("ses_account", {}))
        ses_suppression.load_state(kept.get("ses_suppression", {}))
        sms.load_state(kept.get("sms", {}))
        connect_mount.connect.load_state(kept["connect"])

    def save(self) -> None:
        from local.world import (
            connect_mount,
            ses_account,
            ses_events,
            ses_out,
            ses_suppression,
            sms,
        )

        if self._file is None:
            return
        kept = {
            "clock": clock.get_state(),
            "sent": ses_out.get_state(),
            "ses_events": ses_events.modes,
            "ses_account": ses_account.get_state(),
            "ses_suppression": ses_suppression.get_state(),
            "sms": sms.get_state(),
            "connect": connect_mount.connect.get_state(),
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(kept))
        fresh.replace(self._file)
