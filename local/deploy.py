"""The stack of `template.yaml` in the emulator: what `sam build && sam deploy` do, in a second."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import sys
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.emulator import REPOSITORY, Emulator

_PACKAGES = "deployment-packages"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name: same files, same bytes
_SKIPPED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


class DeploymentFailed(RuntimeError):
    """A stack operation that did not complete; the text names the resource and the reason."""


@dataclass(frozen=True)
class Stack:
    """A created stack: its outputs and the physical id of each resource, by logical id."""

    name: str
    account: str
    region: str
    outputs: dict[str, str]
    resources: dict[str, str]


def translate(template: Path, keys: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The template as plain CloudFormation, by the engine CloudFormation's SAM transform uses.

    `keys` names packages otherwise (package -> object key), see `package_keys`.
    """
    names = tuple(sorted((keys or {}).items()))
    return dict(json.loads(_translated(str(template), template.stat().st_mtime_ns, names)))


@functools.cache
def _translated(path: str, _version: int, keys: tuple[tuple[str, str], ...]) -> str:
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    from samtranslator.translator.transform import transform
    from samtranslator.yaml_helper import yaml_parse

    source = yaml_parse(Path(path).read_text())
    _local_packages(source, dict(keys), Path(path).parent)
    return json.dumps(transform(source, {}, _NoManagedPolicies()))


class _NoManagedPolicies:
    """Names of AWS-managed policies the template may use (the translator wants their ARNs)."""

    def load(self) -> dict[str, str]:
        service_role = "arn:aws:iam::aws:policy/service-role"
        return {
            name: f"{service_role}/{name}"
            for name in ("AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole")
        }


def _local_packages(source: dict[str, Any], keys: Mapping[str, str], folder: Path) -> None:
    """Local code locations become S3 locations; layers are dropped (workers have the venv).

    The schema of an API is put into the template.
    """
    resources = source["Resources"]
    layers = [n for n, r in resources.items() if r["Type"] == "AWS::Serverless::LayerVersion"]
    for name in layers:
        del resources[name]
    source.get("Conditions", {}).pop("OnArm", None)  # it only picks a layer
    _without_layers(source.get("Globals", {}).get("Function", {}))
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            _without_layers(properties)
            if "InlineCode" not in properties:
                key = "page.zip" if _carries_page(resource) else "functions.zip"
                properties["CodeUri"] = f"s3://{_PACKAGES}/{keys.get(key, key)}"
        if location := properties.get("DefinitionS3Location"):
            properties["Definition"] = (folder / location).read_text()
            del properties["DefinitionS3Location"]
    function_globals = source.get("Globals", {}).get("Function", {})
    function_globals.pop("CodeUri", None)


def _without_layers(properties: dict[str, Any]) -> None:
    properties.pop("Layers", None)


def _carries_page(resource: dict[str, Any]) -> bool:
    """The function of deployment.py publishes the page and the flows: it carries them along."""
    return str(resource.get("Properties", {}).get("Handler", "")).startswith("deployment.")


def package(folder: Path, beside: Mapping[str, Path] | None = None) -> bytes:
    """A zip of the folder, and of others under their names: sorted, dated 1980, reproducible."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for prefix, root in {"": folder, **(beside or {})}.items():
            for path in sorted(root.rglob("*")):
                if path.is_file() and not _SKIPPED & set(path.parts):
                    entry = zipfile.ZipInfo(prefix + path.relative_to(root).as_posix(), _EPOCH)
                    entry.external_attr = 0o644 << 16
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


@functools.cache
def _packages(root: Path) -> dict[str, bytes]:
    functions = root / "functions"
    beside = {
        "page/": root / "agent_ccp" / "dist",
        "contact_flows/": root / "contact_flows",
    }
    return {"functions.zip": package(functions), "page.zip": package(functions, beside)}


def package_keys(root: Path = REPOSITORY) -> dict[str, str]:
    """Package -> a key with the hash of its content, by which an update sees what changed."""
    return {
        name: f"{hashlib.sha256(code).hexdigest()[:16]}-{name}"
        for name, code in _packages(root).items()
    }


def upload_versioned(emulator: Emulator, account: str, root: Path = REPOSITORY) -> dict[str, str]:
    """Put the packages of `root` under the keys of `package_keys`; returns these.

    `root` has the repository's layout: another release unpacked, for example.
    """
    keys = package_keys(root)
    upload_packages(
        emulator, account, packages={keys[name]: code for name, code in _packages(root).items()}
    )
    return keys


def upload_packages(
    emulator: Emulator,
    account: str,
    region: str = "us-east-1",
    packages: Mapping[str, bytes] | None = None,
) -> None:
    """Put the functions' code (or other packages, by name) where templates expect it."""
    s3, bucket = emulator.client("s3", account, region), _package_bucket(emulator, account, region)
    for key, code in (packages or _packages(REPOSITORY)).items():
        s3.put_object(Bucket=bucket, Key=key, Body=code)


