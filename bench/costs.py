"""What the channel costs, from measured calls (costs.json) and list prices (prices.json).

    python bench/costs.py             the tables
    python bench/costs.py --measure   measure anew on the emulator first, and keep it in costs.json
    python bench/costs.py --write     put the tables into docs/costs.md

Prices change: correct them in prices.json, and --write.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MEASURED, PRICES = HERE / "costs.json", HERE / "prices.json"
DOCUMENT = HERE.parent / "docs" / "costs.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
MAILS = 1000
_CHUNK = 256 * 1024
_FED = {"gateway", "relay", "task_starter", "sender", "delivery_events", "contact_events"}


@dataclass(frozen=True)
class Row:
    """A line of the bill: for what, how much of it, and US dollars."""

    what: str
    amount: str
    usd: float


class Bill:
    """The figures for one set of measurements and prices."""

    def __init__(self, measured: Mapping[str, Any], listed: Mapping[str, Any]) -> None:
        self._mail, self._round = measured["mail"], measured["caretaker"]
        self._stack = measured["stack"]
        self._prices = listed["prices"]
        self._assumed = {name: entry["value"] for name, entry in listed["assumptions"].items()}

    def price(self, name: str, count: float) -> float:
        """US dollars for so many units."""
        return float(self._prices[name]["usd"]) * count / float(self._prices[name]["per"])

    def mails(self) -> list[Row]:
        """MAILS customers' mails, each acknowledged, read and answered once."""
        return [Row(row.what, row.amount, MAILS * row.usd) for row in self._one_mail()]

    def _one_mail(self) -> Iterator[Row]:
        mail, price = self._mail, self.price
        yield Row("Amazon Connect", "1 task", price("connect.task", 1))
        chunks = mail["bytes.in"] // 2 // _CHUNK * 2
        usd = price("ses.in", 2) + price("ses.chunk", chunks)
        usd += price("ses.out", mail["ses.out"]) + price("ses.data", mail["bytes.out"])
        yield Row("Amazon SES", f"2 mails in, {mail['ses.out']:g} out", usd)
        yield Row(
            "Amazon Comprehend",
            f"{mail['comprehend']:g} units",
            price("comprehend", mail["comprehend"]),
        )
        yield from self._work(mail)
        yield Row(
            "Storage",
            f"{self._stored(mail) / 1000:.0f} kB in S3 for {self._assumed['months_kept']} months,"
            f" {mail['dynamodb.bytes'] / 1000:.0f} kB in the table",
            self._assumed["months_kept"]
            * (
                price("s3.month", self._stored(mail))
                + price("dynamodb.month", mail["dynamodb.bytes"])
            ),
        )
        messages = sum(
            entry["invocations"] for name, entry in mail["lambda"].items() if name in _FED
        )
        requests = self._assumed["requests_per_message"] * messages
        events = mail["lambda"]["delivery_events"]["invocations"]
        yield Row(
            "Amazon SQS, Amazon SNS",
            f"{requests:g} requests, {2 + events:g} publications",
            price("sqs", requests) + price("sns", 2 + events),
        )
        told, published = mail["events"], mail["publications"]
        yield Row(
            "Amazon EventBridge, AWS AppSync",
            f"{told:g} events, {published:g} publications to subscribers",
            price("events", told) + price("appsync", published),
        )
        calls, out = mail["lambda"]["agent_api"]["invocations"], mail["bytes.in"]
        yield Row(
            "Page",
            f"{calls:g} requests, {out / 1000:.0f} kB read",
            price("api", calls) + price("data.out", out),
        )

    def _stored(self, mail: Mapping[str, Any]) -> float:
        return float(mail["bytes.in"] + mail["s3.bytes"])

    def _work(self, taken: Mapping[str, Any]) -> Iterator[Row]:
        """What functions do, whoever calls them."""
        price = self.price
        count = sum(entry["invocations"] for entry in taken["lambda"].values())
        seconds = self._gb_seconds(taken)
        yield Row(
            "AWS Lambda",
            f"{count:g} invocations, {seconds:.2f} GB-s",
            price("lambda.request", count) + price("lambda.arm64", seconds),
        )
        write, read = taken["dynamodb.write"], taken["dynamodb.read"]
        yield Row(
            "Amazon DynamoDB",
            f"{write:g} write, {read:g} read units",
            price("dynamodb.write", write) + price("dynamodb.read", read),
        )
        put, get = taken.get("s3.put", 0), taken.get("s3.get", 0)
        yield Row(
            "Amazon S3",
            f"{put:g} PUT, {get:g} GET",
            price("s3.put", put) + price("s3.get", get),
        )
        logged = taken.get("log.bytes", 0) + self._assumed["platform_log"] * count
        kept = self._assumed["log_months"] * price("logs.month", logged)
        yield Row("CloudWatch Logs", f"{logged / 1000:.0f} kB", price("logs.in", logged) + kept)

    def _gb_seconds(self, taken: Mapping[str, Any]) -> float:
        measured = sum(
            entry["invocations"] * entry["ms"] / 1000 * entry["mb"] / 1024
            for entry in taken["lambda"].values()
        )
        return float(self._assumed["duration_factor"] * measured)

    def month(self) -> list[Row]:
        """What a stack costs each month without any mail."""
        stack, price = self._stack, self.price
        idle = stack["event_sources"] * self._assumed["idle_receives"]
        rounds = self._assumed["rounds"]
        caretaker = rounds * sum(row.usd for row in self._work(self._round))
        return [
            Row("CloudWatch metrics", f"{stack['metrics']}", self._watched("metric")),
            Row("CloudWatch dashboard", f"{stack['dashboards']}", self._watched("dashboard")),
            Row("CloudWatch alarms", f"{stack['alarms']}", self._watched("alarm")),
            Row("Lambda asks the queues", f"{idle:,} requests at most", price("sqs", idle)),
            Row(
                "Secrets Manager", f"{stack['secrets']} secrets", price("secret", stack["secrets"])
            ),
            Row("Caretaker", f"{rounds:,} rounds", caretaker),
        ]

    def _watched(self, kind: str) -> float:
        """The month of all that the stack has of a kind of CloudWatch's things."""
        return self.price(f"cloudwatch.{kind}", self._stack[f"{kind}s"])

    def options(self) -> list[Row]:
        """What parameters add each month."""
        rounds = self._assumed["rounds"]
        mails = self.price("ses.in", rounds) + self.price("ses.out", rounds)
        mails += rounds * sum(row.usd for row in self._work(self._mail))  # it takes less
        return [
            Row("CustomerManagedKey", "1 key, and its requests", self.price("kms.key", 1)),
            Row("SendCanary", f"{rounds:,} mails to ourselves, at most", mails),
        ]

    def native(self) -> float:
        """MAILS mails and their answers by Amazon Connect's own email channel."""
        return self.price("connect.email", 2 * MAILS)


