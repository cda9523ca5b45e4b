"""What CloudFormation cannot do, on create, update, rollback and delete, and after work by hand.

The receipt rules have a file of their own.
"""

import copy
import json
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

import deployment
from emailchannel.aws.stack.words import in_words
from local import deploy, testing

TEMPLATE = deploy.translate(testing.ROOT / "template.yaml")
ACCOUNT = "666655554444"
NAME = "channel"
FLOW = f"{NAME} email-Inbound"


class Account:
    """An account with our stack in it, and hands that work in its console."""

    def __init__(self, world):
        self.world = world
        self.values = testing.defaults(world, ACCOUNT)
        self.instance = testing.instance_arn(ACCOUNT).rpartition("/")[2]
        self.connect, self.s3 = world.client("connect", ACCOUNT), world.client("s3", ACCOUNT)
        deploy.upload_packages(world, ACCOUNT)
        self.updates = 0

    def create(self, template=TEMPLATE, **changes):
        self.values |= changes
        self.stack = deploy.create_stack(self.world, ACCOUNT, NAME, template, self.values)
        return self.stack

    def update(self, template=TEMPLATE, **changes):
        """As a new release: what the deployment function looks after is looked at again."""
        self.values |= changes
        self.updates += 1
        template = copy.deepcopy(template)
        for resource in template["Resources"].values():
            if resource["Type"].startswith("Custom::"):
                resource["Properties"]["Version"] = f"release {self.updates}"
        self.stack = deploy.update_stack(self.world, ACCOUNT, NAME, template, self.values)
        return self.stack

    def delete(self):
        deploy.delete_stack(self.world, ACCOUNT, NAME)

    def flows(self):
        found = self.connect.list_contact_flows(InstanceId=self.instance)
        return {flow["Name"]: flow for flow in found["ContactFlowSummaryList"]}

    def flow(self, name=FLOW):
        found = self.connect.describe_contact_flow(
            InstanceId=self.instance, ContactFlowId=self.flows()[name]["Id"]
        )
        return found["ContactFlow"]

    def offered(self, profile=None):
        found = self.connect.list_routing_profile_queues(
            InstanceId=self.instance, RoutingProfileId=profile or self.values["RoutingProfileId"]
        )
        return {
            queue["QueueName"]
            for queue in found["RoutingProfileQueueConfigSummaryList"]
            if queue["Channel"] == "TASK"
        }

    def quick_connects(self, queue_arn):
        found = self.connect.list_queue_quick_connects(
            InstanceId=self.instance, QueueId=queue_arn.rpartition("/")[2]
        )
        return {one["Name"] for one in found["QuickConnectSummaryList"]}

    def files(self):
        bucket = self.stack.resources["PageBucket"]
        found = self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {one["Key"]: (one["ETag"], one["LastModified"]) for one in found}


@pytest.fixture
def account():
    world = testing.emulator()
    yield Account(world)
    world.control("DELETE", f"/_local/{ACCOUNT}")


@pytest.fixture
def sales(account):
    """Another queue, and another routing profile, of another team."""
    instance = {"InstanceArn": account.values["AmazonConnectInstanceArn"]}
    day = {"StartTime": {"Hours": 8, "Minutes": 0}, "EndTime": {"Hours": 17, "Minutes": 0}}
    resources = {
        "Hours": ("HoursOfOperation", {"TimeZone": "UTC", "Config": [{"Day": "MONDAY", **day}]}),
        "Queue": ("Queue", {"HoursOfOperationArn": {"Fn::GetAtt": "Hours.HoursOfOperationArn"}}),
        "Profile": (
            "RoutingProfile",
            {
                "Description": "They sell",
                "DefaultOutboundQueueArn": {"Fn::GetAtt": "Queue.QueueArn"},
                "MediaConcurrencies": [{"Channel": "TASK", "Concurrency": 2}],
            },
        ),
    }
    template = {
        "Resources": {
            name: {
                "Type": f"AWS::Connect::{kind}",
                "Properties": {**instance, "Name": f"Sales {name}", **properties},
            }
            for name, (kind, properties) in resources.items()
        }
    }
    made = deploy.create_stack(account.world, ACCOUNT, "sales", template)
    return made.resources


