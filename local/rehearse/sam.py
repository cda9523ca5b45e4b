"""The real SAM CLI, in a copy of the sources, with the emulator for AWS."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from local.emulator import REPOSITORY, Emulator
from local.rehearse.terminal import Answers, Said, run

PROGRAM = REPOSITORY / ".venv" / "sam" / "bin" / "sam"
_READ = ("template.yaml", "schema.graphql", "samconfig.toml", "functions", "contact_flows", "agent_ccp/dist")


class SamFailed(RuntimeError):
    """`sam` ended otherwise than it should; the text is the end of what it said."""


def copy_sources(target: Path) -> Path:
    """What `sam` reads, and nothing else: the template, its settings, functions, flows, page."""
    for name in _READ:
        source, copied = REPOSITORY / name, target / name
        copied.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copied, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy2(source, copied)
    return target


class Sam:
    """`sam` as one administrator calls it, one file with all it said for each call."""

    def __init__(self, tree: Path, said: Path, world: Emulator, account: str) -> None:
        self.tree, self._said = tree, said
        self._calls = 0
        temporary = tree.parent / "temporary"
        temporary.mkdir()
        others = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAM_"))}
        self._env = others | {
            "AWS_ENDPOINT_URL": world.endpoint,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,  # nobody's own settings or credentials
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "1",  # seconds; AWS is asked every 5
            "TMPDIR": str(temporary),  # what is left when it is ended half-way goes with the tree
            "__SAM_CLI_APP_DIR": str(tree.parent / "sam-settings"),
        }

    def __call__(
        self, *arguments: str, answers: Answers | None = None, fails: bool = False
    ) -> Said:
        """Run `sam <arguments>`. Raises SamFailed unless it ends as `fails` says."""
        said = run([str(PROGRAM), *arguments], self.tree, self._env, answers or {})
        self._calls += 1
        name = "-".join(["sam", *arguments]).replace("--", "")
        body = f"$ sam {' '.join(arguments)}\n{said.text}"
        (self._said / f"{self._calls:02d}-{name}.txt").write_text(body)
        if (said.status != 0) is not fails:
            raise SamFailed(f"sam {' '.join(arguments)} ended with {said.status}\n{said.tail()}")
        return said
