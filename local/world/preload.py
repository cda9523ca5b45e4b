"""What a zygote imports before it forks: libraries, service models, a package's own modules."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

_LIBRARIES = """
    boto3 boto3.dynamodb.types boto3.dynamodb.conditions aws_lambda_powertools
    aws_lambda_powertools.utilities.batch jinja2 nh3 inscriptis lxml.html bs4 chardet
    email.message email.policy encodings.idna html hmac uuid zipfile
"""
_SERVICES = "s3 dynamodb sqs sns ses sesv2 connect comprehend secretsmanager events sts"


def libraries() -> None:
    """Import what handlers import and keep botocore's service models for every session to come."""
    for name in _LIBRARIES.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    import boto3
    import botocore.loaders

    for name in ("load_service_model", "load_data_with_path"):
        _share(botocore.loaders.Loader, name)
    make: Any = boto3.session.Session("none", "none", region_name="us-east-1").client
    for service in _SERVICES.split():
        make(service)


def _share(kind: type, name: str) -> None:
    """Make a loading method answer from one cache for all instances of the class."""
    load: Any = getattr(kind, name)
    known: dict[str, Any] = {}

    def load_once(self: Any, *args: Any, **kwargs: Any) -> Any:
        key = repr((args, kwargs))
        if key not in known:
            known[key] = load(self, *args, **kwargs)
        return known[key]

    setattr(kind, name, load_once)


class EnvironmentRead(Exception):
    """A module reads the environment, itself or through a library, while it is imported."""


def packages(code: Path) -> None:
    """Import the modules of the packages in `code`.

    Handlers (modules beside the packages) are left to the worker: they may make clients. So are
    modules that read the environment while they are imported, since they would keep what they
    find here, and modules that cannot be imported, since the function that needs one has to say so.
    """
    sys.path.insert(0, str(code))
    with _environment_guarded(str(code)):
        for found in pkgutil.iter_modules([str(code)]):
            if found.ispkg:
                _import_below(found.name)
    sys.path.remove(str(code))


def _import_below(name: str) -> None:
    try:
        package = importlib.import_module(name)
    except Exception:  # the worker will meet it again, with the function's environment
        return
    for found in pkgutil.iter_modules(getattr(package, "__path__", [])):
        _import_below(f"{name}.{found.name}")


@contextlib.contextmanager
def _environment_guarded(code: str) -> Iterator[None]:
    """Raise EnvironmentRead when a variable is read for a module under `code`.

    A library that reads one while it is itself imported is no matter: it is no part of the code.
    """
    kind: Any = type(os.environ)
    read = kind.__getitem__

    def guarded(self: Any, name: str) -> Any:
        frame: FrameType | None = sys._getframe(1)
        while frame and not frame.f_code.co_filename.startswith(code):
            importing = frame.f_code.co_name == "<module>"
            frame = None if importing else frame.f_back
        if frame:
            raise EnvironmentRead(name)
        return read(self, name)

    kind.__getitem__ = guarded
    try:
        yield
    finally:
        kind.__getitem__ = read
