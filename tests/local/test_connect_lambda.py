"""How a flow calls a Lambda function: event, permission, limits, answer."""

from __future__ import annotations

import threading
import time

import pytest

from local.connect import LambdaFailed
from tests.local.connect_rig import Rig, action, queueing

FAILED = {"NoMatchingError": "failed"}


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.close()


def call(rig, **parameters):
    """Start a task whose flow calls the function and stores $.External.value."""
    wanted = {
        "LambdaFunctionARN": rig.function,
        "InvocationTimeLimitSeconds": "8",
        **parameters,
    }
    flow = rig.add_flow(
        "Calling",
        "CONTACT_FLOW",
        action("call", "InvokeLambdaFunction", wanted, "store", FAILED),
        action(
            "store",
            "UpdateContactAttributes",
            {"Attributes": {"answer": "$.External.value"}},
            "ok",
            FAILED,
        ),
        *queueing(rig.queue["Arn"], "ok"),
        *queueing(rig.queue["Arn"], "failed"),
    )
    return rig.start(
        flow,
        name="A mail",
        Description="from Ann",
        Attributes={"subject": "Hello"},
        References={"Original email": {"Type": "URL", "Value": "https://bucket.example/1"}},
    )


def test_the_event_has_the_documented_shape(rig):
    rig.associate()
    rig.answer = lambda event: {"value": "ok"}
    contact_id = call(
        rig, LambdaInvocationAttributes={"purpose": "links", "subject": "$.Attributes.subject"}
    )
    (event,) = rig.calls
    data = event["Details"].pop("ContactData")
    assert event == {
        "Name": "ContactFlowEvent",
        "Details": {"Parameters": {"purpose": "links", "subject": "Hello"}},
    }
    assert data["Attributes"] == {"subject": "Hello"}
    assert data["Channel"] == "TASK"
    assert data["ContactId"] == data["InitialContactId"] == contact_id
    assert data["InitiationMethod"] == "API"
    assert data["InstanceARN"] == rig.instance
    assert (data["Name"], data["Description"]) == ("A mail", "from Ann")
    assert data["Queue"] is None, "before the working queue is set"
    assert data["CustomerEndpoint"] is None
    assert data["References"] == {
        "Original email": {"Type": "url", "Value": "https://bucket.example/1"}
    }
    assert rig.contact(contact_id)["attributes"]["answer"] == "ok"


@pytest.mark.parametrize(
    "answer",
    [
        {"value": 1},
        {"value": None},
        {"value": ["a"]},
        {"value": {"deep": "a"}},
        ["value"],
        "value",
        {"value": "x" * 32_768},
    ],
)
def test_a_string_map_is_flat_text_of_32_kb_at_most(rig, answer):
    rig.associate()
    rig.answer = lambda event: answer
    contact_id = call(rig)
    assert rig.trace(contact_id)[0] == ("call", "NoMatchingError")


def test_json_may_be_nested(rig):
    rig.associate()
    rig.answer = lambda event: {"value": 7, "more": {"deep": [1]}}
    contact_id = call(rig, ResponseValidation={"ResponseType": "JSON"})
    assert rig.contact(contact_id)["attributes"]["answer"] == "7"


def test_the_function_must_be_associated_with_the_instance(rig):
    contact_id = call(rig)
    assert rig.trace(contact_id)[0] == ("call", "NoMatchingError")
    assert rig.calls == []


def test_the_function_must_let_connect_call_it(rig):
    rig.associate()
    rig.permitted = False
    contact_id = call(rig)
    assert rig.trace(contact_id)[0] == ("call", "NoMatchingError")
    assert rig.calls == []


def test_an_error_is_retried(rig):
    rig.associate()

    def answer(event):
        if len(rig.calls) < 3:
            raise LambdaFailed("throttled")
        return {"value": "third time lucky"}

    rig.answer = answer
    assert rig.contact(call(rig))["attributes"]["answer"] == "third time lucky"


def test_it_gives_up_after_three_retries(rig):
    rig.associate()

    def answer(event):
        raise LambdaFailed("broken")

    rig.answer = answer
    contact_id = call(rig)
    assert len(rig.calls) == 4
    step = rig.desk("GET", f"/contacts/{contact_id}/trace")[0]
    assert step["why"] == "broken"


def test_a_slow_function_is_given_up(rig):
    rig.associate()
    release = threading.Event()

    def answer(event):
        release.wait(10)
        return {"value": "too late"}

    rig.answer = answer
    try:
        contact_id = call(rig, InvocationTimeLimitSeconds="1")
        assert rig.trace(contact_id)[0] == ("call", "NoMatchingError")
        assert len(rig.calls) == 1
    finally:
        release.set()


def test_nothing_else_is_held_up_while_a_function_runs(rig):
    rig.associate()
    running, release = threading.Event(), threading.Event()

    def answer(event):
        running.set()
        release.wait(10)
        return {"value": "done"}

    rig.answer = answer
    flow = rig.add_flow(
        "Calling",
        "CONTACT_FLOW",
        action(
            "call",
            "InvokeLambdaFunction",
            {"LambdaFunctionARN": rig.function, "InvocationTimeLimitSeconds": "8"},
            "ok",
            FAILED,
        ),
        *queueing(rig.queue["Arn"], "ok"),
        *queueing(rig.queue["Arn"], "failed"),
    )
    started = rig.api.start_task_contact(
        InstanceId=rig.instance, ContactFlowId=flow.rsplit("/", 1)[-1], Name="A mail"
    )["ContactId"]
    assert running.wait(10)
    assert rig.ask("GET", "/contacts")[1][0]["state"] == "IN_FLOW"
    until = time.monotonic() + 5
    while rig.connect.busy(rig.account) != 1 and time.monotonic() < until:
        time.sleep(0.01)  # who handed the call over may not have gone yet
    assert rig.connect.busy(rig.account) == 1
    release.set()
    assert rig.contact(started)["state"] == "QUEUED"


def test_a_contact_that_ends_meanwhile_is_left_alone(rig):
    rig.associate()
    contact_ids = []

    def answer(event):
        contact_ids.append(event["Details"]["ContactData"]["ContactId"])
        rig.api.stop_contact(InstanceId=rig.instance, ContactId=contact_ids[0])
        return {"value": "late"}

    rig.answer = answer
    contact = rig.contact(call(rig))
    assert (contact["state"], contact["disconnect_reason"]) == ("ENDED", "API")
    assert "answer" not in contact["attributes"]


def test_an_asynchronous_call_goes_on_at_once_and_leaves_no_answer(rig):
    rig.associate()
    rig.answer = lambda event: {"value": "unused"}
    contact_id = call(rig, InvocationType="ASYNCHRONOUS")
    assert rig.trace(contact_id)[:2] == [("call", "Next"), ("store", "NoMatchingError")]
    assert len(rig.calls) == 1
