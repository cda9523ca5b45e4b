"""The only place that reads the environment."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..settings import Settings


@dataclass(frozen=True)
class Names:
    """The physical names of what the stack made."""

    table: str
    bucket: str
    ingest_queue: str
    relay_queue: str
    task_queue: str
    send_queue: str
    configuration_set: str
    case_key: str
    relay_keys: str
    event_bus: str
    graphql_url: str
    sms_region: str = ""
    sms_configuration_set: str = ""


def _reader(variables: Mapping[str, str]) -> Callable[..., str]:
    return lambda name, default="": variables.get(name, default).strip()


def _domains(text: str) -> tuple[str, ...]:
    return tuple(filter(None, re.split(r"[\s,;]+", text.lower())))


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """`alice=alice@other.example, ...` as (user name, address), both in lower case."""
    parted = (entry.partition("=") for entry in _domains(text))
    return tuple((name, address) for name, _, address in parted if address)


def _own_address(sender: str, domain: str) -> str:
    """The address of `Name <address>`, if it is one that we may send from."""
    address = sender.rpartition("<")[2].strip(" >").lower()
    return address if address.rpartition("@")[2] == domain.lower() else ""


def settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The administrator's decisions; unset ones have the template's defaults."""
    get = _reader(environment)
    display = re.match(r'\s*+"?([^"<]*+)"?\s*+<', get("DEFAULT_EMAIL_FROM"))
    return Settings(
        inquiry_address=get("INQUIRY_ADDRESS").lower(),
        domain=get("DOMAIN").lower(),
        agent_domains=_domains(get("AGENT_DOMAINS")),
        instance_arn=get("INSTANCE_ARN"),
        flow_id=get("TASK_FLOW").rpartition("/")[2],
        default_queue_arn=get("DEFAULT_QUEUE_ARN"),
        from_name=display.group(1).strip() if display else "",
        from_address=_own_address(get("DEFAULT_EMAIL_FROM"), get("DOMAIN")),
        access_timeout=int(get("EMAIL_ACCESS_TIMEOUT", "3600")),
        detect_language=get("DETECT_LANGUAGE", "true") == "true",
        detect_sentiment=get("DETECT_SENTIMENT", "true") == "true",
        detect_entities=get("DETECT_ENTITIES", "false") == "true",
        default_language=get("DEFAULT_LANGUAGE", "en"),
        disclaimer=get("DISCLAIMER"),
        tasks_per_second=float(get("TASKS_PER_SECOND", "1.5")),
        acknowledge=get("ACKNOWLEDGE", "true") == "true",
        stop_automatic_mail=get("STOP_AUTOMATIC_MAIL", "false") == "true",
        automatic_mails_per_minute=int(get("AUTOMATIC_MAILS_PER_MINUTE", "60")),
        reopen_days=int(get("REOPEN_DAYS", "14")),
        hold_third_parties=get("THIRD_PARTY_MAIL", "hold") == "hold",
        mails_per_sender=int(get("MAILS_PER_SENDER", "100")),
        mails_per_domain=int(get("MAILS_PER_DOMAIN", "2000")),
        agent_addresses=_pairs(get("AGENT_ADDRESSES")),
        undo_seconds=int(get("UNDO_SECONDS", "10")),
        remind_hours=int(get("REMIND_HOURS", "4")),
        canary=get("CANARY", "false") == "true",
        api_requests_per_second=int(get("API_REQUESTS_PER_SECOND", "20")),
        sms_sender=get("SMS_SENDER"),
    )


def stack_name(environment: Mapping[str, str] = os.environ) -> str:
    """The stack whose function this is: a dimension of its metrics."""
    return _reader(environment)("STACK", "none")


def names(environment: Mapping[str, str] = os.environ) -> Names:
    """What the stack made. A function that is not given a name has no right to the thing."""
    get = _reader(environment)
    return Names(
        table=get("TABLE"),
        bucket=get("BUCKET"),
        ingest_queue=get("INGEST_QUEUE"),
        relay_queue=get("RELAY_QUEUE"),
        task_queue=get("TASK_QUEUE"),
        send_queue=get("SEND_QUEUE"),
        configuration_set=get("CONFIGURATION_SET"),
        case_key=get("CASE_KEY"),
        relay_keys=get("RELAY_KEYS"),
        event_bus=get("EVENT_BUS"),
        graphql_url=get("GRAPHQL_URL"),
        sms_region=get("SMS_REGION"),
        sms_configuration_set=get("SMS_CONFIGURATION_SET"),
    )
