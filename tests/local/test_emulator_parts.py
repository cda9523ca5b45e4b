"""The parts of the emulated world that need no emulator: counting, clocks, the hook, the relay."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from local.world import activity, clock, hooks, relay
from local.world.ses_out import Sent

ACCOUNT = "123456789012"


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    clock.forget(ACCOUNT)
    activity.forget(ACCOUNT)
    relay.configure("")


class TestActivity:
    def test_a_raise_moves_the_sequence_and_its_end_does_not(self) -> None:
        before = activity.snapshot(ACCOUNT)
        with activity.running(ACCOUNT, "lambda"):
            during = activity.snapshot(ACCOUNT)
        after = activity.snapshot(ACCOUNT)
        assert during == (before[0] + 1, {"lambda": 1})
        assert after == (during[0], {})

    def test_a_thread_counts_from_before_it_runs(self) -> None:
        threads = activity.CountedThreading(lambda: ACCOUNT, frozenset({"loop"}))
        go = threading.Event()
        worker = threads.Thread(target=go.wait)
        worker.start()
        assert activity.snapshot(ACCOUNT)[1] == {"thread": 1}
        go.set()
        worker.join()
        assert activity.snapshot(ACCOUNT)[1] == {}

    def test_loops_do_not_count(self) -> None:
        threads = activity.CountedThreading(lambda: ACCOUNT, frozenset({"loop"}))
        go = threading.Event()
        loop = threads.Thread(target=go.wait, name="loop")
        loop.start()
        assert activity.snapshot(ACCOUNT)[1] == {}
        go.set()
        loop.join()


class TestClock:
    def test_it_runs_on_from_where_it_was_put(self) -> None:
        moved: list[str] = []
        clock.on_move(moved.append)
        clock.set_clock(ACCOUNT, 1_000.0)
        assert 1_000.0 <= clock.now(ACCOUNT) < 1_010.0
        assert moved == [ACCOUNT]
        assert clock.offset("210987654321") == 0

    def test_a_service_asks_for_its_account(self) -> None:
        current = ["210987654321"]
        module = clock.AccountTime(lambda: current[0])
        clock.set_clock(ACCOUNT, 1_000.0)
        assert module.time() > 1_000_000
        current[0] = ACCOUNT
        assert module.time() < 1_010
        assert module.monotonic() > 0


class TestHook:
    def request(self) -> hooks.Request:
        return hooks.Request(ACCOUNT, "us-east-1", "POST", "/", {}, b"", {})

    def test_without_one_the_call_is_served(self) -> None:
        assert self.serve() == "served"

    def test_it_may_answer_instead(self) -> None:
        async def refuse(request: hooks.Request, serve: Any) -> str:
            return f"refused {request.account}"

        hooks.register(ACCOUNT, refuse)
        assert self.serve() == f"refused {ACCOUNT}"
        hooks.register(ACCOUNT, None)
        assert self.serve() == "served"

    def serve(self) -> Any:
        async def served() -> str:
            return "served"

        with ThreadPoolExecutor(1) as apart:  # a browser's event loop may be running in this thread
            return apart.submit(asyncio.run, hooks.around(self.request(), served)).result()


class _Box:
    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


class TestRelay:
    def mail(self) -> Sent:
        delivered = b"Subject: x\r\n\r\nhello\r\n"
        return Sent(
            message_id="i",
            region="us-east-1",
            sender="help@corp.example",
            source="Help <help@corp.example>",
            recipients=("ann@customer.example",),
            raw=b"raw",
            delivered=delivered,
            configuration_set="",
            tags={},
            at=0.0,
        )

    def test_the_viewer_gets_the_delivered_copy(self) -> None:
        box = _Box()
        controller = Controller(box, hostname="127.0.0.1", port=0)
        controller.port = free_port()
        controller.start()
        try:
            relay.configure(f"127.0.0.1:{controller.port}")
            relay.deliver(self.mail())
        finally:
            controller.stop()
        expected = ("help@corp.example", ["ann@customer.example"], self.mail().delivered)
        assert box.mails == [expected]

    def test_no_viewer_is_no_error(self) -> None:
        relay.configure(f"127.0.0.1:{free_port()}")
        relay.deliver(self.mail())


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
