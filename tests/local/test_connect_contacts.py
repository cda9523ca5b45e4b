"""Operations on contacts through boto3."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local.connect_rig import INSTANCE_ID, Rig, queueing, user_id


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.close()


@pytest.fixture
def flow(rig):
    return rig.add_flow("Inbound", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))


@pytest.fixture
def contact_id(rig, flow):
    return rig.start(flow, name="A mail", Attributes={"subject": "Hello"})


def code_of(call, **members):
    with pytest.raises(ClientError) as refused:
        call(InstanceId=INSTANCE_ID, **members)
    return refused.value.response["Error"]["Code"]


def test_attributes_are_merged_and_kept_after_the_end(rig, contact_id):
    rig.api.stop_contact(InstanceId=INSTANCE_ID, ContactId=contact_id)
    rig.api.update_contact_attributes(
        InstanceId=INSTANCE_ID, InitialContactId=contact_id, Attributes={"note": "late"}
    )
    found = rig.api.get_contact_attributes(InstanceId=INSTANCE_ID, InitialContactId=contact_id)
    assert found["Attributes"] == {"subject": "Hello", "note": "late"}


def test_attributes_are_limited_in_total(rig, contact_id):
    update = rig.api.update_contact_attributes
    fits = 32_768 - len("subjectHello") - 1
    update(InstanceId=INSTANCE_ID, InitialContactId=contact_id, Attributes={"a": "x" * fits})
    code = code_of(update, InitialContactId=contact_id, Attributes={"a": "x" * (fits + 1)})
    assert code == "InvalidRequestException"
    assert len(rig.contact(contact_id)["attributes"]["a"]) == fits
    assert code_of(update, InitialContactId=contact_id, Attributes={"a b": ""}) == code
    assert code_of(update, InitialContactId="x", Attributes={}) == "ResourceNotFoundException"


def test_describe_tells_where_a_contact_is(rig, contact_id):
    describe = rig.api.describe_contact
    contact = describe(InstanceId=INSTANCE_ID, ContactId=contact_id)["Contact"]
    assert contact["Channel"] == "TASK"
    assert contact["InitiationMethod"] == "API"
    assert contact["QueueInfo"]["Id"] == rig.queue["Id"]
    assert contact["InitiationTimestamp"].timestamp() == rig.now
    assert "AgentInfo" not in contact
    assert "DisconnectTimestamp" not in contact
    rig.available("alice")
    rig.act("accept", contact_id, "alice")
    rig.act("end", contact_id, "alice")
    contact = describe(InstanceId=INSTANCE_ID, ContactId=contact_id)["Contact"]
    assert contact["AgentInfo"]["Id"] == user_id("alice")
    assert contact["DisconnectReason"] == "AGENT_DISCONNECT"
    assert contact["Attributes"] == {"subject": "Hello"}


def test_update_contact_changes_name_and_adds_references(rig, contact_id):
    rig.api.update_contact(
        InstanceId=INSTANCE_ID,
        ContactId=contact_id,
        Name="Two mails",
        References={"Original email": {"Type": "URL", "Value": "https://bucket.example/2"}},
    )
    contact = rig.contact(contact_id)
    assert (contact["name"], contact["description"]) == ("Two mails", "")
    listed = rig.api.list_contact_references(
        InstanceId=INSTANCE_ID, ContactId=contact_id, ReferenceTypes=["URL", "EMAIL"]
    )["ReferenceSummaryList"]
    assert listed == [{"Url": {"Name": "Original email", "Value": "https://bucket.example/2"}}]
    listed = rig.api.list_contact_references(
        InstanceId=INSTANCE_ID, ContactId=contact_id, ReferenceTypes=["EMAIL"]
    )
    assert listed["ReferenceSummaryList"] == []


def test_update_contact_needs_something_and_refuses_empty_references(rig, contact_id):
    update = rig.api.update_contact
    assert code_of(update, ContactId=contact_id) == "InvalidRequestException"
    empty = {"Link": {"Type": "URL", "Value": ""}}
    assert code_of(update, ContactId=contact_id, References=empty) == "InvalidRequestException"


def test_update_contact_moves_the_expiry(rig, contact_id):
    expiry = {"ValueMap": {"ExpiryDuration": {"ValueInteger": 10}}}
    rig.api.update_contact(
        InstanceId=INSTANCE_ID,
        ContactId=contact_id,
        SegmentAttributes={"connect:ContactExpiry": expiry},
    )
    rig.pass_time(600)
    assert rig.contact(contact_id)["disconnect_reason"] == "EXPIRED"


def test_stop_ends_a_queued_and_a_connected_task(rig, flow, contact_id):
    stop = rig.api.stop_contact
    stop(InstanceId=INSTANCE_ID, ContactId=contact_id)
    stopped = rig.contact(contact_id)
    assert (stopped["state"], stopped["disconnect_reason"]) == ("ENDED", "API")
    assert code_of(stop, ContactId=contact_id) == "ContactNotFoundException"
    other = rig.start(flow)
    rig.available("alice")
    rig.act("accept", other, "alice")
    stop(InstanceId=INSTANCE_ID, ContactId=other)
    assert rig.cards("alice") == {other: "ended"}


def test_tags(rig, contact_id):
    rig.api.tag_contact(InstanceId=INSTANCE_ID, ContactId=contact_id, Tags={"a": "1", "b": "2"})
    rig.api.untag_contact(InstanceId=INSTANCE_ID, ContactId=contact_id, TagKeys=["a"])
    assert rig.contact(contact_id)["tags"] == {"b": "2"}
    tag = rig.api.tag_contact
    tag(InstanceId=INSTANCE_ID, ContactId=contact_id, Tags={str(n): "x" for n in range(5)})
    assert len(rig.contact(contact_id)["tags"]) == 6
    many = {"one": "too many"}
    assert code_of(tag, ContactId=contact_id, Tags=many) == "InvalidRequestException"
    for key in ("aws:x", "with space", "x" * 129):
        code = code_of(tag, ContactId=contact_id, Tags={key: "1"})
        assert code == "InvalidRequestException", key
    kinds = ["URL", "STRING", "NUMBER", "DATE", "EMAIL", "ATTACHMENT", "EMAIL_MESSAGE"]
    listing = code_of(rig.api.list_contact_references, ContactId=contact_id, ReferenceTypes=kinds)
    assert listing == "InvalidRequestException", "six types at most"


def test_priority_and_age_decide_who_is_offered_first(rig, flow):
    first, second, third = (rig.start(flow) for _ in range(3))
    rig.now += 1
    route = rig.api.update_contact_routing_data
    route(InstanceId=INSTANCE_ID, ContactId=third, QueuePriority=1)
    route(InstanceId=INSTANCE_ID, ContactId=second, QueueTimeAdjustmentSeconds=60)
    rig.one_task_at_once()
    order = []
    for username in ("alice", "bob", "carol"):
        rig.available(username)
        order += rig.cards(username)
    assert order == [third, second, first]
    both = {"QueuePriority": 1, "QueueTimeAdjustmentSeconds": 1}
    assert code_of(route, ContactId=first, **both) == "InvalidParameterException"
    assert code_of(route, ContactId=first) == "InvalidParameterException"


def test_transfer_to_a_queue_links_a_new_contact(rig, contact_id):
    other = rig.add_queue("Invoices")
    transfer = rig.add_flow("Transfer", "QUEUE_TRANSFER", *queueing("$.Queue.ARN"))
    moved = rig.api.transfer_contact(
        InstanceId=INSTANCE_ID, ContactId=contact_id, ContactFlowId=transfer, QueueId=other
    )["ContactId"]
    old, new = rig.contact(contact_id), rig.contact(moved)
    assert (old["state"], old["disconnect_reason"]) == ("ENDED", "TRANSFERRED")
    assert new["previous_contact_id"] == contact_id
    assert new["initial_contact_id"] == contact_id
    assert new["queue"]["arn"] == other
    assert new["initiation_method"] == "TRANSFER"
    assert new["attributes"] == {"subject": "Hello"}
    rig.api.update_contact_attributes(
        InstanceId=INSTANCE_ID, InitialContactId=contact_id, Attributes={"note": "both"}
    )
    assert rig.contact(moved)["attributes"]["note"] == "both"


def test_transfer_to_a_user_lands_in_the_personal_queue(rig, contact_id):
    transfer = rig.add_flow(
        "To agent",
        "AGENT_TRANSFER",
        *[
            step | {"Parameters": {"AgentId": "$.Agent.ARN"}}
            if step["Type"] == "UpdateContactTargetQueue"
            else step
            for step in queueing("unused")
        ],
    )
    moved = rig.api.transfer_contact(
        InstanceId=INSTANCE_ID,
        ContactId=contact_id,
        ContactFlowId=transfer,
        UserId=user_id("bob"),
    )["ContactId"]
    assert rig.contact(moved)["queue"]["name"] == "bob"
    rig.available("alice")
    assert rig.cards("alice") == {}
    rig.available("bob")
    assert rig.cards("bob") == {moved: "connecting"}


def test_transfers_that_the_service_refuses(rig, flow, contact_id):
    transfer = rig.api.transfer_contact
    queue = rig.queue["Id"]
    neither = code_of(transfer, ContactId=contact_id, ContactFlowId=flow)
    both = code_of(
        transfer, ContactId=contact_id, ContactFlowId=flow, QueueId=queue, UserId=user_id("bob")
    )
    assert neither == both == "InvalidRequestException"
    rig.api.stop_contact(InstanceId=INSTANCE_ID, ContactId=contact_id)
    over = code_of(transfer, ContactId=contact_id, ContactFlowId=flow, QueueId=queue)
    assert over == "InvalidRequestException"


def test_a_contact_is_transferred_eleven_times_at_most(rig, flow, contact_id):
    last = contact_id
    for _ in range(11):
        last = rig.api.transfer_contact(
            InstanceId=INSTANCE_ID, ContactId=last, ContactFlowId=flow, QueueId=rig.queue["Id"]
        )["ContactId"]
        rig.settle()
    code = code_of(
        rig.api.transfer_contact, ContactId=last, ContactFlowId=flow, QueueId=rig.queue["Id"]
    )
    assert code == "ServiceQuotaExceededException"
    assert rig.contact(last)["state"] == "QUEUED"


def test_a_transfer_is_replayed_by_its_client_token(rig, flow, contact_id):
    members = {
        "InstanceId": INSTANCE_ID,
        "ContactId": contact_id,
        "ContactFlowId": flow,
        "QueueId": rig.queue["Id"],
        "ClientToken": "once",
    }
    first = rig.api.transfer_contact(**members)["ContactId"]
    assert rig.api.transfer_contact(**members)["ContactId"] == first
