"""Door: Secrets Manager rotates the relay keys, step by step."""

from typing import Any

from emailchannel.aws import rotation, runtime
from emailchannel.rotation import Request, rotate


def handler(event: dict[str, Any], _context: object) -> None:
    """Rotation event -> one step done. An error fails the step; Secrets Manager tries again."""
    request = Request(event["Step"], event["SecretId"], event["ClientRequestToken"])
    outcome = rotate(rotation.relay_keys(), request)
    runtime.logger.info("rotation", extra={"step": request.step, "outcome": outcome})
