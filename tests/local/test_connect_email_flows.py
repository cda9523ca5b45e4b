"""Our contact flows as deployed: a mail's way to its agent, and back when something fails."""

from __future__ import annotations

import json

import pytest

from tests.local.connect_rig import (
    INSTANCE_ID,
    WHISPERED,
    Rig,
    action,
    answer_links_and_whisper,
    failing,
    filled,
    user_id,
)


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.close()


@pytest.fixture
def flows(rig):
    return rig.deploy()


def purposes(rig):
    return [call["Details"]["Parameters"]["purpose"] for call in rig.calls]


def without(*names):
    """The function's answer, some keys missing."""
    return lambda event: {
        key: value for key, value in answer_links_and_whisper(event).items() if key not in names
    }


def test_a_mail_reaches_an_agent_with_links_and_addresses(rig, flows):
    contact_id = rig.start(flows["email-Inbound"], Attributes={"subject": "Hello"})
    attributes = rig.contact(contact_id)["attributes"]
    assert attributes["email_url"] == "https://bucket.example/mail"
    assert attributes["link_refresh_seconds"] == "3540"
    rig.available("alice")
    rig.act("accept", contact_id, "alice")
    assert rig.contact(contact_id)["state"] == "CONNECTED"
    attributes = rig.contact(contact_id)["attributes"]
    assert attributes["agent_username"] == "alice"
    assert {name: attributes[name] for name in WHISPERED} == {
        name: f"{name} of alice" for name in WHISPERED
    }
    assert purposes(rig) == ["links", "whisper"]
    assert rig.calls[1]["Details"]["Parameters"]["agent_arn"].endswith(user_id("alice"))


@pytest.mark.parametrize(
    ("target_type", "destination", "queue"),
    [
        (None, None, "BasicQueue"),
        ("default", "", "BasicQueue"),
        ("queue", "Invoices", "Invoices"),
        ("queue", "no-such-queue", "BasicQueue"),
        ("queue", "", "BasicQueue"),
        ("agent", user_id("bob"), "bob"),
        ("agent", "no-such-agent", "BasicQueue"),
        ("nonsense", "Invoices", "BasicQueue"),
    ],
)
def test_the_target_decides_the_queue(rig, flows, target_type, destination, queue):
    invoices = rig.add_queue("Invoices")
    wanted = {
        "target_type": target_type,
        "target_destination": invoices if destination == "Invoices" else destination,
    }
    attributes = {name: value for name, value in wanted.items() if value is not None}
    contact = rig.contact(rig.start(flows["email-Inbound"], Attributes=attributes))
    assert (contact["state"], contact["queue"]["name"]) == ("QUEUED", queue)


def test_a_mail_is_routed_without_links(rig, flows):
    rig.answer = failing
    contact = rig.contact(rig.start(flows["email-Inbound"]))
    assert contact["state"] == "QUEUED"
    assert "email_url" not in contact["attributes"]


def test_links_that_failed_are_tried_again_while_the_mail_waits(rig, flows):
    rig.answer = failing
    contact_id = rig.start(flows["email-Inbound"])
    rig.answer = answer_links_and_whisper
    rig.pass_time(299)
    assert "email_url" not in rig.contact(contact_id)["attributes"]
    rig.pass_time(1)
    assert rig.contact(contact_id)["attributes"]["email_url"]


def test_links_are_renewed_before_they_expire_for_ever(rig, flows):
    contact_id = rig.start(flows["email-Inbound"])
    rig.answer = lambda event: answer_links_and_whisper(event) | {"email_url": str(rig.now)}
    for _ in range(3):
        rig.pass_time(3539)
        before = rig.contact(contact_id)["attributes"]["email_url"]
        rig.pass_time(1)
        assert rig.contact(contact_id)["attributes"]["email_url"] == str(rig.now) != before
    assert rig.contact(contact_id)["state"] == "QUEUED"


def test_a_refresh_that_fails_keeps_the_mail_in_its_queue(rig, flows):
    contact_id = rig.start(flows["email-Inbound"])
    rig.answer = failing
    rig.pass_time(3540)
    assert rig.contact(contact_id)["state"] == "QUEUED"
    rig.answer = answer_links_and_whisper
    rig.pass_time(300)
    assert ("Store links", "Next") in rig.trace(contact_id)[-3:]


def test_the_refresh_follows_what_the_function_says(rig, flows):
    rig.answer = lambda event: answer_links_and_whisper(event) | {"link_refresh_seconds": "60"}
    rig.start(flows["email-Inbound"])
    rig.pass_time(60)
    rig.pass_time(60)
    assert purposes(rig) == ["links"] * 3


