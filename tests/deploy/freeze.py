"""Freeze a release, for later ones to prove that a stack of it can be updated.

    python -m tests.deploy.freeze 0.5.0 COMMIT

writes released/0.5.0.zip: template, functions and contact flows of the commit, and a page of one
line (the real one is built, and no update depends on it). Same commit, same bytes.
"""

import argparse
import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

RELEASED = Path(__file__).parent / "released"
PATHS = ("template.yaml", "schema.graphql", "functions", "contact_flows")
PAGE = "agent_ccp/dist/index.html"
LIMIT = 400_000  # bytes: the repository keeps every release
_EPOCH = (1980, 1, 1, 0, 0, 0)


def frozen(commit: str, release: str) -> bytes:
    """The release as a zip; it unpacks to the layout of the repository."""
    command = ["git", "archive", "--format=tar", commit, *PATHS]
    tar = subprocess.run(command, check=True, capture_output=True, cwd=RELEASED.parents[2]).stdout
    files = {PAGE: f"<!doctype html><title>Release {release}</title>\n".encode()}
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for member in archive:
            if member.isfile():
                files[member.name] = archive.extractfile(member).read()
    return _zipped(files)


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, body in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, body)
    return buffer.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.freeze", description=__doc__)
    parser.add_argument("release", help="for example 0.6.0")
    parser.add_argument("commit", help="its tag, or a commit")
    options = parser.parse_args()
    body = frozen(options.commit, options.release)
    if len(body) > LIMIT:
        parser.error(f"{len(body):,} bytes: more than {LIMIT:,}")
    RELEASED.mkdir(exist_ok=True)
    target = RELEASED / f"{options.release}.zip"
    target.write_bytes(body)
    sys.stdout.write(f"{target.name}: {len(body):,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
