"""CloudFormation's AWS::Connect types."""

from __future__ import annotations

import json

import pytest

from tests.local.connect_rig import INSTANCE_ID, Rig, action, queueing, user_id


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.close()


def step(rig, verb, type_name, physical_id, properties, old=None):
    return rig.connect.provision(
        rig.account, rig.region, verb, f"AWS::Connect::{type_name}", physical_id, properties, old
    )


def flow_properties(rig, name="Inbound", kind="CONTACT_FLOW", target=None):
    content = {
        "Version": "2019-10-30",
        "StartAction": "enqueue",
        "Metadata": {},
        "Actions": queueing(target or rig.queue["Arn"]),
    }
    return {
        "InstanceArn": rig.instance,
        "Name": name,
        "Type": kind,
        "Content": json.dumps(content),
        "Tags": [{"Key": "team", "Value": "mail"}],
    }


def test_a_flow_is_created_updated_and_deleted(rig):
    properties = flow_properties(rig)
    arn, attributes = step(rig, "create", "ContactFlow", None, properties)
    assert attributes == {"ContactFlowArn": arn}
    changed = flow_properties(rig, target="$.Attributes.queue")
    assert step(rig, "update", "ContactFlow", arn, changed, properties)[0] == arn
    flow = rig.api.describe_contact_flow(
        InstanceId=INSTANCE_ID, ContactFlowId=arn.rsplit("/", 1)[-1]
    )["ContactFlow"]
    assert flow["Content"] == changed["Content"]
    assert flow["Tags"] == {"team": "mail"}
    step(rig, "delete", "ContactFlow", arn, changed)
    step(rig, "delete", "ContactFlow", arn, changed)  # a second time does no harm
    assert rig.api.list_contact_flows(InstanceId=INSTANCE_ID)["ContactFlowSummaryList"] == []


def test_a_broken_flow_says_what_is_wrong(rig):
    properties = flow_properties(rig) | {"Type": "AGENT_WHISPER"}
    with pytest.raises(ValueError, match=r"InvalidContactFlowException: .*AGENT_WHISPER"):
        step(rig, "create", "ContactFlow", None, properties)


def test_a_failed_update_leaves_the_flow_as_it_was(rig):
    properties = flow_properties(rig)
    arn, _ = step(rig, "create", "ContactFlow", None, properties)
    with pytest.raises(ValueError, match="InvalidContactFlowException"):
        step(rig, "update", "ContactFlow", arn, properties | {"Content": "{}"}, properties)
    described = rig.api.describe_contact_flow(
        InstanceId=INSTANCE_ID, ContactFlowId=arn.rsplit("/", 1)[-1]
    )
    assert described["ContactFlow"]["Content"] == properties["Content"]


def test_another_type_of_flow_is_another_flow(rig):
    properties = flow_properties(rig)
    arn, _ = step(rig, "create", "ContactFlow", None, properties)
    changed = properties | {"Type": "QUEUE_TRANSFER"}
    replaced, _ = step(rig, "update", "ContactFlow", arn, changed, properties)
    assert replaced != arn


@pytest.mark.parametrize(
    ("type_name", "properties", "message"),
    [
        ("ContactFlow", {"Name": "x"}, "is required"),
        ("Rule", {}, "no resource type AWS::Connect::Rule"),
        ("ApprovedOrigin", {"Origin": "https://x.example"}, "InstanceId is required"),
    ],
)
def test_what_cannot_be_created_says_why(rig, type_name, properties, message):
    with pytest.raises(ValueError, match=message):
        step(rig, "create", type_name, None, properties)


def test_another_instance_is_refused(rig):
    foreign = rig.instance.replace(rig.account, "000000000009")
    with pytest.raises(ValueError, match="no instance"):
        step(rig, "create", "ContactFlow", None, flow_properties(rig) | {"InstanceArn": foreign})


def test_a_lambda_integration(rig):
    properties = {
        "InstanceId": rig.instance,
        "IntegrationType": "LAMBDA_FUNCTION",
        "IntegrationArn": rig.function,
    }
    physical_id, attributes = step(rig, "create", "IntegrationAssociation", None, properties)
    assert attributes["IntegrationAssociationId"]
    listed = rig.api.list_lambda_functions(InstanceId=INSTANCE_ID)["LambdaFunctions"]
    assert listed == [rig.function]
    with pytest.raises(ValueError, match="associated already"):
        step(rig, "create", "IntegrationAssociation", None, properties)
    step(rig, "delete", "IntegrationAssociation", physical_id, properties)
    assert rig.api.list_lambda_functions(InstanceId=INSTANCE_ID)["LambdaFunctions"] == []
    with pytest.raises(ValueError, match="140"):
        long = properties | {"IntegrationArn": rig.function + "x" * 100}
        step(rig, "create", "IntegrationAssociation", None, long)