def test_a_senseless_refresh_time_still_renews_the_links(rig, flows):
    rig.answer = lambda event: answer_links_and_whisper(event) | {"link_refresh_seconds": "-1"}
    contact_id = rig.start(flows["email-Inbound"])
    rig.pass_time(300)
    assert purposes(rig) == ["links", "links"]
    assert rig.contact(contact_id)["state"] == "QUEUED"


@pytest.mark.parametrize("missing", [*WHISPERED, "agent_username"])
def test_the_whisper_stores_all_or_nothing_and_connects_anyway(rig, flows, missing):
    contact_id = rig.start(flows["email-Inbound"])
    before = rig.contact(contact_id)["attributes"]
    rig.answer = without(missing)
    rig.available("alice")
    rig.act("accept", contact_id, "alice")
    contact = rig.contact(contact_id)
    assert contact["state"] == "CONNECTED"
    assert contact["attributes"] == before


def test_a_whisper_whose_function_fails_connects_anyway(rig, flows):
    contact_id = rig.start(flows["email-Inbound"])
    rig.answer = failing
    rig.available("alice")
    rig.act("accept", contact_id, "alice")
    assert rig.contact(contact_id)["state"] == "CONNECTED"


def quick_connect(rig, flows, name, kind, target):
    """A quick connect that the agents of BasicQueue see; its endpoint ARN."""
    flow = flows["email-QueueTransfer" if kind == "Queue" else "email-AgentTransfer"]
    arn = rig.provision(
        "QuickConnect",
        Name=name,
        QuickConnectConfig={
            "QuickConnectType": kind.upper(),
            f"{kind}Config": {f"{kind}Arn": target, "ContactFlowArn": flow},
        },
    )
    rig.api.associate_queue_quick_connects(
        InstanceId=INSTANCE_ID,
        QueueId=rig.queue["Id"],
        QuickConnectIds=[arn.rsplit("/", 1)[-1]],
    )
    return arn


def taken(rig, flows):
    """A mail that alice has accepted."""
    contact_id = rig.start(flows["email-Inbound"], Attributes={"interaction_id": "c1"})
    rig.available("alice")
    rig.act("accept", contact_id, "alice")
    return contact_id


def test_an_agent_hands_a_mail_to_a_queue(rig, flows):
    invoices = rig.add_queue("Invoices")
    endpoint = quick_connect(rig, flows, "Invoices", "Queue", invoices)
    contact_id = taken(rig, flows)
    rig.desk("PUT", "/agents/alice/state", {"state": "Lunch"})
    moved = rig.act("transfer", contact_id, "alice", endpointARN=endpoint)["id"]
    assert rig.contact(moved)["queue"]["name"] == "Invoices"
    assert rig.contact(contact_id)["disconnect_reason"] == "TRANSFERRED"
    assert rig.cards("alice") == {contact_id: "ended"}
    rig.available("bob")
    rig.act("accept", moved, "bob")
    attributes = rig.contact(moved)["attributes"]
    assert (attributes["interaction_id"], attributes["agent_username"]) == ("c1", "bob")
    assert rig.contact(moved)["previous_contact_id"] == contact_id
    rig.pass_time(3540)
    assert purposes(rig) == ["links", "whisper", "links", "whisper"]


def test_links_are_renewed_in_the_queue_a_mail_was_handed_to(rig, flows):
    endpoint = quick_connect(rig, flows, "Invoices", "Queue", rig.add_queue("Invoices"))
    contact_id = taken(rig, flows)
    rig.desk("PUT", "/agents/alice/state", {"state": "Lunch"})
    rig.act("transfer", contact_id, "alice", endpointARN=endpoint)
    rig.pass_time(3540)
    assert purposes(rig) == ["links", "whisper", "links", "links"]


def test_an_agent_hands_a_mail_to_a_colleague(rig, flows):
    bob = rig.api.describe_user(InstanceId=INSTANCE_ID, UserId=user_id("bob"))["User"]["Arn"]
    endpoint = quick_connect(rig, flows, "Bob", "User", bob)
    contact_id = taken(rig, flows)
    moved = rig.act("transfer", contact_id, "alice", endpointARN=endpoint)["id"]
    rig.available("carol")
    assert rig.contact(moved)["queue"]["name"] == "bob"
    rig.available("bob")
    assert rig.cards("bob") == {moved: "connecting"}
    rig.act("accept", moved, "bob")
    assert rig.contact(moved)["attributes"]["agent_username"] == "bob"


def test_a_transfer_into_a_full_queue_falls_back_to_the_default_queue(rig, flows):
    full = rig.add_queue("Full", MaxContacts=0)
    endpoint = quick_connect(rig, flows, "Full", "Queue", full)
    moved = rig.act("transfer", taken(rig, flows), "alice", endpointARN=endpoint)["id"]
    assert rig.contact(moved)["queue"]["name"] == "BasicQueue"


