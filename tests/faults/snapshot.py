"""The whole state of the emulated account, to be put back before each run."""

from __future__ import annotations

import copy
import pickle
from typing import Any

from .clock import CLOCK


class Snapshot:
    """The whole state of an account, and its clock."""

    def __init__(self, account: str) -> None:
        from ministack.services import dynamodb, s3, sqs

        from local.world import connect_mount, ses_out

        self._account, self._now = account, CLOCK.now
        stores = _stores(account, (dynamodb, s3, sqs))
        self._stores = pickle.dumps(stores, pickle.HIGHEST_PROTOCOL)
        self._sent = list(ses_out._sent.get(account, ()))
        self._suppressed = _suppressed(account)
        instance = connect_mount.connect._centre(account, None).instance
        self._connect = {name: copy.deepcopy(getattr(instance, name)) for name in _CHANGING}

    def restore(self) -> None:
        from ministack.services import dynamodb, s3, sqs

        from local.world import connect_mount, ses_out

        modules = {m.__name__: m for m in (dynamodb, s3, sqs)}
        found = pickle.loads(self._stores)  # noqa: S301
        for (module, name), kept in found.items():
            data = getattr(modules[module], name)._data
            for key in [key for key in data if key[0] == self._account and key not in kept]:
                if not _is_package(key):
                    del data[key]
            data.update(kept)
        ses_out._sent[self._account] = list(self._sent)
        _suppress(self._account, self._suppressed)
        instance = connect_mount.connect._centre(self._account, None).instance
        for name, kept in self._connect.items():
            setattr(instance, name, copy.deepcopy(kept))
        CLOCK.now = self._now

    def tables(self) -> dict[Any, Any]:
        """The tables as they were, as the emulator keeps them."""
        stores = pickle.loads(self._stores)  # noqa: S301
        found: dict[Any, Any] = stores["ministack.services.dynamodb", "_tables"]
        return found


def _suppressed(account: str) -> dict[Any, Any]:
    """SES's suppression lists of the account, by Region."""
    from local.world import ses_suppression

    return {k: dict(v) for k, v in ses_suppression._lists.items() if k[0] == account}


def _suppress(account: str, lists: dict[Any, Any]) -> None:
    from local.world import ses_suppression

    for place in [place for place in ses_suppression._lists if place[0] == account]:
        del ses_suppression._lists[place]
    ses_suppression._lists.update({k: dict(v) for k, v in lists.items()})


_CHANGING = ("users", "contacts", "attributes", "executions", "client_tokens", "events", "log")


def _stores(account: str, modules: tuple[Any, ...]) -> dict[tuple[str, str], dict[Any, Any]]:
    from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

    found = {}
    for module in modules:
        for name, store in vars(module).items():
            if isinstance(store, AccountScopedDict | AccountRegionScopedDict):
                mine = {
                    k: v for k, v in store._data.items() if k[0] == account and not _is_package(k)
                }
                found[module.__name__, name] = mine
    return found


KEPT: set[str] = {"deployment-packages"}  # parts of names of buckets that no run changes


def _is_package(key: tuple[Any, ...]) -> bool:
    return any(name in str(part) for part in key for name in KEPT)