def _package_bucket(emulator: Emulator, account: str, region: str) -> str:
    """The account's bucket for packages and templates; made when it is not there."""
    bucket = f"{_PACKAGES}-{account}"  # bucket names are shared by all accounts
    s3 = emulator.client("s3", account, region)
    if bucket not in [known["Name"] for known in s3.list_buckets()["Buckets"]]:
        place = {} if region == "us-east-1" else {"LocationConstraint": region}
        s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {}))
    return bucket


def _template_url(
    emulator: Emulator, account: str, template: Mapping[str, Any], region: str
) -> str:
    """Where CloudFormation reads the template: a body in the call may have 51,200 bytes only."""
    bucket = _package_bucket(emulator, account, region)
    body = json.dumps(template).replace(f'"{_PACKAGES}"', f'"{bucket}"').encode()
    key = f"{hashlib.sha256(body).hexdigest()[:32]}.template"
    emulator.client("s3", account, region).put_object(Bucket=bucket, Key=key, Body=body)
    return f"https://s3.amazonaws.com/{bucket}/{key}"


def create_stack(
    emulator: Emulator,
    account: str,
    stack_name: str,
    template: Mapping[str, Any],
    parameters: Mapping[str, str] | None = None,
    region: str = "us-east-1",
) -> Stack:
    """Create the stack and wait for it. Raises DeploymentFailed with the resource's reason."""
    return _put("create", emulator, account, stack_name, template, parameters, region)


def update_stack(
    emulator: Emulator,
    account: str,
    stack_name: str,
    template: Mapping[str, Any],
    parameters: Mapping[str, str] | None = None,
    region: str = "us-east-1",
) -> Stack:
    """Update the stack and wait for it. Raises DeploymentFailed with the resource's reason."""
    return _put("update", emulator, account, stack_name, template, parameters, region)


def preview_update(
    emulator: Emulator,
    account: str,
    stack_name: str,
    template: Mapping[str, Any],
    parameters: Mapping[str, str] | None = None,
    region: str = "us-east-1",
) -> list[dict[str, Any]]:
    """What an update would do: the ResourceChange entries of a change set, which is deleted."""
    cloudformation = emulator.client("cloudformation", account, region)
    which = {"StackName": stack_name, "ChangeSetName": "preview"}
    cloudformation.create_change_set(
        **which,
        TemplateURL=_template_url(emulator, account, template, region),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=_parameters(parameters),
    )
    cloudformation.get_waiter("change_set_create_complete").wait(
        **which, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )
    pages = cloudformation.get_paginator("describe_change_set").paginate(**which)
    found = [change["ResourceChange"] for page in pages for change in page["Changes"]]
    cloudformation.delete_change_set(**which)
    return found


def _put(
    verb: str,
    emulator: Emulator,
    account: str,
    stack_name: str,
    template: Mapping[str, Any],
    parameters: Mapping[str, str] | None,
    region: str,
) -> Stack:
    cloudformation = emulator.client("cloudformation", account, region)
    getattr(cloudformation, f"{verb}_stack")(
        StackName=stack_name,
        TemplateURL=_template_url(emulator, account, template, region),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=_parameters(parameters),
    )
    _wait(cloudformation, stack_name, f"{verb.upper()}_COMPLETE")
    return describe(emulator, account, stack_name, region)


def delete_stack(
    emulator: Emulator, account: str, stack_name: str, region: str = "us-east-1"
) -> None:
    """Delete the stack and wait for it. Raises DeploymentFailed with the resource's reason."""
    cloudformation = emulator.client("cloudformation", account, region)
    stack_id = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack_name)
    _wait(cloudformation, stack_id, "DELETE_COMPLETE")


def describe(emulator: Emulator, account: str, stack_name: str, region: str = "us-east-1") -> Stack:
    """Outputs and resources of a stack that exists."""
    cloudformation = emulator.client("cloudformation", account, region)
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    summaries = [found for page in pages for found in page["StackResourceSummaries"]]
    return Stack(
        stack_name,
        account,
        region,
        {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        {r["LogicalResourceId"]: r.get("PhysicalResourceId", "") for r in summaries},
    )


def _parameters(parameters: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"ParameterKey": k, "ParameterValue": v} for k, v in (parameters or {}).items()]


def _wait(cloudformation: Any, stack: str, wanted: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        if status == wanted:
            return
        if not status.endswith("IN_PROGRESS"):
            raise DeploymentFailed(f"{status}: {_reasons(cloudformation, stack)}")
        time.sleep(0.01)
    raise DeploymentFailed(f"{stack} was not {wanted} after {seconds:.0f} s")


def _reasons(cloudformation: Any, stack: str) -> str:
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    events = [event for page in pages for event in page["StackEvents"]]
    failed = [
        f"{e['LogicalResourceId']} ({e['ResourceType']}): {e.get('ResourceStatusReason', '')}"
        for e in reversed(events)
        if e["ResourceStatus"].endswith("_FAILED")
    ]
    return "; ".join(failed) or "no reason given"


if __name__ == "__main__":
    # `python -m local.deploy template.yaml`: the translated template, for cfn-lint to read
    print(json.dumps(translate(Path(sys.argv[1])), indent=1))