def test_a_transfer_goes_through_without_its_function(rig, flows):
    endpoint = quick_connect(rig, flows, "Invoices", "Queue", rig.add_queue("Invoices"))
    contact_id = taken(rig, flows)
    rig.answer = failing
    moved = rig.act("transfer", contact_id, "alice", endpointARN=endpoint)["id"]
    assert rig.contact(moved)["queue"]["name"] == "Invoices"


def set_capacity(rig, arn, **properties):
    hours = rig.api.list_hours_of_operations(InstanceId=INSTANCE_ID)
    rig.connect.provision(
        rig.account,
        rig.region,
        "update",
        "AWS::Connect::Queue",
        arn,
        {
            "InstanceArn": rig.instance,
            "Name": "BasicQueue",
            "HoursOfOperationArn": hours["HoursOfOperationSummaryList"][0]["Arn"],
            **properties,
        },
        None,
    )


def test_a_mail_that_fits_nowhere_waits_until_there_is_room(rig, flows):
    invoices = rig.add_queue("Invoices", MaxContacts=0)
    set_capacity(rig, rig.queue["Arn"], MaxContacts=0)
    target = {"target_type": "queue", "target_destination": invoices}
    contact_id = rig.start(flows["email-Inbound"], Attributes=target)
    assert rig.contact(contact_id)["state"] == "IN_FLOW"
    rig.pass_time(900)
    assert rig.contact(contact_id)["state"] == "IN_FLOW"
    set_capacity(rig, rig.queue["Arn"])
    rig.pass_time(900)
    contact = rig.contact(contact_id)
    assert (contact["state"], contact["queue"]["name"]) == ("QUEUED", "BasicQueue")


def test_no_flow_writes_logs(rig, flows):
    contact_id = taken(rig, flows)
    assert rig.connect.get_state()[rig.account]["contacts"][contact_id]["logging"] is False
    first = [step[0] for step in rig.trace(contact_id)]
    assert first.count("Flow logging off") == 3, "inbound, queue and whisper"


def test_an_administrator_adds_routing_by_language_and_sentiment(rig, flows):
    """Two Compare blocks between the links and the target, as drawn in the designer."""
    spanish, upset = rig.add_queue("Spanish"), rig.add_queue("Upset customers")
    tokens = {
        "CustomerQueueFlowArn": flows["email-CustomerQueue"],
        "AgentWhisperFlowArn": flows["email-AgentWhisper"],
        "ContactFlowFunctionArn": rig.function,
        "DefaultQueueArn": rig.queue["Arn"],
    }
    flow = json.loads(filled("email-Inbound", tokens))
    blocks = {block["Identifier"]: block for block in flow["Actions"]}
    store = blocks["Store links"]["Transitions"]
    assert store["NextAction"] == "Who is it for"
    store["NextAction"] = "Is it Spanish"
    flow["Actions"] += [
        action(
            "Is it Spanish",
            "Compare",
            {"ComparisonValue": "$.Attributes.detected_language"},
            "Is it angry",
            {"NoMatchingCondition": "Is it angry"},
            {"es": "Choose Spanish"},
        ),
        action(
            "Choose Spanish",
            "UpdateContactTargetQueue",
            {"QueueId": spanish},
            "Transfer to queue",
            {"NoMatchingError": "Who is it for"},
        ),
        action(
            "Is it angry",
            "Compare",
            {"ComparisonValue": "$.Attributes.detected_sentiment"},
            "Who is it for",
            {"NoMatchingCondition": "Who is it for"},
            {"NEGATIVE": "Make it urgent"},
        ),
        action(
            "Make it urgent", "UpdateContactRoutingBehavior", {"QueuePriority": "1"}, "Choose upset"
        ),
        action(
            "Choose upset",
            "UpdateContactTargetQueue",
            {"QueueId": upset},
            "Transfer to queue",
            {"NoMatchingError": "Who is it for"},
        ),
    ]
    rig.api.update_contact_flow_content(
        InstanceId=INSTANCE_ID,
        ContactFlowId=flows["email-Inbound"].rsplit("/", 1)[-1],
        Content=json.dumps(flow),
    )

    def routed(**attributes):
        contact = rig.contact(rig.start(flows["email-Inbound"], Attributes=attributes))
        return contact["queue"]["name"], contact["priority"]

    assert routed(detected_language="es", detected_sentiment="NEUTRAL") == ("Spanish", 5)
    assert routed(detected_language="en", detected_sentiment="NEGATIVE") == ("Upset customers", 1)
    assert routed(detected_language="en", detected_sentiment="POSITIVE") == ("BasicQueue", 5)
    assert routed() == ("BasicQueue", 5)
    assert routed(target_type="agent", target_destination=user_id("bob")) == ("bob", 5)
