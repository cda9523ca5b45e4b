"""The local Amazon Connect: one contact centre per account behind the AWS API."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.connect import api, control, model, provision, routing, runner, seed, timers
from local.connect.centre import ContactCentre
from local.connect.limits import Throttle
from local.connect.model import Execution, Instance
from local.connect.outside import Outside

DEFAULT_REGION = "us-east-1"
_WORKERS = 32

Answer = tuple[int, dict[str, str], bytes]


class Connect:
    """Amazon Connect for many accounts. Every method may be called from any thread."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._flows = ThreadPoolExecutor(_WORKERS, thread_name_prefix="connect-flow")
        self._calls = ThreadPoolExecutor(_WORKERS, thread_name_prefix="connect-call")
        self._centres: dict[str, ContactCentre] = {}
        self._throttles: dict[str, Throttle] = {}
        self._lock = threading.Lock()

    def handle(
        self,
        account: str,
        region: str,
        method: str,
        path: str,
        query: dict[str, Any] | str,
        headers: dict[str, str],
        body: bytes,
    ) -> Answer:
        """One request of the AWS REST API -> status, headers, body.

        `query` is the raw query string or names mapped to a value or a list of values.
        """
        del headers  # signatures and permissions are the caller's business
        centre = self._centre(account, region)
        return api.handle(centre, self._throttles[account], method, path, query, body)

    def provision(
        self,
        account: str,
        region: str,
        action: str,
        type_name: str,
        physical_id: str | None,
        properties: dict[str, Any],
        old: dict[str, Any] | None,
    ) -> tuple[str, dict[str, Any]]:
        """One CloudFormation step ("create", "update", "delete") on an AWS::Connect type.

        Returns what Ref gives and the attributes for GetAtt. Raises ValueError in words.
        """
        centre = self._centre(account, region)
        with centre.lock:
            return provision.provision(centre, action, type_name, physical_id, properties, old)

    def control(
        self, account: str, method: str, path: str, query: dict[str, Any] | str, body: bytes
    ) -> Answer:
        """The agent desktop and the test side; `path` is what follows the account."""
        del query
        return control.handle(self._centre(account, None), method, path, body)

    def busy(self, account: str) -> int:
        """Flows executing, events being delivered and what the next tick will do.

        A contact that waits or is queued does not count, before its time has come.
        """
        centre = self._centres.get(account)
        if centre is None:
            return 0
        with centre.lock:
            return centre.busy + timers.count_due(centre)

    def tick(self) -> None:
        """Do what the clock has made due: waits, expiries, missed offers, schedules."""
        for centre in list(self._centres.values()):
            with centre.lock:
                timers.fire(centre)

    def forget(self, account: str) -> None:
        """Drop everything of an account."""
        with self._lock:
            centre = self._centres.pop(account, None)
            self._throttles.pop(account, None)
        if centre is not None:
            centre.forget()

    def get_state(self) -> dict[str, Any]:
        """All accounts as JSON-able data."""
        state = {}
        for account, centre in list(self._centres.items()):
            with centre.lock:
                state[account] = model.dump(centre.instance)
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Replace everything by what `get_state` gave; flows run on from where they were."""
        for account in list(self._centres):
            self.forget(account)
        for account, data in state.items():
            centre = self._open(model.load(data))
            with self._lock:
                self._centres[account] = centre
                self._throttles[account] = Throttle()
            with centre.lock:
                for execution in list(centre.instance.executions.values()):
                    if execution.wake_at is None:
                        centre.resume(execution)
                routing.route(centre)

    def close(self) -> None:
        """Stop all work; the object is of no use afterwards."""
        for account in list(self._centres):
            self.forget(account)
        self._flows.shutdown(wait=False, cancel_futures=True)
        self._calls.shutdown(wait=False, cancel_futures=True)

    def _centre(self, account: str, region: str | None) -> ContactCentre:
        with self._lock:
            centre = self._centres.get(account)
            if centre is None or _is_elsewhere(centre.instance, region):
                now = self._outside.now(account)
                instance = seed.new_instance(account, region or DEFAULT_REGION, now)
                if centre is not None:
                    _keep_agent_states(centre.instance, instance)
                centre = self._open(instance)
                self._centres[account] = centre
                self._throttles[account] = Throttle()
            return centre

    def _open(self, instance: Instance) -> ContactCentre:
        return ContactCentre(instance, self._outside, self._flows, self._advance)

    def _advance(self, centre: ContactCentre, execution: Execution) -> None:
        runner.advance(centre, execution, self._calls)


def _is_elsewhere(instance: Instance, region: str | None) -> bool:
    """Whether an instance nobody has used yet was made for another Region.

    The desktop side knows no Region: the first API call decides it.
    """
    used = instance.flows or instance.contacts or instance.lambdas or instance.origins
    return region is not None and instance.region != region and not used


def _keep_agent_states(before: Instance, after: Instance) -> None:
    for identifier, user in before.users.items():
        if identifier in after.users:
            after.users[identifier].state = user.state