def broken(template=TEMPLATE):
    """A template whose last step fails: everything else has been updated by then."""
    template = copy.deepcopy(template)
    template["Resources"]["Broken"] = {
        "Type": "Custom::NobodyKnows",
        "DependsOn": sorted(n for n, r in template["Resources"].items() if "Condition" not in r),
        "Properties": {
            "ServiceToken": template["Resources"]["PageFiles"]["Properties"]["ServiceToken"]
        },
    }
    return template


# Flows


def test_flows_changed_or_deleted_by_hand_are_put_right(account):
    account.create()
    before = account.flow()
    other = account.flow(f"{NAME} email-CustomerQueue")
    named = {"InstanceId": account.instance, "ContactFlowId": before["Id"]}
    changed = json.dumps({**json.loads(before["Content"]), "Metadata": {"note": "mine"}})
    account.connect.update_contact_flow_content(**named, Content=changed)
    account.connect.delete_contact_flow(
        InstanceId=account.instance,
        ContactFlowId=account.flows()[f"{NAME} email-AgentTransfer"]["Id"],
    )
    account.update()
    assert json.loads(account.flow()["Content"]) == json.loads(before["Content"])
    assert f"{NAME} email-AgentTransfer" in account.flows()
    assert account.flow(f"{NAME} email-CustomerQueue") == other


def test_somebodys_flow_of_the_same_name_is_refused_in_words_and_kept(account):
    theirs = account.connect.create_contact_flow(
        InstanceId=account.instance, Name=FLOW, Type="CONTACT_FLOW", Content=plain_flow()
    )
    before = account.connect.describe_contact_flow(
        InstanceId=account.instance, ContactFlowId=theirs["ContactFlowId"]
    )["ContactFlow"]
    with pytest.raises(deploy.DeploymentFailed, match="this stack did not make"):
        account.create()
    assert account.flow() == before
    assert [name for name in account.flows() if name.startswith(NAME)] == [FLOW]


def plain_flow():
    end = {
        "Identifier": "end",
        "Type": "DisconnectParticipant",
        "Parameters": {},
        "Transitions": {},
    }
    return json.dumps(
        {"Version": "2019-10-30", "StartAction": "end", "Metadata": {}, "Actions": [end]}
    )


def test_a_failed_update_puts_the_flows_back_and_deleting_removes_just_ours(account):
    theirs = set(account.flows())
    account.create()
    ours = {name: account.flow(name) for name in set(account.flows()) - theirs}
    assert len(ours) == 5
    with pytest.raises(deploy.DeploymentFailed, match="does not know Custom::NobodyKnows"):
        account.update(broken())
    assert {name: account.flow(name) for name in ours} == ours
    account.delete()
    assert set(account.flows()) == theirs


# The queue


def test_the_queue_is_offered_again_when_somebody_took_it_out(account):
    made = account.create()
    assert f"{NAME} email" in account.offered()
    queue = {"QueueId": made.resources["EmailQueue"].rpartition("/")[2], "Channel": "TASK"}
    account.connect.disassociate_routing_profile_queues(
        InstanceId=account.instance,
        RoutingProfileId=account.values["RoutingProfileId"],
        QueueReferences=[queue],
    )
    connect_id = made.resources["EmailQuickConnect"].rpartition("/")[2]
    account.connect.disassociate_queue_quick_connects(
        InstanceId=account.instance, QueueId=queue["QueueId"], QuickConnectIds=[connect_id]
    )
    account.update()
    assert f"{NAME} email" in account.offered()
    assert account.quick_connects(made.resources["EmailQueue"]) == {f"{NAME} email"}


def test_another_profile_and_none_take_the_offer_back_from_the_one_before(account, sales):
    first = account.values["RoutingProfileId"]
    before = account.offered(first)
    account.create()
    second = sales["Profile"].rpartition("/")[2]
    there = account.offered(second)
    account.update(RoutingProfileId=second)
    assert account.offered(first) == before
    assert account.offered(second) == there | {f"{NAME} email"}
    with pytest.raises(deploy.DeploymentFailed, match="There is no routing profile 0000"):
        account.update(RoutingProfileId="00000000-0000-0000-0000-000000000000")
    assert account.offered(second) == there | {f"{NAME} email"}
    account.update(RoutingProfileId="")
    assert account.offered(second) == there
    account.update(RoutingProfileId=first)
    account.delete()
    assert (account.offered(first), account.offered(second)) == (before, there)


