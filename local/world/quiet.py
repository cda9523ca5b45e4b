"""Is anything still going to happen in an account without the clock moving?"""

from __future__ import annotations

from local.world import activity, connect_mount, streams
from local.world.patches import queues


def quiet(account: str) -> dict[str, int]:
    """What is going on, by kind; empty when the account is quiet.

    Two looks with the same sequence number and nothing in between: work is handed over by raising
    the receiver's count first, so none can hide. Polling is held off while the queues are read.
    """
    with queues.polling:
        before, running = activity.snapshot(account)
        waiting = {
            **running,
            "messages": queues.visible_messages(account),
            "stream records": streams.pending(account),
            "connect": connect_mount.connect.busy(account),
        }
        after, running = activity.snapshot(account)
    busy = {kind: count for kind, count in {**waiting, **running}.items() if count}
    if before != after:
        busy.setdefault("moving", 1)
    return busy
