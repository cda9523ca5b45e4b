"""One account's contact centre at work: its state, its lock, its clock and what it sends out.

Everything that reads or changes `instance` holds `lock`. Lambda functions and the event bus
are called without it, on worker threads; `busy` counts that work from the moment it is
ordered, so that "nothing to do" is never reported between two steps.
"""

from __future__ import annotations

import threading
import traceback
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from local.connect.model import Contact, ContactState, Execution, Instance
from local.connect.outside import Outside

_KEPT = 5000  # events and log lines


class ContactCentre:
    """State of one account plus its way to the outside.

    `advance(centre, execution)` runs a flow as far as it goes; it is called on `pool`.
    """

    def __init__(
        self,
        instance: Instance,
        outside: Outside,
        pool: Executor,
        advance: Callable[[ContactCentre, Execution], None],
    ) -> None:
        self.instance = instance
        self.outside = outside
        self.lock = threading.RLock()
        self.busy = 0
        self._pool = pool
        self._advance = advance
        self._outbox: deque[dict[str, Any]] = deque()
        self._publishing = False
        self._forgotten = False

    @property
    def account(self) -> str:
        return self.instance.account

    def now(self) -> float:
        return self.outside.now(self.account)

    def log(self, message: str) -> None:
        self.instance.log.append({"at": self.now(), "message": message})
        del self.instance.log[:-_KEPT]

    def set_state(self, contact: Contact, state: ContactState) -> None:
        contact.state = state
        contact.state_since = contact.updated_at = self.now()
        self.touch()

    def touch(self) -> None:
        """Something an agent could see has changed."""
        self.instance.version += 1

    def contact_of(self, execution: Execution) -> Contact:
        return self.instance.contacts[execution.contact_id]

    def is_running(self, execution: Execution) -> bool:
        """Whether the flow still counts: its contact may have ended while a Lambda ran."""
        return self.instance.executions.get(execution.id) is execution

    def launch(self, execution: Execution) -> None:
        """Start a flow."""
        self.instance.executions[execution.id] = execution
        self.resume(execution)

    def resume(self, execution: Execution) -> None:
        """Let a flow run on from its next block."""
        execution.wake_at = None
        self.in_background(lambda: self._advance(self, execution))

    def in_background(self, work: Callable[[], None]) -> None:
        """Run `work` on a worker thread, counted as busy until it is done."""
        if self._forgotten:
            return
        self.busy += 1
        self._pool.submit(self._work, work)

    def emit(self, detail: dict[str, Any]) -> None:
        """Publish a contact event; one centre's events go out in order."""
        self.instance.events.append(detail)
        del self.instance.events[:-_KEPT]
        self._outbox.append(detail)
        if not self._publishing:
            self._publishing = True
            self.in_background(self._publish)

    def forget(self) -> None:
        """Stop: nothing that is still under way has an effect any more."""
        with self.lock:
            self._forgotten = True
            self.instance.executions.clear()
            self._outbox.clear()

    def _publish(self) -> None:
        while True:
            with self.lock:
                if not self._outbox:
                    self._publishing = False
                    return
                detail = self._outbox.popleft()
            try:
                self.outside.publish(self.account, self.instance.region, detail)
            except Exception as problem:  # best effort on AWS too; one lost event stops no other
                with self.lock:
                    self.log(f"contact event {detail['eventType']} was not delivered: {problem!r}")

    def _work(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            with self.lock:
                self.log(f"internal error: {traceback.format_exc()}")
        finally:
            with self.lock:
                self.busy -= 1


def new_id() -> str:
    return str(uuid.uuid4())