def tables(bill: Bill, listed: Mapping[str, Any]) -> str:
    """Everything in Markdown."""
    mails, month = bill.mails(), bill.month()
    each, fixed = sum(row.usd for row in mails), sum(row.usd for row in month)
    task = mails[0].usd
    return "\n\n".join(
        [
            f"Prices of {listed['region']}, recorded {listed['recorded']}.",
            _table(f"{MAILS:,} mails and answers", "for each mail", mails, each),
            f"Without the task it is **${each - task:.2f}**. Amazon Connect's own email channel\n"
            f"takes ${bill.native():.2f} for {MAILS:,} mails and {MAILS:,} answers.",
            _table("Each month, whatever comes", "how much", month, fixed),
            _table("Parameters that add to it", "how much each month", bill.options(), None),
            _recorded(listed),
            _assumed(listed),
        ]
    )


def _table(what: str, amount: str, rows: list[Row], total: float | None) -> str:
    lines = [f"| {what} | {amount} | US$ |", "|---|---|---:|"]
    lines += [f"| {row.what} | {row.amount} | {row.usd:.2f} |" for row in rows]
    lines += [] if total is None else [f"| **together** | | **{total:.2f}** |"]
    return "\n".join(lines)


def _recorded(listed: Mapping[str, Any]) -> str:
    lines = ["| price | US$ | for | known of | page |", "|---|---:|---|---|---|"]
    for name, entry in listed["prices"].items():
        usd = f"{entry['usd']:.10f}".rstrip("0")
        usd = usd + "0" * max(0, 2 - len(usd.partition(".")[2]))
        per = f"{entry['per']:,} * " if entry["per"] > 1 else ""
        page = entry["source"].removeprefix("https://")
        lines.append(
            f"| {name} | {usd} | {per}{entry['unit']} | {entry['known']} |"
            f" [{page}]({entry['source']}) |"
        )
    return "\n".join(lines)


def _assumed(listed: Mapping[str, Any]) -> str:
    lines = ["| assumed | value | why |", "|---|---:|---|"]
    for name, entry in listed["assumptions"].items():
        lines.append(f"| {name.replace('_', ' ')} | {entry['value']:,} | {entry['why']} |")
    return "\n".join(lines)


def read(path: Path) -> Any:
    """A file of figures."""
    return json.loads(path.read_text())


def rendered() -> str:
    """The tables from the files beside this one."""
    listed = read(PRICES)
    return tables(Bill(read(MEASURED), listed), listed)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python bench/costs.py", description=__doc__)
    parser.add_argument("--measure", action="store_true", help="measure on the emulator first")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/costs.md")
    options = parser.parse_args()
    if options.measure:
        import costs_measure  # noqa: PLC0415  (it wants the emulator, the tables do not)

        MEASURED.write_text(json.dumps(costs_measure.measure(), indent=1) + "\n")
    print(rendered())
    if options.write:
        before, _, rest = DOCUMENT.read_text().partition(BEGIN)
        after = rest.partition(END)[2]
        DOCUMENT.write_text(f"{before}{BEGIN}\n{rendered()}\n{END}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