APPLICATION = {
    "Name": "email mail",
    "Namespace": "email-channel.email",
    "Description": "The mail of the task an agent works on",
    "ApplicationSourceConfig": {"ExternalUrlConfig": {"AccessUrl": "https://page.example"}},
    "Permissions": ["User.Details.View", "Contact.Attributes.View"],
    "IframeConfig": {"Allow": [], "Sandbox": ["allow-forms", "allow-downloads"]},
    "ApplicationConfig": {"ContactHandling": {"Scope": "PER_CONTACT"}},
    "Tags": [{"Key": "team", "Value": "mail"}],
}


def application(rig, verb, physical_id, properties, old=None):
    kind = "AWS::AppIntegrations::Application"
    account, region = rig.account, rig.region
    return rig.connect.provision(account, region, verb, kind, physical_id, properties, old)


def test_a_workspace_application_is_created_updated_and_deleted(rig):
    arn, attributes = application(rig, "create", None, APPLICATION)
    assert attributes == {"ApplicationArn": arn, "Id": arn.rpartition("/")[2]}
    assert arn.startswith(f"arn:aws:app-integrations:{rig.region}:{rig.account}:application/")
    with pytest.raises(ValueError, match="is taken"):
        application(rig, "create", None, APPLICATION | {"Name": "another"})
    changed = APPLICATION | {"Permissions": ["User.Details.View"]}
    assert application(rig, "update", arn, changed, APPLICATION)[0] == arn
    application(rig, "delete", arn, changed)
    application(rig, "delete", arn, changed)  # a second time does no harm
    with pytest.raises(ValueError, match="no application"):
        application(rig, "update", arn, changed, APPLICATION)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Name": "mail & more"}, "Name 'mail & more' does not match"),
        ({"Namespace": "email channel"}, "does not match"),
        ({"Name": ""}, "Name has the length 0"),
        ({"Permissions": ["Contact Details"]}, "does not match"),
        ({"Permission": ["User.Details.View"]}, "Permission is not known"),
        ({"ApplicationSourceConfig": {"ExternalUrlConfig": {}}}, "AccessUrl is required"),
        (
            {"ApplicationSourceConfig": {"ExternalUrlConfig": {"AccessUrl": "page.example"}}},
            "AccessUrl 'page.example' does not match",
        ),
        ({"ApplicationConfig": {"ContactHandling": {"Scope": "ALL"}}}, "is none of"),
        ({"IframeConfig": {"Sandbox": "allow-forms"}}, "Sandbox is no list"),
        ({"InitializationTimeout": "soon"}, "is no integer"),
    ],
)
def test_a_workspace_application_is_checked(rig, change, message):
    with pytest.raises(ValueError, match=message):
        application(rig, "create", None, APPLICATION | change)


def test_a_workspace_application_is_offered_by_an_instance(rig):
    properties = {"InstanceId": rig.instance, "IntegrationType": "APPLICATION"}
    nothing = "arn:aws:app-integrations:us-east-1:1:application/x"
    with pytest.raises(ValueError, match="no application"):
        step(
            rig, "create", "IntegrationAssociation", None, properties | {"IntegrationArn": nothing}
        )
    arn, _ = application(rig, "create", None, APPLICATION)
    properties |= {"IntegrationArn": arn}
    physical_id, attributes = step(rig, "create", "IntegrationAssociation", None, properties)
    assert physical_id == f"{rig.instance}|APPLICATION|{arn}"
    [listed] = rig.api.list_integration_associations(
        InstanceId=INSTANCE_ID, IntegrationType="APPLICATION"
    )["IntegrationAssociationSummaryList"]
    assert listed["IntegrationArn"] == arn
    assert listed["IntegrationAssociationId"] == attributes["IntegrationAssociationId"]
    with pytest.raises(ValueError, match="associated already"):
        step(rig, "create", "IntegrationAssociation", None, properties)
    with pytest.raises(ValueError, match="is associated"):
        application(rig, "delete", arn, APPLICATION)
    step(rig, "delete", "IntegrationAssociation", physical_id, properties)
    application(rig, "delete", arn, APPLICATION)
    assert rig.api.list_lambda_functions(InstanceId=INSTANCE_ID)["LambdaFunctions"] == []


def test_an_approved_origin(rig):
    properties = {"InstanceId": rig.instance, "Origin": "https://page.example"}
    physical_id, _ = step(rig, "create", "ApprovedOrigin", None, properties)
    assert rig.api.list_approved_origins(InstanceId=INSTANCE_ID)["Origins"] == [
        "https://page.example"
    ]
    step(rig, "delete", "ApprovedOrigin", physical_id, properties)
    assert rig.api.list_approved_origins(InstanceId=INSTANCE_ID)["Origins"] == []


