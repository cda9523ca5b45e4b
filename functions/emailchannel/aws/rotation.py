"""`rotation.StagedSecret` over AWS Secrets Manager: the relay keys' secret, and no other."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ..rotation import CURRENT, PENDING
from . import settings
from .errors import code, translated

_QUICK = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=2, read_timeout=5
)


class StagedRelayKeys:
    """The versions of one secret. `id` is its ARN; versions are named by ClientRequestToken."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self.id = arn

    def stages(self) -> Mapping[str, frozenset[str]]:
        """The staging labels of every version that has one."""
        with translated():
            described = self._client.describe_secret(SecretId=self.id)
        return {
            version: frozenset(labels)
            for version, labels in described.get("VersionIdsToStages", {}).items()
        }

    def value(self, version: str) -> str | None:
        """What a version holds; None for one that is staged and not written yet."""
        try:
            with translated():
                found = self._client.get_secret_value(SecretId=self.id, VersionId=version)
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return None
            raise
        text: str = found["SecretString"]
        return text

    def put_pending(self, version: str, value: str) -> bool:
        """Write a version, once: False when a step that ran beside this one has written it."""
        try:
            with translated():
                self._client.put_secret_value(
                    SecretId=self.id,
                    ClientRequestToken=version,
                    SecretString=value,
                    VersionStages=[PENDING],
                )
        except ClientError as error:
            if code(error) == "ResourceExistsException":
                return False
            raise
        return True

    def make_current(self, version: str, instead_of: str) -> None:
        """Move AWSCURRENT; Secrets Manager labels the version it leaves AWSPREVIOUS."""
        with translated():
            self._client.update_secret_version_stage(
                SecretId=self.id,
                VersionStage=CURRENT,
                MoveToVersionId=version,
                RemoveFromVersionId=instead_of,
            )

    def abandon(self, version: str) -> None:
        """Take AWSPENDING away. While another version has it, no rotation can start."""
        with translated():
            self._client.update_secret_version_stage(
                SecretId=self.id, VersionStage=PENDING, RemoveFromVersionId=version
            )


@lru_cache(maxsize=1)
def relay_keys() -> StagedRelayKeys:
    """The stack's own secret, by the environment."""
    make: Any = boto3.client
    return StagedRelayKeys(make("secretsmanager", config=_QUICK), settings.names().relay_keys)
