"""What a run prints at its end, also when several processes share the tests."""

import json


def pytest_terminal_summary(terminalreporter):
    """The share of genuine mail that was held (tests/journeys/test_genuine.py)."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
    for report in reports:
        for name, value in report.user_properties:
            if name == "genuine":
                say(terminalreporter, json.loads(value))


def say(terminalreporter, figures):
    terminalreporter.section("genuine mail")
    total = figures["mails of customers"] + figures["answers of agents"]
    held = (figures["held"] + figures["stopped"]) / total
    wrongly = figures.pop("wrongly")
    terminalreporter.write_line(", ".join(f"{n} {name}" for name, n in figures.items()))
    terminalreporter.write_line(f"share held or stopped: {held:.1%}; wrongly: {len(wrongly)}")
    for name in wrongly:
        terminalreporter.write_line(f"  wrongly held: {name}")
