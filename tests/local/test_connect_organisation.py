"""Operations on the instance, users, queues, quick connects, flows and integrations."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.local.connect_rig import INSTANCE_ID, Rig, action, queueing, user_id


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.close()


def code_of(call, **members):
    with pytest.raises(ClientError) as refused:
        call(InstanceId=INSTANCE_ID, **members)
    return refused.value.response["Error"]["Code"]


def test_the_instance(rig):
    listed = rig.api.list_instances()["InstanceSummaryList"]
    described = rig.api.describe_instance(InstanceId=INSTANCE_ID)["Instance"]
    assert [each["Arn"] for each in listed] == [described["Arn"]] == [rig.instance]
    assert described["InstanceAlias"] == "local"


def test_the_seeded_users(rig):
    listed = rig.api.list_users(InstanceId=INSTANCE_ID)["UserSummaryList"]
    assert {each["Username"] for each in listed} == {"alice", "bob", "carol"}
    alice = rig.api.describe_user(InstanceId=INSTANCE_ID, UserId=user_id("alice"))["User"]
    assert alice["IdentityInfo"] == {
        "FirstName": "Alice",
        "LastName": "Archer",
        "Email": "alice@corp.example",
    }
    by_arn = rig.api.describe_user(InstanceId=INSTANCE_ID, UserId=alice["Arn"])["User"]
    assert by_arn["Id"] == user_id("alice")
    assert code_of(rig.api.describe_user, UserId="nobody") == "ResourceNotFoundException"


def test_lists_come_in_pages(rig):
    pages = rig.api.get_paginator("list_users").paginate(
        InstanceId=INSTANCE_ID, PaginationConfig={"PageSize": 2}
    )
    sizes = [len(page["UserSummaryList"]) for page in pages]
    assert sizes == [2, 1]


def by(field, value, comparison="EXACT"):
    condition = {"FieldName": field, "Value": value, "ComparisonType": comparison}
    return {"StringCondition": condition}


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ({}, {"alice", "bob", "carol"}),
        (by("Username", "alice"), {"alice"}),
        (by("Username", "ali"), set()),
        (by("ResourceId", user_id("bob")), {"bob"}),
        (by("LastName", "ar", "CONTAINS"), {"alice", "carol"}),
        (
            {"OrConditions": [by("FirstName", name, "STARTS_WITH") for name in ("bo", "Car")]},
            {"bob", "carol"},
        ),
        (
            {"AndConditions": [by("LastName", "ar", "CONTAINS"), by("Username", "o", "CONTAINS")]},
            {"carol"},
        ),
    ],
)
def test_users_are_searched(rig, criteria, found):
    answer = rig.api.search_users(InstanceId=INSTANCE_ID, SearchCriteria=criteria)
    assert {user["Username"] for user in answer["Users"]} == found


def test_queues_hours_and_profiles(rig):
    arn = rig.add_queue("Invoices", MaxContacts=10, Description="Bills")
    queue = rig.api.describe_queue(InstanceId=INSTANCE_ID, QueueId=arn.rsplit("/", 1)[-1])["Queue"]
    assert (queue["Name"], queue["MaxContacts"], queue["Description"]) == ("Invoices", 10, "Bills")
    standard = rig.api.list_queues(InstanceId=INSTANCE_ID, QueueTypes=["STANDARD"])
    assert [each["Name"] for each in standard["QueueSummaryList"]] == ["BasicQueue", "Invoices"]
    profile = rig.api.describe_routing_profile(
        InstanceId=INSTANCE_ID, RoutingProfileId=rig.profile_id
    )["RoutingProfile"]
    assert {"Channel": "TASK", "Concurrency": 5} in profile["MediaConcurrencies"]
    assert profile["NumberOfAssociatedUsers"] == 3


def test_queues_join_and_leave_a_routing_profile(rig):
    arn = rig.add_queue("Invoices")
    listed = rig.api.list_routing_profile_queues

    def names():
        found = listed(InstanceId=INSTANCE_ID, RoutingProfileId=rig.profile_id)
        return [each["QueueName"] for each in found["RoutingProfileQueueConfigSummaryList"]]

    assert names() == ["BasicQueue", "Invoices"]
    rig.api.disassociate_routing_profile_queues(
        InstanceId=INSTANCE_ID,
        RoutingProfileId=rig.profile_id,
        QueueReferences=[{"QueueId": arn.rsplit("/", 1)[-1], "Channel": "TASK"}],
    )
    assert names() == ["BasicQueue"]


def test_a_routing_profile_has_fifty_queue_and_channel_pairs_at_most(rig):
    channels = ("TASK", "CHAT", "VOICE", "EMAIL")
    queues = [rig.queue["Id"]] + [
        rig.add_queue(f"Queue {number}").rsplit("/", 1)[-1] for number in range(12)
    ]
    pairs = [(queue, channel) for queue in queues for channel in channels]
    configs = [
        {"QueueReference": {"QueueId": queue, "Channel": channel}, "Priority": 1, "Delay": 0}
        for queue, channel in pairs
    ]
    associate = rig.api.associate_routing_profile_queues
    profile = {"InstanceId": INSTANCE_ID, "RoutingProfileId": rig.profile_id}
    for first in range(0, 50, 10):
        associate(**profile, QueueConfigs=configs[first : first + 10])
    with pytest.raises(rig.api.exceptions.LimitExceededException):
        associate(**profile, QueueConfigs=configs[50:51])


def quick_connect(rig, name="To invoices", kind="QUEUE"):
    flow_type = "QUEUE_TRANSFER" if kind == "QUEUE" else "AGENT_TRANSFER"
    flow = rig.add_flow(f"{name} flow", flow_type, *queueing(rig.queue["Arn"]))
    target = {"QueueId": rig.queue["Id"]} if kind == "QUEUE" else {"UserId": user_id("bob")}
    part = target | {"ContactFlowId": flow.rsplit("/", 1)[-1]}
    return {
        "Name": name,
        "QuickConnectConfig": {
            "QuickConnectType": kind,
            "QueueConfig" if kind == "QUEUE" else "UserConfig": part,
        },
    }


def test_quick_connects_and_who_sees_them(rig):
    made = rig.api.create_quick_connect(InstanceId=INSTANCE_ID, **quick_connect(rig))
    identifier = made["QuickConnectId"]
    assert rig.desk("GET", "/agents/alice/endpoints") == []
    rig.api.associate_queue_quick_connects(
        InstanceId=INSTANCE_ID, QueueId=rig.queue["Id"], QuickConnectIds=[identifier]
    )
    assert rig.desk("GET", "/agents/alice/endpoints") == [
        {
            "type": "queue",
            "name": "To invoices",
            "endpointARN": made["QuickConnectARN"],
            "endpointId": identifier,
        }
    ]
    found = rig.api.list_queue_quick_connects(InstanceId=INSTANCE_ID, QueueId=rig.queue["Id"])
    assert [each["Id"] for each in found["QuickConnectSummaryList"]] == [identifier]
    rig.api.delete_quick_connect(InstanceId=INSTANCE_ID, QuickConnectId=identifier)
    assert rig.desk("GET", "/agents/alice/endpoints") == []
    assert rig.api.list_quick_connects(InstanceId=INSTANCE_ID)["QuickConnectSummaryList"] == []


def test_quick_connects_that_are_refused(rig):
    create = rig.api.create_quick_connect
    good = quick_connect(rig)
    rig.api.create_quick_connect(InstanceId=INSTANCE_ID, **good)
    assert code_of(create, **good) == "DuplicateResourceException"
    to_agent = quick_connect(rig, "To bob", "USER")
    crossed = {
        "Name": "Crossed",
        "QuickConnectConfig": {
            "QuickConnectType": "QUEUE",
            "QueueConfig": {
                "QueueId": rig.queue["Id"],
                "ContactFlowId": to_agent["QuickConnectConfig"]["UserConfig"]["ContactFlowId"],
            },
        },
    }
    assert code_of(create, **crossed) == "InvalidRequestException"
    empty = {"Name": "Empty", "QuickConnectConfig": {"QuickConnectType": "QUEUE"}}
    assert code_of(create, **empty) == "InvalidRequestException"


def test_flows_are_created_updated_listed_and_deleted(rig):
    arn = rig.add_flow("Inbound", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))
    identifier = arn.rsplit("/", 1)[-1]
    describe = rig.api.describe_contact_flow
    flow = describe(InstanceId=INSTANCE_ID, ContactFlowId=identifier)["ContactFlow"]
    assert (flow["Name"], flow["Type"], flow["Status"]) == ("Inbound", "CONTACT_FLOW", "PUBLISHED")
    content = json.loads(flow["Content"])
    content["Actions"][0]["Parameters"] = {"QueueId": "$.Attributes.queue"}
    rig.api.update_contact_flow_content(
        InstanceId=INSTANCE_ID, ContactFlowId=identifier, Content=json.dumps(content)
    )
    changed = describe(InstanceId=INSTANCE_ID, ContactFlowId=identifier)["ContactFlow"]
    assert changed["FlowContentSha256"] != flow["FlowContentSha256"]
    listed = rig.api.list_contact_flows(InstanceId=INSTANCE_ID, ContactFlowTypes=["CONTACT_FLOW"])
    assert [each["Arn"] for each in listed["ContactFlowSummaryList"]] == [arn]
    rig.api.delete_contact_flow(InstanceId=INSTANCE_ID, ContactFlowId=identifier)
    assert code_of(describe, ContactFlowId=identifier) == "ResourceNotFoundException"


def test_a_flow_with_problems_is_refused_with_all_of_them(rig):
    with pytest.raises(rig.api.exceptions.InvalidContactFlowException) as refused:
        rig.add_flow(
            "Broken",
            "CONTACT_FLOW",
            action("go", "TransferContactToQueue", {}, "nowhere"),
            action("end", "DisconnectParticipant"),
        )
    problems = [each["message"] for each in refused.value.response["problems"]]
    assert len(problems) == 3
    assert any("QueueAtCapacity" in each for each in problems)
    assert rig.api.list_contact_flows(InstanceId=INSTANCE_ID)["ContactFlowSummaryList"] == []


def test_names_of_flows_are_unique(rig):
    rig.add_flow("Inbound", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))
    with pytest.raises(rig.api.exceptions.DuplicateResourceException):
        rig.add_flow("Inbound", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))


def test_lambda_functions_are_associated_once(rig):
    rig.associate()
    listed = rig.api.list_lambda_functions(InstanceId=INSTANCE_ID)
    assert listed["LambdaFunctions"] == [rig.function]
    associate = rig.api.associate_lambda_function
    assert code_of(associate, FunctionArn=rig.function) == "ResourceConflictException"
    assert code_of(associate, FunctionArn="nonsense") == "InvalidRequestException"
    long = rig.function + "x" * 100
    assert code_of(associate, FunctionArn=long) == "InvalidRequestException"
    rig.api.disassociate_lambda_function(InstanceId=INSTANCE_ID, FunctionArn=rig.function)
    gone = code_of(rig.api.disassociate_lambda_function, FunctionArn=rig.function)
    assert gone == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "origin", ["http://page.example", "https://page.example/app", "page.example", "https://"]
)
def test_only_https_origins_are_approved(rig, origin):
    code = code_of(rig.api.associate_approved_origin, Origin=origin)
    assert code == "InvalidRequestException"


def test_approved_origins(rig):
    origin = "https://page.example:8443"
    rig.api.associate_approved_origin(InstanceId=INSTANCE_ID, Origin=origin)
    assert rig.api.list_approved_origins(InstanceId=INSTANCE_ID)["Origins"] == [origin]
    assert code_of(rig.api.associate_approved_origin, Origin=origin) == "ResourceConflictException"
    rig.api.disassociate_approved_origin(InstanceId=INSTANCE_ID, Origin=origin)
    assert rig.api.list_approved_origins(InstanceId=INSTANCE_ID)["Origins"] == []
