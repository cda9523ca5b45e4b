"""Clients of a deployment: patient, for an account may be busy and nobody waits for an answer."""

from typing import Any

import boto3
from botocore.config import Config

_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 8})


def patient(service: str) -> Any:
    """A boto3 client of the service that tries eight times."""
    make: Any = boto3.client
    return make(service, config=_PATIENT)
