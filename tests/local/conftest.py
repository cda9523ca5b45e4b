"""What the tests of the local world share: one emulator, an account each, the sample mail stack."""

import base64
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import deploy
from local.emulator import Emulator

SAMPLE = Path(__file__).with_name("sample")
_numbers = itertools.count(300_000_000_000)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator.start() as started:
        yield started


@dataclass(frozen=True)
class Account:
    """An account of the emulator, as a test uses it."""

    emulator: Emulator
    number: str

    def client(self, service: str, region: str = "us-east-1") -> Any:
        return self.emulator.client(service, self.number, region)

    def get(self, path: str) -> Any:
        reply = self.emulator.control("GET", f"/_local/{self.number}/{path}")
        assert reply.status == 200, reply
        return reply.body

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return self.emulator.control(method, f"/_local/{self.number}/{path}", body)

    def deliver(
        self, subject: str = "Hello", to: str = "help@corp.example", **more: Any
    ) -> tuple[int, Any]:
        raw = (
            more.pop("raw", None)
            or (
                "From: Ann <ann@customer.example>\r\nTo: help@corp.example\r\n"
                f"Subject: {subject}\r\nMessage-ID: <1@customer.example>\r\n\r\nHi there\r\n"
            ).encode()
        )
        mail = {
            "raw": base64.b64encode(raw).decode(),
            "mail_from": "ann@customer.example",
            "rcpt_to": [to],
            **more,
        }
        return self.ask("POST", "deliver", mail)

    def settle(self, seconds: float = 20) -> None:
        """Wait until the account is quiet."""
        deadline = time.monotonic() + seconds
        while not (state := self.get("quiet"))["quiet"]:
            assert time.monotonic() < deadline, state
            time.sleep(0.005)

    def advance(self, seconds: float) -> None:
        self.ask("PUT", "clock", {"advance": seconds})

    def rows(self, table: str) -> list[dict[str, Any]]:
        return list(self.client("dynamodb").scan(TableName=table)["Items"])

    def denials(self) -> list[dict[str, Any]]:
        return [call for call in self.get("iam") if not call["allowed"]]


@pytest.fixture
def account(emulator: Emulator) -> Iterator[Account]:
    number = str(next(_numbers))
    yield Account(emulator, number)
    emulator.control("DELETE", f"/_local/{number}")


def create_sample(account: Account, template: dict[str, Any] | None = None) -> deploy.Stack:
    """The sample mail stack, receiving mail."""
    packages = {"functions.zip": deploy.package(SAMPLE / "functions")}
    deploy.upload_packages(account.emulator, account.number, packages=packages)
    stack = deploy.create_stack(
        account.emulator, account.number, "mail", template or sample_template()
    )
    rule_set = stack.outputs["RuleSet"]
    account.client("ses").set_active_receipt_rule_set(RuleSetName=rule_set)
    account.settle()
    return stack


def sample_template() -> dict[str, Any]:
    return deploy.translate(SAMPLE / "template.yaml")


@pytest.fixture
def sample(account: Account) -> deploy.Stack:
    return create_sample(account)
