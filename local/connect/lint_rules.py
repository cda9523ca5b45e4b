"""What each block of the flow language must and may look like.

From the "Flow language" pages of the Connect API reference and from what CreateContactFlow is
known to refuse; where the two disagree, from the latter (Wait takes TimeLimitSeconds, TagContact
needs an error branch, UpdateContactRoutingBehavior must have none).
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "2019-10-30"
CONTENT_LIMIT = 256_000  # characters
ACTION_LIMIT = 250
IDENTIFIER_LIMIT = 50
FORBIDDEN_IN_IDENTIFIER = frozenset("%:(\\/)=$,;[]{}")
FORBIDDEN_IDENTIFIERS = frozenset(
    {
        "__proto__",
        "constructor",
        "toString",
        "valueOf",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "__defineGetter__",
        "__defineSetter__",
    }
)
OPERATORS = frozenset(
    {
        "Equals",
        "TextStartsWith",
        "TextEndsWith",
        "TextContains",
        "NumberGreaterThan",
        "NumberGreaterOrEqualTo",
        "NumberLessThan",
        "NumberLessOrEqualTo",
    }
)
AGENT_METRICS = ("NumberOfAgentsAvailable", "NumberOfAgentsStaffed", "NumberOfAgentsOnline")
HOOKS = frozenset(
    {
        "AgentHold",
        "AgentWhisper",
        "CustomerHold",
        "CustomerQueue",
        "CustomerRemaining",
        "CustomerWhisper",
        "DefaultAgentUI",
        "DisconnectAgentUI",
        "PauseContact",
        "ResumeContact",
    }
)

FLOW_TYPES = frozenset(
    {
        "CONTACT_FLOW",
        "CUSTOMER_QUEUE",
        "CUSTOMER_HOLD",
        "CUSTOMER_WHISPER",
        "AGENT_HOLD",
        "AGENT_WHISPER",
        "OUTBOUND_WHISPER",
        "AGENT_TRANSFER",
        "QUEUE_TRANSFER",
        "CAMPAIGN",
    }
)
_ROUTING = frozenset({"CONTACT_FLOW", "AGENT_TRANSFER", "QUEUE_TRANSFER"})
_ROUTING_OR_QUEUE = _ROUTING | {"CUSTOMER_QUEUE"}
_ENDING = frozenset({"CUSTOMER_QUEUE", "CUSTOMER_WHISPER", "AGENT_WHISPER", "OUTBOUND_WHISPER"})


@dataclass(frozen=True)
class Rule:
    """One block: its parameters, its branches, the flows it may stand in."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()  # at most one of these
    one_of: tuple[str, ...] = ()  # exactly one of these
    errors: tuple[str, ...] = ("NoMatchingError",)  # must be wired
    optional_errors: tuple[str, ...] = ()
    conditions: tuple[str, ...] | None = ()  # exact operands of Equals; None: any condition
    flow_types: frozenset[str] = FLOW_TYPES
    terminal: bool = False


RULES: dict[str, Rule] = {
    "CheckHoursOfOperation": Rule(
        optional=("HoursOfOperationId",), conditions=("True", "False"), flow_types=_ROUTING_OR_QUEUE
    ),
    "CheckMetricData": Rule(
        required=("MetricType",),
        optional=("QueueId", "AgentId"),
        exclusive=("QueueId", "AgentId"),
        errors=("NoMatchingError", "NoMatchingCondition"),
        conditions=None,
        flow_types=_ROUTING_OR_QUEUE,
    ),
    "Compare": Rule(
        required=("ComparisonValue",), errors=("NoMatchingCondition",), conditions=None
    ),
    "CreateTask": Rule(
        required=("Name", "ContactFlowId"),
        optional=(
            "Description",
            "Attributes",
            "References",
            "DelaySeconds",
            "ScheduledTime",
            "TaskTemplateId",
        ),
        exclusive=("DelaySeconds", "ScheduledTime"),
    ),
    "DisconnectParticipant": Rule(errors=(), flow_types=_ROUTING_OR_QUEUE, terminal=True),
    "EndFlowExecution": Rule(errors=(), flow_types=_ENDING, terminal=True),
    "GetMetricData": Rule(
        optional=("QueueId", "AgentId", "QueueChannel"), exclusive=("QueueId", "AgentId")
    ),
    "InvokeLambdaFunction": Rule(
        required=("LambdaFunctionARN", "InvocationTimeLimitSeconds"),
        optional=("InvocationType", "LambdaInvocationAttributes", "ResponseValidation"),
    ),
    "Loop": Rule(
        required=("LoopCount",),
        errors=(),
        optional_errors=("NoMatchingError",),
        conditions=("ContinueLooping", "DoneLooping"),
    ),
    "MessageParticipant": Rule(required=("Text",), errors=(), optional_errors=("NoMatchingError",)),
    "MessageParticipantIteratively": Rule(
        required=("Messages",),
        optional=("InterruptFrequencySeconds",),
        conditions=None,
        flow_types=frozenset({"CUSTOMER_QUEUE", "CUSTOMER_HOLD", "AGENT_HOLD"}),
    ),
    "TagContact": Rule(required=("Tags",)),
    "TransferContactToQueue": Rule(
        errors=("QueueAtCapacity", "NoMatchingError"), flow_types=_ROUTING
    ),
    "TransferToFlow": Rule(required=("ContactFlowId",), flow_types=_ROUTING),
    "UntagContact": Rule(required=("TagKeys",)),
    "UpdateContactAttributes": Rule(required=("Attributes",), optional=("TargetContact",)),
    "UpdateContactData": Rule(
        optional=(
            "Name",
            "Description",
            "LanguageCode",
            "CustomerId",
            "References",
            "WisdomSessionArn",
            "TargetContact",
        )
    ),
    "UpdateContactEventHooks": Rule(required=("EventHooks",)),
    "UpdateContactRoutingBehavior": Rule(
        one_of=("QueuePriority", "QueueTimeAdjustmentSeconds"),
        errors=(),
        flow_types=frozenset({"CONTACT_FLOW"}),
    ),
    "UpdateContactTargetQueue": Rule(one_of=("QueueId", "AgentId"), flow_types=_ROUTING),
    "UpdateFlowAttributes": Rule(required=("FlowAttributes",)),
    "UpdateFlowLoggingBehavior": Rule(required=("FlowLoggingBehavior",), errors=()),
    "Wait": Rule(
        required=("TimeLimitSeconds",),
        optional=("Events",),
        optional_errors=("ParticipantNotFound",),
        conditions=None,
        flow_types=frozenset({"CONTACT_FLOW", "CUSTOMER_QUEUE"}),
    ),
}
