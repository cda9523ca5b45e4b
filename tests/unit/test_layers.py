"""The dependency rule: mail <- case/trust/route <- verbs <- aws <- doors."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
PURE = {"nh3", "inscriptis", "bs4", "lxml", "chardet", "jinja2", "yaml"}
AMAZON = {"boto3", "botocore", "aws_lambda_powertools"}
STANDARD = set(sys.stdlib_module_names)

VALUES = {"case", "trust", "route", "errors", "settings"}
# What a layer may import of the channel itself, besides its own layer.
LAYERS = {
    "mail": set(),
    "values": {"mail"},
    "verbs": {"mail", "values"},
    "aws": {"mail", "values", "verbs", "aws"},
    "door": {"mail", "values", "verbs", "aws"},
}
OUTSIDE = {
    "mail": PURE,
    "values": set(),
    "verbs": PURE,
    "aws": PURE | AMAZON,
    "door": {"aws_lambda_powertools"},
}


def modules():
    return sorted(FUNCTIONS.rglob("*.py"))


def layer(parts):
    """The layer of a module by its dotted parts below functions/."""
    if parts[0] != "emailchannel":
        return "door"
    if len(parts) > 1 and parts[1] in {"mail", "aws"}:
        return parts[1]
    return "values" if len(parts) < 2 or parts[1] in VALUES else "verbs"


def dotted(path):
    parts = list(path.relative_to(FUNCTIONS).with_suffix("").parts)
    return parts[:-1] if parts[-1] == "__init__" else parts


def imported(path):
    """Absolute dotted names of what a module imports, at its top or inside its functions."""
    here = dotted(path)
    package = here if path.name == "__init__.py" else here[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            full = [*base, *(node.module.split(".") if node.module else [])]
            for alias in node.names:
                whole = [*full, alias.name]
                target = FUNCTIONS.joinpath(*whole)
                yield whole if target.with_suffix(".py").exists() or target.is_dir() else full


def problems(path):
    mine = layer(dotted(path) or ["emailchannel"])
    for parts in imported(path):
        if parts[0] == "emailchannel":
            theirs = layer(parts)
            if theirs != mine and theirs not in LAYERS[mine]:
                yield f"{mine} imports {'.'.join(parts)}"
        elif (FUNCTIONS / f"{parts[0]}.py").exists() and parts[0] not in STANDARD:
            yield f"{mine} imports the door {parts[0]}"
        elif parts[0] not in STANDARD | OUTSIDE[mine]:
            yield f"{mine} imports {parts[0]}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: "/".join(dotted(path)))
def test_imports_point_one_way(path):
    assert list(problems(path)) == []


@pytest.mark.parametrize(
    ("where", "line", "problem"),
    [
        ("emailchannel/mail/x.py", "import boto3", "mail imports boto3"),
        ("emailchannel/mail/x.py", "from ..case import Case", "mail imports emailchannel.case"),
        ("emailchannel/x.py", "from .aws import s3", "verbs imports emailchannel.aws.s3"),
        ("emailchannel/aws/x.py", "import local.testing", "aws imports local"),
        ("x.py", "import boto3", "door imports boto3"),
        ("emailchannel/x.py", "def f():\n    import botocore", "verbs imports botocore"),
    ],
)
def test_the_rule_bites(where, line, problem, tmp_path, monkeypatch):
    copy = tmp_path / "functions"
    for path in modules():
        (copy / path.relative_to(FUNCTIONS)).parent.mkdir(parents=True, exist_ok=True)
        (copy / path.relative_to(FUNCTIONS)).touch()
    monkeypatch.setattr(sys.modules[__name__], "FUNCTIONS", copy)
    (copy / where).write_text(line)
    assert problem in list(problems(copy / where))


def test_the_environment_is_read_in_one_place():
    readers = [
        path.relative_to(FUNCTIONS).as_posix()
        for path in modules()
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    ]
    assert readers == ["emailchannel/aws/settings.py"]


def test_time_comes_from_one_clock():
    """`time.time()` can be moved from outside; the other clocks of the standard library cannot."""
    for path in modules():
        for word in ("datetime.now", "utcnow", "today()", "time_ns", "monotonic"):
            assert word not in path.read_text(), f"{path.name}: {word}"


def test_nothing_asks_whether_it_runs_locally():
    for path in modules():
        text = path.read_text().lower()
        for word in ("ministack", "emulator", "localhost", "127.0.0.1"):
            assert word not in text, f"{path.name}: {word}"