def test_hours_and_queues(rig):
    hours_properties = {
        "InstanceArn": rig.instance,
        "Name": "Mornings",
        "TimeZone": "Europe/Berlin",
        "Config": [],
    }
    hours, _ = step(rig, "create", "HoursOfOperation", None, hours_properties)
    properties = {
        "InstanceArn": rig.instance,
        "Name": "Invoices",
        "HoursOfOperationArn": hours,
        "MaxContacts": "7",
    }
    queue, attributes = step(rig, "create", "Queue", None, properties)
    assert attributes == {"QueueArn": queue, "Type": "STANDARD"}
    with pytest.raises(ValueError, match="ResourceInUse"):
        step(rig, "delete", "HoursOfOperation", hours, hours_properties)
    step(rig, "update", "Queue", queue, properties | {"MaxContacts": 9}, properties)
    found = rig.api.describe_queue(InstanceId=INSTANCE_ID, QueueId=queue.rsplit("/", 1)[-1])
    assert found["Queue"]["MaxContacts"] == 9
    rig.serve(queue)
    with pytest.raises(ValueError, match="ResourceInUse"):
        step(rig, "delete", "Queue", queue, properties)


def test_a_quick_connect_to_a_user(rig):
    user = rig.api.describe_user(InstanceId=INSTANCE_ID, UserId=user_id("bob"))["User"]
    flow, _ = step(
        rig,
        "create",
        "ContactFlow",
        None,
        flow_properties(rig, "To agent", "AGENT_TRANSFER", "$.Attributes.q"),
    )
    properties = {
        "InstanceArn": rig.instance,
        "Name": "Bob",
        "QuickConnectConfig": {
            "QuickConnectType": "USER",
            "UserConfig": {"UserArn": user["Arn"], "ContactFlowArn": flow},
        },
    }
    arn, attributes = step(rig, "create", "QuickConnect", None, properties)
    assert attributes == {"QuickConnectArn": arn}
    found = rig.api.describe_quick_connect(
        InstanceId=INSTANCE_ID, QuickConnectId=arn.rsplit("/", 1)[-1]
    )["QuickConnect"]
    assert found["QuickConnectConfig"]["UserConfig"]["UserId"] == user_id("bob")
    step(rig, "update", "QuickConnect", arn, properties | {"Name": "Robert"}, properties)
    listed = rig.api.list_quick_connects(InstanceId=INSTANCE_ID)["QuickConnectSummaryList"]
    assert [each["Name"] for each in listed] == ["Robert"]
    step(rig, "delete", "QuickConnect", arn, properties)
    assert rig.api.list_quick_connects(InstanceId=INSTANCE_ID)["QuickConnectSummaryList"] == []


def test_a_routing_profile_and_a_user(rig):
    queue = {"Channel": "TASK", "QueueArn": rig.queue["Arn"]}
    profile, _ = step(
        rig,
        "create",
        "RoutingProfile",
        None,
        {
            "InstanceArn": rig.instance,
            "Name": "Back office",
            "Description": "Mails only",
            "DefaultOutboundQueueArn": rig.queue["Arn"],
            "MediaConcurrencies": [{"Channel": "TASK", "Concurrency": 1}],
            "QueueConfigs": [{"Delay": 0, "Priority": 1, "QueueReference": queue}],
        },
    )
    user_properties = {
        "InstanceArn": rig.instance,
        "Username": "dora",
        "RoutingProfileArn": profile,
        "SecurityProfileArns": [],
        "PhoneConfig": {"PhoneType": "SOFT_PHONE"},
        "IdentityInfo": {"FirstName": "Dora", "Email": "dora@corp.example"},
    }
    user, _ = step(rig, "create", "User", None, user_properties)
    flow = rig.add_flow("Inbound", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))
    rig.start(flow)
    rig.start(flow)
    rig.available("dora")
    assert len(rig.cards("dora")) == 1
    with pytest.raises(ValueError, match="ResourceInUse"):
        step(rig, "delete", "RoutingProfile", profile, {})
    step(rig, "delete", "User", user, user_properties)
    step(rig, "delete", "RoutingProfile", profile, {})
    assert len(rig.desk("GET", "/agents")) == 3


def test_a_flow_that_calls_an_unknown_block_is_not_created(rig):
    properties = flow_properties(rig)
    content = json.loads(properties["Content"])
    content["Actions"].append(action("odd", "PlayMusic", {}, "enqueue"))
    with pytest.raises(ValueError, match="PlayMusic is not a block"):
        step(rig, "create", "ContactFlow", None, properties | {"Content": json.dumps(content)})