def test_an_own_queue_that_the_profile_had_before_stays_in_it(account):
    queues = account.connect.list_queues(InstanceId=account.instance, QueueTypes=["STANDARD"])
    basic = next(q for q in queues["QueueSummaryList"] if q["Name"] in account.offered())
    before, connects = account.offered(), account.quick_connects(basic["Arn"])
    account.create(DefaultQueueArn=basic["Arn"])
    assert account.quick_connects(basic["Arn"]) == connects | {f"{NAME} email"}
    account.update()
    account.delete()
    assert account.offered() == before
    assert account.quick_connects(basic["Arn"]) == connects


def test_an_own_queue_that_we_put_into_the_profile_leaves_it_with_us(account, sales):
    before = account.offered()
    account.create(DefaultQueueArn=sales["Queue"])
    assert account.offered() == before | {"Sales Queue"}
    account.delete()
    assert account.offered() == before


# The page


def test_only_page_files_that_differ_are_written(account):
    made = account.create()
    before = account.files()
    bucket = made.resources["PageBucket"]
    account.s3.put_object(Bucket=bucket, Key="index.html", Body=b"changed by hand")
    account.s3.put_object(Bucket=bucket, Key="assets/old-1234.js", Body=b"of a former release")
    account.s3.delete_object(Bucket=bucket, Key="config.json")
    account.update()
    after = account.files()
    assert {name: etag for name, (etag, _at) in after.items()} == {
        name: etag for name, (etag, _at) in before.items()
    }
    untouched = set(before) - {"index.html", "config.json"}
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}


def test_the_page_names_what_it_may_call_and_nothing_else(account):
    made = account.create()
    index = account.s3.get_object(Bucket=made.resources["PageBucket"], Key="index.html")
    page = index["Body"].read().decode()
    assert index["ContentType"] == "text/html"
    assert made.outputs["AgentApiUrl"] in page
    assert f"https://{made.outputs['MailBucketName']}.s3." in page
    assert "*" not in page[page.index("connect-src") : page.index("/>")]
    assert page.index("connect-src") < page.index("<script")


def test_a_bucket_somebody_put_things_into_is_deleted_with_the_stack(account):
    made = account.create()
    bucket = made.resources["PageBucket"]
    account.s3.put_object(Bucket=bucket, Key="notes/mine.txt", Body=b"mine")
    account.delete()
    assert bucket not in [one["Name"] for one in account.s3.list_buckets()["Buckets"]]


# The instance


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda arn: arn.replace("us-east-1", "eu-west-2"), "Deploy where the instance is"),
        (lambda arn: arn.replace(ACCOUNT, "123412341234"), "Deploy where the instance is"),
        (lambda arn: arn[:-4] + "9999", "There is no Amazon Connect instance"),
    ],
)
def test_a_wrong_instance_fails_in_words(account, change, words):
    arn = change(account.values["AmazonConnectInstanceArn"])
    with pytest.raises(deploy.DeploymentFailed, match=words):
        account.create(AmazonConnectInstanceArn=arn)


# The door


@pytest.fixture
def cloudformation():
    """Where a custom resource answers: what came, and the address."""
    came = []

    class Answers(BaseHTTPRequestHandler):
        def do_PUT(self):
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield came, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def asked(url, kind, request="Create", **more):
    return {
        "RequestType": request,
        "ResponseURL": url,
        "StackId": f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/{NAME}/1234",
        "RequestId": "r",
        "LogicalResourceId": "Thing",
        "ResourceType": kind,
        **more,
    }


def test_what_a_later_release_made_can_be_taken_back(cloudformation):
    came, url = cloudformation
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)
    deployment.handler(asked(url, "Custom::Later", "Delete", PhysicalResourceId="x"), context)
    deployment.handler(asked(url, "Custom::Later"), context)
    assert [answer["Status"] for answer in came] == ["SUCCESS", "FAILED"]
    assert came[0]["PhysicalResourceId"] == "x"
    assert came[1]["Reason"].startswith("This release does not know Custom::Later.")


