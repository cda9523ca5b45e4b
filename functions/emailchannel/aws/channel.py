"""The bundle: every adapter, each client made when it is first used, once per worker."""

import time
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config

from ..ports import Channel
from . import runtime, settings
from .comprehend import ComprehendLanguage
from .connect import ConnectContacts, ConnectUsers
from .dynamodb import DynamoCases
from .s3 import S3Mails
from .secrets import StackKeys
from .ses import ONE_ATTEMPT, ONE_QUICK_ATTEMPT, SesPost
from .sms import SmsTexts
from .sqs import SqsQueues
from .table import Table

_QUICK = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=2, read_timeout=4
)
_OPTIONAL = Config(
    retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=1, read_timeout=3
)
# Path-style or the default host would give links that S3 redirects, or SigV2 ones in us-east-1.
_LINKS = Config(signature_version="s3v4", s3={"addressing_style": "virtual"}).merge(_QUICK)


class Clients:
    """boto3 clients by name. A door that never sends never loads the model of SES."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, str], Any] = {}

    def lazily(self, service: str, config: Config = _QUICK, region: str = "") -> Any:
        """A stand-in that becomes the client at its first call; `region`: empty for our own."""
        return _Lazy(lambda: self._client(service, config, region))

    def _client(self, service: str, config: Config, region: str) -> Any:
        key = service, id(config), region
        if key not in self._made:
            make: Any = boto3.client
            self._made[key] = make(service, region_name=region or None, config=config)
        return self._made[key]


class _Lazy:
    def __init__(self, make: Any) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)


@lru_cache(maxsize=1)
def channel() -> Channel:
    """The channel of this worker, from its environment."""
    chosen, named, clients = settings.settings(), settings.names(), Clients()
    connect = clients.lazily("connect")
    return Channel(
        settings=chosen,
        mails=S3Mails(clients.lazily("s3", _LINKS), named.bucket),
        cases=DynamoCases(Table(clients.lazily("dynamodb"), named.table)),
        queues=SqsQueues(
            clients.lazily("sqs"),
            named.ingest_queue,
            named.task_queue,
            named.send_queue,
            named.relay_queue,
        ),
        contacts=ConnectContacts(connect, chosen.instance_id, chosen.flow_id),
        users=ConnectUsers(connect, chosen.instance_id),
        language=ComprehendLanguage(
            clients.lazily("comprehend", _OPTIONAL), chosen, runtime.comprehend_failed
        ),
        post=SesPost(
            clients.lazily("sesv2", ONE_ATTEMPT),
            clients.lazily("sesv2", ONE_QUICK_ATTEMPT),
            named.configuration_set,
        ),
        texts=SmsTexts(
            clients.lazily("pinpoint-sms-voice-v2", ONE_ATTEMPT, named.sms_region),
            named.sms_configuration_set,
        ),
        keys=StackKeys(clients.lazily("secretsmanager"), named.case_key, named.relay_keys),
        now=time.time,
        pause=time.sleep,
    )
