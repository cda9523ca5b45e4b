"""What `sam build` makes: Lambda's packages wherever it runs, and the same bytes every time."""

import hashlib
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = ROOT / "functions"
LAYERS = {"DependenciesArm64": "aarch64", "DependenciesX86": "x86_64"}
MACHINES = {183: "aarch64", 62: "x86_64"}  # e_machine in the ELF header; elf.h
DOORS = sorted(path.stem for path in MAKEFILE.glob("*.py"))
LARGEST = 250e6  # bytes a function and its layers may have unzipped: Lambda quotas
RUNTIME = ("boto3", "botocore", "s3transfer", "dateutil", "six.py", "urllib3")


def make(target: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run one target of functions/Makefile as `sam build` does, in place."""
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        ["make", "--silent", f"build-{target}"],
        cwd=MAKEFILE,
        env={**os.environ, "ARTIFACTS_DIR": str(folder), **env},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def built(folder: Path, *targets: str, **env: str) -> Path:
    for target in targets:
        done = make(target, folder / target, **env)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory):
    return built(tmp_path_factory.mktemp("built"), *LAYERS, "GatewayFunction", "DeploymentFunction")


def content(folder: Path) -> dict[str, str]:
    """Every file with its mode and a hash of its bytes."""
    return {
        path.relative_to(folder).as_posix(): (
            f"{path.stat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def machine(library: Path) -> str:
    header = library.read_bytes()[:20]
    assert header[:4] == b"\x7fELF", library
    return MACHINES[struct.unpack_from("<H", header, 18)[0]]


@pytest.mark.parametrize(("layer", "processor"), LAYERS.items())
def test_every_compiled_library_of_a_layer_is_for_its_processor(artefacts, layer, processor):
    libraries = sorted((artefacts / layer).rglob("*.so*"))
    assert {machine(library) for library in libraries} == {processor}
    assert {lib.name.split(".")[1] for lib in libraries if "cpython-" in lib.name} == {
        f"cpython-313-{processor}-linux-gnu"
    }


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_has_exactly_the_pinned_packages(artefacts, layer):
    lines = (MAKEFILE / "requirements.txt").read_text().splitlines()
    pinned = {line.lower().replace("-", "_") for line in lines if "==" in line}
    found = {
        folder.name.removesuffix(".dist-info").replace("-", "==").lower()
        for folder in (artefacts / layer / "python").glob("*.dist-info")
    }
    assert found == pinned


@pytest.mark.parametrize("layer", LAYERS)
def test_a_function_and_its_layer_are_far_below_the_limit(artefacts, layer):
    package, packages = artefacts / "DeploymentFunction", artefacts / layer
    files = [path for folder in (package, packages) for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LARGEST / 5


def test_a_function_has_our_code_only_and_neither_page_nor_flows(artefacts):
    package = artefacts / "GatewayFunction"
    expected = {"emailchannel", "notifications.yaml", *(f"{door}.py" for door in DOORS)}
    assert {path.name for path in package.iterdir()} == expected
    assert not list(package.rglob("*.pyc"))


def test_the_deployment_function_has_the_page_and_the_flows(artefacts):
    package = artefacts / "DeploymentFunction"
    page = ROOT / "agent_ccp" / "dist"
    assert {p.relative_to(package / "page") for p in (package / "page").rglob("*")} == {
        p.relative_to(page) for p in page.rglob("*")
    }
    assert (package / "contact_flows" / "email-Inbound.json").read_bytes() == (
        ROOT / "contact_flows" / "email-Inbound.json"
    ).read_bytes()


def test_a_second_build_has_the_same_bytes(artefacts, tmp_path):
    targets = ("DependenciesX86", "DeploymentFunction")
    again = built(tmp_path, *targets)
    for target in targets:
        assert content(again / target) == content(artefacts / target)


def test_a_strict_umask_does_not_lock_lambda_out(tmp_path):
    before = os.umask(0o077)
    try:
        built(tmp_path, "GatewayFunction")
    finally:
        os.umask(before)
    package = tmp_path / "GatewayFunction"
    assert all(path.stat().st_mode & 0o004 for path in package.rglob("*"))


def pythons() -> list[str]:
    """One Python with pip of each release from 3.11 on that is on PATH or among pyenv's."""
    places = [Path(place) for place in os.environ["PATH"].split(os.pathsep)]
    places += sorted((Path.home() / ".pyenv" / "versions").glob("3.1*/bin"))
    script = "import pip, sys; print(sys.version_info[1], sys.executable)"
    found: dict[int, str] = {}
    for python in [place / "python3" for place in places if (place / "python3").exists()]:
        asked = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            minor, executable = asked.stdout.split(maxsplit=1)
            found.setdefault(int(minor), executable.strip())
    return [python for minor, python in sorted(found.items()) if minor >= 11]


def only(folder: Path, python: str) -> str:
    """A PATH with make's tools and this Python as python3, and no other."""
    folder.mkdir()
    for tool in ("sh", "make", "cp", "rm", "find", "chmod", "mkdir", "test"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    (folder / "python3").write_text(f'#!/bin/sh\nexec {python} "$@"\n')
    (folder / "python3").chmod(0o755)
    return str(folder)


def test_whichever_python_builds_the_bytes_are_the_same(artefacts, tmp_path):
    found = pythons()
    assert found
    for number, python in enumerate(found):
        path = only(tmp_path / f"bin{number}", python)
        again = built(tmp_path / f"built{number}", "DependenciesArm64", PATH=path)
        assert content(again / "DependenciesArm64") == content(artefacts / "DependenciesArm64")


def test_without_python_the_build_says_what_is_missing(tmp_path):
    path = only(tmp_path / "bin", "/bin/false")
    done = make("DependenciesArm64", tmp_path / "built", PATH=path)
    assert done.returncode != 0
    assert "Python 3.11 or newer with pip is needed" in done.stderr


def test_without_the_page_the_build_says_what_to_do(tmp_path):
    shutil.copytree(MAKEFILE, tmp_path / "functions")
    done = subprocess.run(
        ["make", "--silent", "build-DeploymentFunction"],
        cwd=tmp_path / "functions",
        env={**os.environ, "ARTIFACTS_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "run 'make setup' first" in done.stderr


def test_every_door_imports_with_the_package_and_the_layer_alone(artefacts, tmp_path):
    """With boto3 beside them, which Lambda's runtime has, and nothing else of this machine."""
    site = next(Path(place) for place in sys.path if place.endswith("site-packages"))
    for name in RUNTIME:
        (tmp_path / name).symlink_to(site / name)
    places = [artefacts / "GatewayFunction", artefacts / "DependenciesX86" / "python", tmp_path]
    script = f"""
import os, sys
sys.path[:0] = {[str(place) for place in places]!r}
os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_REGION="us-east-1")
for door in {DOORS!r}:
    __import__(door)
import jinja2, lxml.html, nh3, inscriptis, chardet
for module in list(sys.modules.values()):
    where = getattr(module, "__file__", None) or ""
    assert "site-packages" not in where or where.startswith({str(site)!r}), where
print(lxml.__file__)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(artefacts / "DependenciesX86"))
