"""The configuration set: does anybody hear what became of a mail?

Source: Amazon SES API v2 reference (GetConfigurationSet, GetConfigurationSetEventDestinations).
"""

from collections.abc import Iterator
from typing import Any, Final

from .dns import LookUp
from .doctor_finding import Finding, ok, problem, warning
from .stack import Stack

_NEEDED: Final = {"SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY"}


def configuration_set(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """Where SES reports what became of a mail, and what it does about addresses that bounced."""
    name, client = stack.resources["ConfigurationSet"], stack.client("sesv2")
    found = client.get_configuration_set(ConfigurationSetName=name)
    if not (found.get("SendingOptions") or {}).get("SendingEnabled", True):
        yield problem(
            "Sending is switched off for the configuration set.",
            "Find out who switched it off and why; then:",
            stack.aws(
                "sesv2 put-configuration-set-sending-options"
                f" --configuration-set-name {name} --sending-enabled"
            ),
        )
    listed = client.get_configuration_set_event_destinations(ConfigurationSetName=name)
    yield _destination(stack, name, listed.get("EventDestinations") or [])
    yield _suppression(stack, name, found)


def _destination(stack: Stack, name: str, listed: list[dict[str, Any]]) -> Finding:
    topic = stack.resources["DeliveryTopic"]
    ours = [
        entry for entry in listed if (entry.get("SnsDestination") or {}).get("TopicArn") == topic
    ]
    types = ",".join(sorted(_NEEDED | {"RENDERING_FAILURE", "SUBSCRIPTION"}))
    wanted = f"Enabled=true,MatchingEventTypes={types},SnsDestination={{TopicArn={topic}}}"
    if not ours:
        return problem(
            "SES tells nobody what became of a mail: the event destination is gone.",
            "Make it again:",
            stack.aws(
                f"sesv2 create-configuration-set-event-destination --configuration-set-name {name}"
                f" --event-destination-name delivery --event-destination '{wanted}'"
            ),
        )
    has = {
        kind.upper()
        for entry in ours
        if entry.get("Enabled")
        for kind in entry["MatchingEventTypes"]
    }
    missing = sorted(_NEEDED - has)
    if missing:
        off = "it is switched off" if not has else "it leaves out " + ", ".join(missing)
        return problem(
            f"SES does not tell all that becomes of a mail: {off}.",
            "Set it right:",
            stack.aws(
                f"sesv2 update-configuration-set-event-destination --configuration-set-name {name}"
                f" --event-destination-name {ours[0]['Name']} --event-destination '{wanted}'"
            ),
        )
    return ok("SES tells what becomes of each mail: all event types are on.")


def _suppression(stack: Stack, name: str, found: dict[str, Any]) -> Finding:
    reasons = (found.get("SuppressionOptions") or {}).get("SuppressedReasons")
    where = "configuration set"
    if reasons is None:
        account_wide = stack.client("sesv2").get_account().get("SuppressionAttributes") or {}
        reasons, where = account_wide.get("SuppressedReasons") or [], "account"
    missing = sorted({"BOUNCE", "COMPLAINT"} - set(reasons))
    if not missing:
        return ok(f"Addresses that bounced or complained are spared ({where}).")
    return warning(
        f"SES goes on sending to addresses after a {' or a '.join(missing).lower()} ({where}).",
        "Let it keep them on its suppression list:",
        stack.aws(
            f"sesv2 put-configuration-set-suppression-options --configuration-set-name {name}"
            " --suppressed-reasons BOUNCE COMPLAINT"
        ),
    )
