"""StartTaskContact through boto3: limits, links between contacts, schedules, quotas."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local.connect_rig import INSTANCE_ID, Rig, action, queueing, user_id


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.close()


@pytest.fixture
def flow(rig):
    return rig.add_flow("Inbound", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))


def refusal(call, **members):
    """Name of the exception and its message."""
    with pytest.raises(ClientError) as refused:
        call(InstanceId=INSTANCE_ID, **members)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_task_is_queued_with_what_it_was_given(rig, flow):
    contact_id = rig.start(
        flow,
        name="Invoice 17",
        Description="Ann asks",
        Attributes={"subject": "Invoice 17"},
        References={"Original email": {"Type": "URL", "Value": "https://bucket.example/1"}},
    )
    contact = rig.contact(contact_id)
    assert contact["state"] == "QUEUED"
    assert contact["queue"]["name"] == "BasicQueue"
    assert (contact["name"], contact["description"]) == ("Invoice 17", "Ann asks")
    assert contact["attributes"] == {"subject": "Invoice 17"}
    assert contact["references"]["Original email"]["Value"] == "https://bucket.example/1"


def test_id_and_arn_name_a_flow(rig, flow):
    for reference in (flow, flow.rsplit("/", 1)[-1]):
        made = rig.api.start_task_contact(
            InstanceId=INSTANCE_ID, ContactFlowId=reference, Name="A mail"
        )
        assert rig.contact(made["ContactId"])["flow"] == "Inbound"


def test_exactly_one_way_to_start_is_needed(rig, flow):
    start = rig.api.start_task_contact
    code, message = refusal(start, Name="x")
    assert (code, "Exactly one" in message) == ("InvalidRequestException", True)
    code, message = refusal(start, Name="x", ContactFlowId=flow, QuickConnectId="q")
    assert (code, "Exactly one" in message) == ("InvalidRequestException", True)


@pytest.mark.parametrize(
    "members",
    [
        {"Name": "x" * 1025},
        {"Name": "x", "Description": "x" * 4097},
        {"Name": "x", "Attributes": {"with space": "1"}},
        {"Name": "x", "Attributes": {"$dollar": "1"}},
        {"Name": "x", "Attributes": {"a": "é" * 16_384}},
        {"Name": "x", "References": {"File": {"Type": "ATTACHMENT", "Value": "f"}}},
        {"Name": "x", "References": {"Link": {"Type": "URL", "Value": ""}}},
        {"Name": "x", "References": {"Link": {"Type": "URL"}}},
        {"Name": "x", "References": {" ": {"Type": "URL", "Value": "https://x.example"}}},
        {"Name": "x", "References": {"When": {"Type": "DATE", "Value": "tomorrow"}}},
        {"Name": "x", "References": {"Link": {"Type": "LINK", "Value": "y"}}},
        {"Name": "x", "References": {"Link": {"Type": "URL", "Value": "y" * 4097}}},
        {"Name": "x", "SegmentAttributes": {"connect:Subtype": {"ValueString": "y"}}},
        {"Name": "x", "PreviousContactId": "a", "RelatedContactId": "b"},
    ],
)
def test_what_the_service_refuses_is_refused(rig, flow, members):
    code, _ = refusal(rig.api.start_task_contact, ContactFlowId=flow, **members)
    assert code == "InvalidRequestException"
    assert rig.desk("GET", "/contacts") == []


def test_the_limits_themselves_are_allowed(rig, flow):
    contact_id = rig.start(
        flow,
        name="x" * 1024,
        Description="y" * 4096,
        Attributes={"a": "z" * 32_767},
        References={"When": {"Type": "DATE", "Value": "1800000000"}},
    )
    assert rig.contact(contact_id)["state"] == "QUEUED"


def test_unknown_flow_instance_and_contact_are_not_found(rig, flow):
    start = rig.api.start_task_contact
    assert refusal(start, Name="x", ContactFlowId="no-such-flow")[0] == "ResourceNotFoundException"
    code, _ = refusal(start, Name="x", ContactFlowId=flow, RelatedContactId="nobody")
    assert code == "ResourceNotFoundException"
    with pytest.raises(rig.api.exceptions.ResourceNotFoundException):
        rig.api.start_task_contact(
            InstanceId="22222222-2222-2222-2222-222222222222", ContactFlowId=flow, Name="x"
        )


def test_a_task_starts_only_in_an_inbound_flow_that_is_published(rig):
    transfer = rig.add_flow("Transfer", "QUEUE_TRANSFER", *queueing(rig.queue["Arn"]))
    code, message = refusal(rig.api.start_task_contact, Name="x", ContactFlowId=transfer)
    assert (code, "QUEUE_TRANSFER" in message) == ("InvalidRequestException", True)
    saved = rig.api.create_contact_flow(
        InstanceId=INSTANCE_ID, Name="Draft", Type="CONTACT_FLOW", Content="{}", Status="SAVED"
    )
    code, message = refusal(
        rig.api.start_task_contact, Name="x", ContactFlowId=saved["ContactFlowId"]
    )
    assert (code, "not published" in message) == ("InvalidRequestException", True)


def test_the_same_client_token_gives_the_same_contact(rig, flow):
    first = rig.start(flow, ClientToken="mail-1")
    assert rig.start(flow, ClientToken="mail-1") == first
    assert rig.start(flow, ClientToken="mail-2") != first
    assert len(rig.desk("GET", "/contacts")) == 2


def test_a_related_contact_gives_its_attributes_once(rig, flow):
    first = rig.start(flow, Attributes={"case": "A", "mail": "1"})
    second = rig.start(flow, RelatedContactId=first, Attributes={"mail": "2"})
    assert rig.contact(second)["attributes"] == {"case": "A", "mail": "2"}
    assert rig.contact(second)["related_contact_id"] == first
    rig.api.update_contact_attributes(
        InstanceId=INSTANCE_ID, InitialContactId=second, Attributes={"case": "B"}
    )
    assert rig.contact(first)["attributes"]["case"] == "A"


def test_a_previous_contact_shares_its_attributes_both_ways(rig, flow):
    first = rig.start(flow, Attributes={"case": "A"})
    second = rig.start(flow, PreviousContactId=first, Attributes={"mail": "2"})
    assert rig.contact(second)["initial_contact_id"] == first
    rig.api.update_contact_attributes(
        InstanceId=INSTANCE_ID, InitialContactId=first, Attributes={"case": "B"}
    )
    assert rig.contact(first)["attributes"] == {"case": "B", "mail": "2"}
    assert rig.contact(second)["attributes"] == {"case": "B", "mail": "2"}


def test_twelve_contacts_are_linked_at_most(rig, flow):
    last = rig.start(flow)
    for _ in range(11):
        last = rig.start(flow, PreviousContactId=last)
    code, _ = refusal(
        rig.api.start_task_contact, Name="x", ContactFlowId=flow, PreviousContactId=last
    )
    assert code == "ServiceQuotaExceededException"


def test_a_scheduled_task_runs_when_its_time_has_come(rig, flow):
    contact_id = rig.start(flow, ScheduledTime=rig.now + 3600)
    assert rig.contact(contact_id)["state"] == "CREATED"
    rig.pass_time(3599)
    assert rig.contact(contact_id)["state"] == "CREATED"
    rig.pass_time(1)
    assert rig.contact(contact_id)["state"] == "QUEUED"


@pytest.mark.parametrize("offset", [-60, 6 * 86_400 + 60])
def test_a_schedule_lies_within_the_next_six_days(rig, flow, offset):
    code, _ = refusal(
        rig.api.start_task_contact, Name="x", ContactFlowId=flow, ScheduledTime=rig.now + offset
    )
    assert code == "InvalidRequestException"


def test_a_task_expires_after_seven_days(rig, flow):
    contact_id = rig.start(flow)
    rig.pass_time(7 * 86_400 - 1)
    assert rig.contact(contact_id)["state"] == "QUEUED"
    rig.pass_time(1)
    contact = rig.contact(contact_id)
    assert (contact["state"], contact["disconnect_reason"]) == ("ENDED", "EXPIRED")
    assert rig.events(contact_id)[-2:] == ["DISCONNECTED", "COMPLETED"]


def test_the_expiry_can_be_chosen_in_minutes(rig, flow):
    expiry = {"ValueMap": {"ExpiryDuration": {"ValueInteger": 30}}}
    contact_id = rig.start(flow, SegmentAttributes={"connect:ContactExpiry": expiry})
    rig.pass_time(30 * 60)
    assert rig.contact(contact_id)["disconnect_reason"] == "EXPIRED"
    too_long = {"ValueMap": {"ExpiryDuration": {"ValueInteger": 90 * 1440 + 1}}}
    code, _ = refusal(
        rig.api.start_task_contact,
        Name="x",
        ContactFlowId=flow,
        SegmentAttributes={"connect:ContactExpiry": too_long},
    )
    assert code == "InvalidRequestException"


def test_the_creator_of_a_task_must_be_a_user(rig, flow):
    alice = rig.api.describe_user(InstanceId=INSTANCE_ID, UserId=user_id("alice"))["User"]["Arn"]
    creator = {"connect:CreatedByUser": {"ValueString": alice}}
    assert rig.start(flow, SegmentAttributes=creator)
    code, _ = refusal(
        rig.api.start_task_contact,
        Name="x",
        ContactFlowId=flow,
        SegmentAttributes={"connect:CreatedByUser": {"ValueString": "arn:aws:connect:nobody"}},
    )
    assert code == "InvalidRequestException"


def test_open_tasks_count_against_the_quota_until_they_are_cleared(rig, flow):
    rig.desk("POST", "/limits", {"active_tasks": 2})
    first = rig.start(flow)
    rig.start(flow)
    code, _ = refusal(rig.api.start_task_contact, Name="x", ContactFlowId=flow)
    assert code == "ServiceQuotaExceededException"
    rig.available("alice")
    rig.act("accept", first, "alice")
    rig.act("end", first, "alice")
    code, _ = refusal(rig.api.start_task_contact, Name="x", ContactFlowId=flow)
    assert code == "ServiceQuotaExceededException", "after contact work still counts"
    rig.act("clear", first, "alice")
    assert rig.start(flow)


def test_throttling_is_per_operation_and_refills_with_time(rig, flow):
    rig.desk("POST", "/limits", {"rps": 2, "burst": 5})
    for _ in range(5):
        rig.start(flow)
    code, message = refusal(rig.api.start_task_contact, Name="x", ContactFlowId=flow)
    assert (code, message) == ("ThrottlingException", "Rate exceeded")
    assert rig.api.describe_instance(InstanceId=INSTANCE_ID), "another operation is not affected"
    rig.pass_time(0.5)
    assert rig.start(flow)
    assert refusal(rig.api.start_task_contact, Name="x", ContactFlowId=flow)[0] == code
    rig.desk("POST", "/limits", {"rps": None})
    assert [rig.start(flow) for _ in range(10)]


def test_operations_without_a_throttling_exception_answer_too_many_requests(rig, flow):
    contact_id = rig.start(flow)
    rig.desk("POST", "/limits", {"rps": 1, "burst": 1})
    get = rig.api.get_contact_attributes
    get(InstanceId=INSTANCE_ID, InitialContactId=contact_id)
    assert refusal(get, InitialContactId=contact_id)[0] == "TooManyRequestsException"


def test_a_quick_connect_starts_its_transfer_flow(rig):
    other = rig.add_queue("Invoices")
    flow = rig.add_flow(
        "Transfer",
        "QUEUE_TRANSFER",
        action(
            "go",
            "TransferContactToQueue",
            {},
            "end",
            {"QueueAtCapacity": "end", "NoMatchingError": "end"},
        ),
        action("end", "DisconnectParticipant"),
    )
    made = rig.api.create_quick_connect(
        InstanceId=INSTANCE_ID,
        Name="To invoices",
        QuickConnectConfig={
            "QuickConnectType": "QUEUE",
            "QueueConfig": {
                "QueueId": other.rsplit("/", 1)[-1],
                "ContactFlowId": flow.rsplit("/", 1)[-1],
            },
        },
    )
    started = rig.api.start_task_contact(
        InstanceId=INSTANCE_ID, QuickConnectId=made["QuickConnectId"], Name="x"
    )
    assert rig.contact(started["ContactId"])["queue"]["arn"] == other


def test_what_is_not_there_is_refused_by_name(rig):
    with pytest.raises(ClientError) as refused:
        rig.api.pause_contact(ContactId="x", InstanceId=INSTANCE_ID)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "PauseContact" in refused.value.response["Error"]["Message"]


def test_a_member_that_would_be_ignored_is_refused_by_name(rig, flow):
    code, message = refusal(
        rig.api.start_task_contact,
        Name="x",
        ContactFlowId=flow,
        Attachments=[{"FileName": "a.pdf", "S3Url": "https://bucket.example/a.pdf"}],
    )
    assert (code, "StartTaskContact.Attachments" in message) == ("NotImplemented", True)