def test_cloudformation_hears_of_what_takes_too_long(cloudformation, monkeypatch):
    came, url = cloudformation
    answered = threading.Event()
    monkeypatch.setitem(deployment.KINDS, "Custom::Slow", lambda _request: answered.wait(5) and {})
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 10_050)
    threading.Timer(0.5, answered.set).start()
    deployment.handler(asked(url, "Custom::Slow"), context)
    assert came[0]["Status"] == "FAILED"
    assert "took too long" in came[0]["Reason"]


# What was taken away by hand


def test_a_stack_whose_page_bucket_is_gone_is_deleted(account):
    made = account.create()
    bucket = made.resources["PageBucket"]
    for name in account.files():
        account.s3.delete_object(Bucket=bucket, Key=name)
    account.s3.delete_bucket(Bucket=bucket)
    account.delete()


def test_a_page_is_put_back_by_a_rollback(account):
    account.create()
    before = account.files()
    changed = broken()
    changed["Resources"]["PageFiles"]["Properties"]["Config"]["title"] = "Another"
    with pytest.raises(deploy.DeploymentFailed):
        account.update(changed)
    assert {n: etag for n, (etag, _) in account.files().items()} == {
        n: etag for n, (etag, _) in before.items()
    }


# Words


def refusal(code, operation="CreateContactFlow", status=400):
    error = {"Error": {"Code": code, "Message": "Said AWS."}}
    return ClientError({**error, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refusal("AccessDeniedException"), "may not call CreateContactFlow"),
        (refusal("TooManyRequestsException"), "too busy for CreateContactFlow"),
        (refusal("InternalError", status=503), "too busy for CreateContactFlow"),
        (refusal("ServiceQuotaExceededException"), "A quota does not allow CreateContactFlow"),
        (refusal("InvalidParameterException"), "was refused (InvalidParameterException). AWS said"),
        (ConnectTimeoutError(endpoint_url="https://x"), "AWS did not answer"),
        (KeyError("Bucket"), "KeyError"),
    ],
)
def test_an_error_is_a_sentence(error, words):
    said = in_words(error)
    assert words in said
    assert len(said) > len(words)


# --- The key of the messages API ------------------------------------------------------------------


def keys(account):
    """Our keys by what they are described as, without one that somebody made by hand."""
    client = account.world.client("appsync", ACCOUNT)
    api_id = account.stack.resources["MessagesApi"]
    return {one["description"]: one for one in client.list_api_keys(apiId=api_id)["apiKeys"]}


def days(key):
    return (key["expires"] - time.time()) / 86400


def test_a_key_lives_for_a_year_from_each_deployment(account):
    account.create()
    [made] = keys(account).values()
    assert account.stack.outputs["MessagesApiKey"] == made["id"]
    assert 364 < days(made) < 365
    client = account.world.client("appsync", ACCOUNT)
    soon = int(time.time()) + 3 * 86400
    api_id = account.stack.resources["MessagesApi"]
    client.update_api_key(apiId=api_id, id=made["id"], expires=soon)
    account.update()
    [renewed] = keys(account).values()
    assert renewed["id"] == made["id"] and 364 < days(renewed) < 365
    told = datetime.fromisoformat(account.stack.outputs["MessagesApiKeyExpires"]).timestamp()
    assert abs(told - renewed["expires"]) < 60


def test_the_next_key_leaves_the_one_before_a_week_and_may_be_taken_back(account):
    account.create()
    client = account.world.client("appsync", ACCOUNT)
    api_id = account.stack.resources["MessagesApi"]
    client.create_api_key(apiId=api_id, description="made by hand")
    first = account.stack.outputs["MessagesApiKey"]
    account.update(ApiKeyNumber="2")
    second = account.stack.outputs["MessagesApiKey"]
    assert second != first
    assert 6 < days(keys(account)["key 1"]) < 7 and 364 < days(keys(account)["key 2"]) < 365
    assert keys(account)["made by hand"]["expires"] > 0
    account.update(ApiKeyNumber="1")
    assert account.stack.outputs["MessagesApiKey"] == first
    assert 364 < days(keys(account)["key 1"]) < 365 and 6 < days(keys(account)["key 2"]) < 7
