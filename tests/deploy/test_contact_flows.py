"""Our contact flows against everything Amazon Connect is known to refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from local.connect import find_problems
from local.connect.blocks import BLOCKS
from local.connect.lint_rules import RULES
from tests.local.connect_rig import FLOW_TYPES, FLOWS, filled

TOKENS = {
    "CustomerQueueFlowArn": "arn:aws:connect:us-east-1:000000000001:instance/i/contact-flow/q",
    "AgentWhisperFlowArn": "arn:aws:connect:us-east-1:000000000001:instance/i/contact-flow/w",
    "ContactFlowFunctionArn": "arn:aws:lambda:us-east-1:000000000001:function:contact-flow",
    "DefaultQueueArn": "arn:aws:connect:us-east-1:000000000001:instance/i/queue/d",
}
README = FLOWS / "README.md"


def load(name):
    return json.loads(filled(name, TOKENS))


def problems(flow, name):
    return find_problems(json.dumps(flow), FLOW_TYPES[name])


def blocks(flow, kind=None):
    return [each for each in flow["Actions"] if kind in (None, each["Type"])]


def targets(block):
    transitions = block["Transitions"]
    found = [transitions["NextAction"]] if transitions else []
    for branch in transitions.get("Errors", []) + transitions.get("Conditions", []):
        found.append(branch["NextAction"])
    return found


@pytest.mark.parametrize("name", FLOW_TYPES)
def test_connect_would_accept_the_flow(name):
    assert problems(load(name), name) == []


@pytest.mark.parametrize("name", FLOW_TYPES)
def test_every_block_can_be_reached(name):
    flow = load(name)
    by_name = {block["Identifier"]: block for block in flow["Actions"]}
    reached, ahead = set(), [flow["StartAction"]]
    while ahead:
        here = ahead.pop()
        if here not in reached:
            reached.add(here)
            ahead += targets(by_name[here])
    assert reached == set(by_name)


@pytest.mark.parametrize("name", FLOW_TYPES)
def test_logs_are_off_before_anything_secret_is_handled(name):
    first = load(name)["Actions"][0]
    assert first["Type"] == "UpdateFlowLoggingBehavior"
    assert first["Parameters"] == {"FlowLoggingBehavior": "Disabled"}
    assert load(name)["StartAction"] == first["Identifier"]


@pytest.mark.parametrize("name", FLOW_TYPES)
def test_only_a_failure_ends_a_task(name):
    flow = load(name)
    ends = {block["Identifier"] for block in blocks(flow, "DisconnectParticipant")}
    for block in flow["Actions"]:
        conditions = block["Transitions"].get("Conditions", [])
        assert not ends & {branch["NextAction"] for branch in conditions}
        if block["Type"] != "TransferContactToQueue":  # there, going on means it was not queued
            assert block["Transitions"].get("NextAction") not in ends


@pytest.mark.parametrize("name", FLOW_TYPES)
def test_the_designer_can_show_it(name):
    flow = load(name)
    metadata = flow["Metadata"]["ActionMetadata"]
    assert set(metadata) == {block["Identifier"] for block in flow["Actions"]}
    places = [(each["position"]["x"], each["position"]["y"]) for each in metadata.values()]
    assert len(set(places)) == len(places), "two blocks lie on top of each other"
    assert flow["Metadata"]["name"] == name


@pytest.mark.parametrize("name", FLOW_TYPES)
def test_the_file_is_readable_and_has_known_tokens_only(name):
    text = (FLOWS / f"{name}.json").read_text()
    assert text == json.dumps(json.loads(text), indent=2) + "\n"
    assert set(re.findall(r"\$\{(\w+)\}", text)) <= set(TOKENS)


def test_there_are_no_other_flows():
    assert {path.stem for path in FLOWS.glob("*.json")} == set(FLOW_TYPES)


def test_every_attribute_of_the_flows_is_in_the_contract():
    text = "".join((FLOWS / f"{name}.json").read_text() for name in FLOW_TYPES)
    used = set(re.findall(r"\$\.Attributes\.(\w+)", text))
    for name in FLOW_TYPES:
        for block in blocks(load(name), "UpdateContactAttributes"):
            used |= set(block["Parameters"]["Attributes"])
    documented = set(re.findall(r"^\| `(\w+)` \|", README.read_text(), re.MULTILINE))
    assert used <= documented


def test_the_rules_cover_exactly_the_blocks_that_can_run():
    assert set(RULES) == set(BLOCKS)


# --- each rule, broken on purpose -----------------------------------------------------------


def block_of(flow, kind):
    return blocks(flow, kind)[0]


def drop_error(kind, error):
    def mutate(flow):
        transitions = block_of(flow, kind)["Transitions"]
        transitions["Errors"] = [e for e in transitions["Errors"] if e["ErrorType"] != error]

    return mutate


def put(kind, part, value):
    """Replace a part of the first block of a kind; dots lead deeper."""

    def mutate(flow):
        *path, last = part.split(".")
        here = block_of(flow, kind)
        for step in path:
            here = here[step]
        here[last] = value

    return mutate


def drop(kind, part):
    def mutate(flow):
        *path, last = part.split(".")
        here = block_of(flow, kind)
        for step in path:
            here = here[step]
        del here[last]

    return mutate


def rename(kind, identifier):
    """Give a block another identifier, everywhere."""

    def mutate(flow):
        old = block_of(flow, kind)["Identifier"]
        for block in flow["Actions"]:
            if block["Identifier"] == old:
                block["Identifier"] = identifier
            transitions = block["Transitions"]
            branches = transitions.get("Errors", []) + transitions.get("Conditions", [])
            for branch in [transitions, *branches]:
                if branch.get("NextAction") == old:
                    branch["NextAction"] = identifier
        if flow["StartAction"] == old:
            flow["StartAction"] = identifier

    return mutate


def add_error(kind, error):
    def mutate(flow):
        block = block_of(flow, kind)
        branch = {"ErrorType": error, "NextAction": block["Identifier"]}
        block["Transitions"].setdefault("Errors", []).append(branch)

    return mutate


def add(kind, parameters, **transitions):
    """Another block of a kind, wired to itself."""

    def mutate(flow):
        here = "added"
        flow["Actions"].append(
            {
                "Identifier": here,
                "Type": kind,
                "Parameters": parameters,
                "Transitions": {
                    "NextAction": here,
                    "Errors": [
                        {"ErrorType": error, "NextAction": here}
                        for error in transitions.get("errors", ["NoMatchingError"])
                    ],
                    "Conditions": [
                        {
                            "NextAction": here,
                            "Condition": {"Operator": operator, "Operands": [operand]},
                        }
                        for operator, operand in transitions.get("conditions", [])
                    ],
                },
            }
        )

    return mutate


def whole(member, value):
    def mutate(flow):
        flow[member] = value

    return mutate


def duplicate(flow):
    flow["Actions"].append(flow["Actions"][-1])


def too_many(flow):
    end = flow["Actions"][-1]
    flow["Actions"] += [end | {"Identifier": f"end {number}"} for number in range(250)]


def break_condition(part, value):
    def mutate(flow):
        block_of(flow, "Compare")["Transitions"]["Conditions"][0]["Condition"][part] = value

    return mutate


EQUALS = [("Equals", "True"), ("Equals", "False")]
LOOPING = [("Equals", "ContinueLooping"), ("Equals", "DoneLooping")]
LAMBDA = "InvokeLambdaFunction"
INBOUND, QUEUE, WHISPER = "email-Inbound", "email-CustomerQueue", "email-AgentWhisper"
TRANSFER = "email-QueueTransfer"

BROKEN = {
    "version": (INBOUND, whole("Version", "2020-01-01"), "Version must be"),
    "no start": (INBOUND, whole("StartAction", "nowhere"), "StartAction 'nowhere' does not exist"),
    "no actions": (INBOUND, whole("Actions", []), "Actions must be a list"),
    "too many actions": (INBOUND, too_many, "1 to 250"),
    "identifier twice": (INBOUND, duplicate, "is used twice"),
    "identifier too long": (INBOUND, rename("Compare", "x" * 51), "1 to 50 characters"),
    "identifier illegal": (INBOUND, rename("Compare", "who (now)"), "is not allowed ()"),
    "identifier reserved": (INBOUND, rename("Compare", "constructor"), "is not allowed"),
    "unknown block": (INBOUND, put("Compare", "Type", "CheckAttribute"), "not a block we know"),
    "member missing": (INBOUND, drop("Compare", "Parameters"), "lacks Parameters"),
    "next missing": (INBOUND, drop("Compare", "Transitions.NextAction"), "NextAction is missing"),
    "next unknown": (
        INBOUND,
        put("Compare", "Transitions.NextAction", "nowhere"),
        "'nowhere', which does not exist",
    ),
    "terminal not empty": (
        INBOUND,
        put("DisconnectParticipant", "Transitions", {"Errors": []}),
        "empty Transitions",
    ),
    "error branch missing": (INBOUND, drop_error(LAMBDA, "NoMatchingError"), "NoMatchingError is"),
    "queue capacity missing": (
        INBOUND,
        drop_error("TransferContactToQueue", "QueueAtCapacity"),
        "QueueAtCapacity is missing",
    ),
    "no queue missing": (
        INBOUND,
        drop_error("TransferContactToQueue", "NoMatchingError"),
        "NoMatchingError is missing",
    ),
    "no match missing": (
        INBOUND,
        drop_error("Compare", "NoMatchingCondition"),
        "NoMatchingCondition is missing",
    ),
    "error branch on logging": (
        INBOUND,
        add_error("UpdateFlowLoggingBehavior", "NoMatchingError"),
        "no error branch NoMatchingError",
    ),
    "error branch on priority": (
        INBOUND,
        add("UpdateContactRoutingBehavior", {"QueuePriority": "1"}),
        "no error branch NoMatchingError",
    ),
    "error branch twice": (INBOUND, add_error("Wait", "NoMatchingError"), "wired twice"),
    "unknown error": (INBOUND, add_error(LAMBDA, "TimeLimitExceeded"), "no error branch Time"),
    "operator": (INBOUND, break_condition("Operator", "Contains"), "'Contains' is not an operator"),
    "operands": (INBOUND, break_condition("Operands", ["a", "b"]), "one text operand"),
    "operand type": (INBOUND, break_condition("Operands", [1]), "one text operand"),
    "conditions where none belong": (
        INBOUND,
        add("TagContact", {"Tags": {"a": "1"}}, conditions=EQUALS),
        "it has no conditions",
    ),
    "wait never completes": (
        QUEUE,
        put("Wait", "Transitions.Conditions", []),
        "Equals WaitCompleted is missing",
    ),
    "wait by its documented name": (
        QUEUE,
        put("Wait", "Parameters", {"TimeoutSeconds": "60"}),
        "TimeLimitSeconds is missing",
    ),
    "wait too long": (QUEUE, put("Wait", "Parameters.TimeLimitSeconds", "604801"), "1 to 604800"),
    "wait in a transfer flow": (
        TRANSFER,
        add("Wait", {"TimeLimitSeconds": "1"}, conditions=[("Equals", "WaitCompleted")]),
        "Wait is not allowed in a flow of type QUEUE_TRANSFER",
    ),
    "loop half wired": (
        QUEUE,
        add("Loop", {"LoopCount": "3"}, errors=[], conditions=LOOPING[:1]),
        "must be exactly Equals ContinueLooping and Equals DoneLooping",
    ),
    "loop too long": (
        QUEUE,
        add("Loop", {"LoopCount": "101"}, errors=[], conditions=LOOPING),
        "LoopCount must be 0 to 100",
    ),
    "hours half wired": (
        INBOUND,
        add("CheckHoursOfOperation", {}, conditions=EQUALS[:1]),
        "must be exactly Equals True and Equals False",
    ),
    "metric without condition": (
        INBOUND,
        add(
            "CheckMetricData",
            {"MetricType": "NumberOfAgentsStaffed"},
            errors=["NoMatchingError", "NoMatchingCondition"],
        ),
        "at least one condition",
    ),
    "metric compared as text": (
        INBOUND,
        add(
            "CheckMetricData",
            {"MetricType": "NumberOfAgentsStaffed"},
            errors=["NoMatchingError", "NoMatchingCondition"],
            conditions=[("Equals", "1")],
        ),
        "compare numbers",
    ),
    "agents counted": (
        INBOUND,
        add(
            "CheckMetricData",
            {"MetricType": "NumberOfAgentsStaffed"},
            errors=["NoMatchingError", "NoMatchingCondition"],
            conditions=[("NumberGreaterThan", "3")],
        ),
        "NumberGreaterThan 0 only",
    ),
    "two hooks": (
        INBOUND,
        put(
            "UpdateContactEventHooks",
            "Parameters.EventHooks",
            {"CustomerQueue": "$.Attributes.a", "AgentWhisper": "$.Attributes.b"},
        ),
        "exactly one hook",
    ),
    "unknown hook": (
        INBOUND,
        put("UpdateContactEventHooks", "Parameters.EventHooks", {"Goodbye": "$.Attributes.a"}),
        "no hook Goodbye",
    ),
    "hook configuration": (
        INBOUND,
        put("UpdateContactEventHooks", "Parameters.EventHooksConfiguration", {}),
        "no parameter EventHooksConfiguration",
    ),
    "hook leads nowhere": (
        INBOUND,
        put("UpdateContactEventHooks", "Parameters.EventHooks", {"AgentWhisper": "${Token}"}),
        "AgentWhisper is neither an id",
    ),
    "queue and agent": (
        INBOUND,
        put("UpdateContactTargetQueue", "Parameters", {"QueueId": "$.A.b", "AgentId": "$.A.b"}),
        "exactly one of QueueId and AgentId",
    ),
    "no target": (
        INBOUND,
        put("UpdateContactTargetQueue", "Parameters", {}),
        "exactly one of QueueId and AgentId",
    ),
    "queue by name": (
        INBOUND,
        put("UpdateContactTargetQueue", "Parameters", {"QueueId": "BasicQueue"}),
        "QueueId is neither an id",
    ),
    "long function": (
        INBOUND,
        put(
            LAMBDA,
            "Parameters.LambdaFunctionARN",
            f"arn:aws:lambda:us-east-1:000000000001:function:{'x' * 100}",
        ),
        "longer than 140",
    ),
    "no function": (
        INBOUND,
        put(LAMBDA, "Parameters.LambdaFunctionARN", "contact-flow"),
        "neither the ARN of a function nor a reference",
    ),
    "function too slow": (
        INBOUND,
        put(LAMBDA, "Parameters.InvocationTimeLimitSeconds", "9"),
        "InvocationTimeLimitSeconds must be 1 to 8",
    ),
    "response type": (
        INBOUND,
        put(LAMBDA, "Parameters.ResponseValidation", {"ResponseType": "XML"}),
        "ResponseType must be STRING_MAP or JSON",
    ),
    "numbers instead of texts": (
        INBOUND,
        put(LAMBDA, "Parameters.InvocationTimeLimitSeconds", 8),
        "must be a text",
    ),
    "compare two references": (
        INBOUND,
        put("Compare", "Parameters.ComparisonValue", "$.Attributes.a $.Attributes.b"),
        "must be one reference",
    ),
    "flat flow attributes": (
        INBOUND,
        add("UpdateFlowAttributes", {"FlowAttributes": {"a": "b"}}),
        'must be {"Value": ...}',
    ),
    "too many tags": (
        INBOUND,
        add("TagContact", {"Tags": {str(number): "x" for number in range(7)}}),
        "1 to 6 tags",
    ),
    "reserved tag": (INBOUND, add("TagContact", {"Tags": {"aws:x": "1"}}), "is reserved"),
    "priority and age": (
        INBOUND,
        add(
            "UpdateContactRoutingBehavior",
            {"QueuePriority": "1", "QueueTimeAdjustmentSeconds": "1"},
            errors=[],
        ),
        "exactly one of",
    ),
    "priority by reference": (
        INBOUND,
        add("UpdateContactRoutingBehavior", {"QueuePriority": "$.Attributes.p"}, errors=[]),
        "QueuePriority must be",
    ),
    "queueing in a whisper": (
        WHISPER,
        add("TransferContactToQueue", {}, errors=["QueueAtCapacity", "NoMatchingError"]),
        "not allowed in a flow of type AGENT_WHISPER",
    ),
    "target in a queue flow": (
        QUEUE,
        add("UpdateContactTargetQueue", {"QueueId": "$.Attributes.q"}),
        "not allowed in a flow of type CUSTOMER_QUEUE",
    ),
    "ending the flow, not the task, in an inbound flow": (
        INBOUND,
        put("DisconnectParticipant", "Type", "EndFlowExecution"),
        "EndFlowExecution is not allowed in a flow of type CONTACT_FLOW",
    ),
    "ending the task in a whisper": (
        WHISPER,
        put("EndFlowExecution", "Type", "DisconnectParticipant"),
        "DisconnectParticipant is not allowed in a flow of type AGENT_WHISPER",
    ),
    "priority in a transfer flow": (
        TRANSFER,
        add("UpdateContactRoutingBehavior", {"QueuePriority": "1"}, errors=[]),
        "not allowed in a flow of type QUEUE_TRANSFER",
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_found(rule):
    name, mutate, finding = BROKEN[rule]
    flow = load(name)
    mutate(flow)
    found = problems(flow, name)
    assert len([each for each in found if finding in each]) == 1, found


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ("{}", "Version is missing"),
        (f'"{"x" * 256_000}"', "the limit is 256000"),
    ],
)
def test_content_that_is_no_flow(content, finding):
    assert any(finding in each for each in find_problems(content, "CONTACT_FLOW"))


def test_exported_flows_without_empty_branches_are_fine():
    flow = {
        "Version": "2019-10-30",
        "StartAction": "log",
        "Actions": [
            {
                "Identifier": "log",
                "Type": "UpdateFlowLoggingBehavior",
                "Parameters": {"FlowLoggingBehavior": "Enabled"},
                "Transitions": {"NextAction": "end"},
            },
            {
                "Identifier": "end",
                "Type": "DisconnectParticipant",
                "Parameters": {},
                "Transitions": {},
            },
        ],
    }
    assert find_problems(json.dumps(flow), "CONTACT_FLOW") == []


def test_the_readme_shows_each_flow():
    text = README.read_text()
    assert "```mermaid" in text
    assert all(name in text for name in FLOW_TYPES)
    assert Path(README).stat().st_size < 20_000
