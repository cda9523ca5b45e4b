"""`python -m channel doctor`: what is broken is named, with what to do, and nothing else is."""

import json
import re
import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from channel import doctor, screen, stack
from channel.deployment import find
from channel.dns import PublicDns, Unanswered, dmarc, reserved
from channel.doctor_policy import allows
from local.testing import REGION, ROOT
from local.testing import stack as deployed

MX = "10 inbound-smtp.us-east-1.amazonaws.com"
TOKENS = ["one", "two", "three"]
IDENTITY = {
    "VerifiedForSendingStatus": True,
    "FeedbackForwardingStatus": False,
    "DkimAttributes": {"SigningEnabled": True, "Status": "SUCCESS", "Tokens": TOKENS},
    "MailFromAttributes": {
        "MailFromDomain": "bounce.support.example.com",
        "MailFromDomainStatus": "SUCCESS",
    },
}
ACCOUNT = {
    "ProductionAccessEnabled": True,
    "SendingEnabled": True,
    "EnforcementStatus": "HEALTHY",
    "SendQuota": {"MaxSendRate": 14.0, "Max24HourSend": 50000.0, "SentLast24Hours": 3.0},
    "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
}
ZONE = {
    ("support.example.com", "MX"): (MX,),
    ("bounce.support.example.com", "MX"): ("10 feedback-smtp.us-east-1.amazonses.com",),
    ("bounce.support.example.com", "TXT"): ("v=spf1 include:amazonses.com ~all",),
    ("_dmarc.example.com", "TXT"): ("v=DMARC1; p=reject",),
    ("_dmarc.corp.example", "TXT"): ("v=DMARC1; p=none",),
} | {
    (f"{token}._domainkey.support.example.com", "CNAME"): (f"{token}.dkim.amazonses.com",)
    for token in TOKENS
}


def zone(*changes):
    """A `LookUp` over the good zone; changes are (name, kind, values)."""
    records = ZONE | {(name, kind): values for name, kind, values in changes}
    return lambda name, kind: records.get((name, kind), ())


class Canned:
    """A client of which some operations have fixed answers."""

    def __init__(self, real, **answers):
        self._real, self._answers = real, answers

    def __getattr__(self, name):
        if name in self._answers:
            return lambda **_: self._answers[name]
        return getattr(self._real, name)


@pytest.fixture(scope="module")
def deployment(world):
    """The deployment of the world, found once: the tests that only look share its clients."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AWS_ENDPOINT_URL": world.world.endpoint,
            "AWS_ACCESS_KEY_ID": world.account,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
        }.items():
            environment.setenv(name, value)
        yield find(world.name, None, None)


@pytest.fixture
def examined(world, deployment, sign_in):
    """What the doctor sees of a stack; answers of SES v2 may be given."""

    def made(s, **answers):
        sign_in(s)
        found = deployment if s is world else find(s.name, None, None)
        fixed = {"get_account": ACCOUNT, "get_email_identity": IDENTITY} | answers

        def client(service):
            real = found.client(service)
            return Canned(real, **fixed) if service == "sesv2" else real

        return stack.read(replace(found, client=client))

    return made


def findings(seen, look_up=None):
    return [entry for several in doctor.examine(seen, look_up or zone()) for entry in several]


def of(seen, check, look_up=None):
    """(status, words, lines) of one check."""
    made = next(checks[check] for checks in doctor.CHECKS.values() if check in checks)
    return [(f.status, f.words, "\n".join(f.lines)) for f in made(seen, look_up or zone())]


def test_nothing_is_wrong_with_a_good_stack(world, examined):
    seen = examined(world)
    words = {f.words for _, _, f in findings(seen) if f.status in {"problem", "warning"}}
    assert words == {"Nobody is told when something goes wrong: AlarmEmail is empty."}
    assert not [name for _, name, f in findings(seen) if f.status == "not checked"]


def test_at_the_terminal(world, sign_in):
    said = sign_in(world)("doctor")
    assert "Amazon Connect\n" in said.out
    assert "not checked  the MX record of support.example.com: such a name is" in said.out
    lines = said.out.splitlines()
    assert all(screen.width(line) <= screen.WIDTH for line in lines)
    found = json.loads(sign_in(world)("doctor", "--json").out)
    problems = [entry for entry in found if entry["status"] == "problem"]
    assert said.status == (1 if problems else 0)
    assert f"{len(problems)} problem" in lines[-1]
    assert {entry["check"] for entry in found} == {
        name for checks in doctor.CHECKS.values() for name in checks
    }


def test_a_command_can_be_pasted():
    command = "aws connect something --long-option value --another 'a b' --region us-east-1 --x yz"
    found = [("Part", "check", doctor.Finding("problem", "It broke", "Do:", (command,)))]
    pasted = doctor.as_text(found).partition("Do:\n")[2].partition("\n\n")[0]
    assert len(pasted.splitlines()) > 1
    joined = " ".join(pasted.replace("\\\n", " ").split())
    assert joined == command


def test_a_right_that_is_missing_is_said_and_stops_nothing_else(world, sign_in, monkeypatch):
    iam = world.client("iam")
    iam.create_user(UserName="half")
    allowed = ["cloudformation:*", "lambda:*", "sqs:*", "connect:*", "ses:*"]
    policy = {"Statement": [{"Effect": "Allow", "Action": allowed, "Resource": "*"}]}
    iam.put_user_policy(UserName="half", PolicyName="half", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="half")["AccessKey"]
    cli = sign_in(world)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    found = json.loads(cli("doctor", "--json").out)
    refused = {entry["check"] for entry in found if "You lack a right" in entry["what"]}
    assert refused == {"bucket", "topics", "work", "keys"}
    assert {entry["status"] for entry in found if entry["check"] in refused} == {"not checked"}
    assert next(entry for entry in found if entry["check"] == "flows")["status"] == "ok"


def test_the_rights_that_the_manual_lists_are_enough(world, sign_in, monkeypatch):
    manual = (ROOT / "docs" / "operations.md").read_text().partition("## Rights")[2]
    actions = re.findall(r"`([a-z0-9-]+:[A-Za-z]+)`", manual)
    actions.append("lambda:ListEventSourceMappings")  # the emulator takes Get... for it
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    iam = world.client("iam")
    iam.create_user(UserName="watcher")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="watcher", PolicyName="manual", PolicyDocument=policy)
    key = iam.create_access_key(UserName="watcher")["AccessKey"]
    cli = sign_in(world)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    world.client("sqs").send_message(
        QueueUrl=world.resources["EventsDeadLetters"], MessageBody="garbage"
    )
    for words in (
        ("doctor", "--json"),
        ("status",),
        ("deadletters", "list"),
        ("deadletters", "retry", "--all"),
        ("canary", "--wait", "0"),
    ):
        said = cli(*words)
        assert "right" not in said.out + said.err, words
        assert "failed" not in said.out + said.err, words


# Receiving


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ((), "problem", "goes nowhere"),
        (("5 mx.corp.example",), "problem", "goes to mx.corp.example, not to SES"),
        (("5 mx.corp.example", MX), "warning", "sometimes elsewhere: mx.corp.example"),
        ((MX,), "ok", "goes to SES"),
        (Unanswered("no DNS"), "not checked", "no DNS"),
    ],
)
def test_the_mx_record(world, examined, values, status, words):
    [found] = of(examined(world), "mx", zone(("support.example.com", "MX", values)))
    assert (found[0], words in found[1]) == (status, True), found
    assert (f"support.example.com MX {MX}" in found[2]) == (status in {"problem", "warning"})


@contextmanager
def rule_before_ours(s, **rule):
    ses, name = s.client("ses"), f"{s.name}-rules"
    ses.create_receipt_rule(RuleSetName=name, Rule={"Name": "theirs", "Enabled": True, **rule})
    yield
    ses.delete_receipt_rule(RuleSetName=name, RuleName="theirs")


STOP = [{"StopAction": {"Scope": "RuleSet"}}]


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ({"Recipients": ["example.com"], "Actions": STOP}, ""),
        ({"Recipients": ["support.example.com"], "Actions": STOP}, "problem"),
        ({"Recipients": [".example.com"], "Actions": STOP}, "problem"),
        ({"Recipients": [], "Actions": STOP}, "problem"),
        ({"Recipients": [], "Actions": STOP, "Enabled": False}, ""),
        ({"Recipients": ["relay@support.example.com"], "Actions": []}, "warning"),
    ],
)
def test_a_rule_of_somebody_else_before_ours(world, examined, rule, status):
    with rule_before_ours(world, **rule):
        found = [entry for entry in of(examined(world), "rules") if "theirs" in entry[1]]
    assert [entry[0] for entry in found] == ([status] if status else [])
    if status:
        assert f"--rule-name {world.name}-inbound" in found[0][2]


def test_a_rule_set_that_is_not_active(s, examined):
    ses = s.client("ses")
    ses.create_receipt_rule_set(RuleSetName="another")
    ses.set_active_receipt_rule_set(RuleSetName="another")
    [found] = of(examined(s), "rules")
    assert found[0] == "problem"
    assert f"set-active-receipt-rule-set --rule-set-name {s.name}-rules" in found[2]
    ses.set_active_receipt_rule_set(RuleSetName=f"{s.name}-rules")
    assert [entry[0] for entry in of(examined(s), "rules")] == ["ok"]


def test_a_rule_that_is_gone_is_made_by_the_command_that_is_shown(s, examined):
    ses = s.client("ses")
    ses.delete_receipt_rule(RuleSetName=f"{s.name}-rules", RuleName=f"{s.name}-relay")
    [found] = [entry for entry in of(examined(s), "rules") if entry[0] == "problem"]
    rule = json.loads(found[2].partition("--rule '")[2].partition("'")[0])
    ses.create_receipt_rule(RuleSetName=f"{s.name}-rules", Rule=rule, After=f"{s.name}-inbound")
    assert [entry[0] for entry in of(examined(s), "rules")] == ["ok"]


def test_a_rule_that_was_changed(s, examined):
    ses = s.client("ses")
    name, rules = f"{s.name}-inbound", ses.describe_active_receipt_rule_set()["Rules"]
    ses.delete_receipt_rule(RuleSetName=f"{s.name}-rules", RuleName=name)
    changed = {**rules[0], "ScanEnabled": False, "Recipients": ["other@support.example.com"]}
    changed["TlsPolicy"] = "Require"
    ses.create_receipt_rule(RuleSetName=f"{s.name}-rules", Rule=changed)
    [words] = [entry[1] for entry in of(examined(s), "rules") if entry[0] == "problem"]
    assert "does not look for spam and viruses" in words and "wants TLS" in words
    assert "does not take mail for support@support.example.com" in words


def test_a_bucket_that_refuses_ses(s, examined):
    s3, name = s.client("s3"), s.resources["MailBucket"]
    policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}
    policy["Statement"].append(deny)
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    assert of(examined(s), "bucket")[0][0] == "problem"
    policy["Statement"][-1] = {**deny, "Condition": {"NumericLessThan": {"aws:x": "1"}}}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    assert of(examined(s), "bucket")[0][0] == "not checked"
    s3.delete_bucket_policy(Bucket=name)
    assert of(examined(s), "bucket")[0][0] == "problem"


def test_a_queue_that_does_not_hear_its_topic(s, examined):
    sns, topic = s.client("sns"), s.resources["InboundTopic"]
    [entry] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=entry["SubscriptionArn"])
    s.client("sqs").set_queue_attributes(
        QueueUrl=s.resources["EventsQueue"], Attributes={"Policy": ""}
    )
    found = of(examined(s), "topics")
    assert [entry[0] for entry in found] == ["problem", "problem"]
    assert "IngestQueue does not hear the topic InboundTopic" in found[0][1]
    assert "EventsQueue does not let DeliveryTopic in" in found[1][1]


# Amazon Connect


def test_what_an_administrator_can_undo_in_connect(s, examined):
    connect, instance = s.client("connect"), s.instance_id
    queue = s.resources["EmailQueue"].rpartition("/")[2]
    connect.disassociate_lambda_function(
        InstanceId=instance,
        FunctionArn=connect.list_lambda_functions(InstanceId=instance)["LambdaFunctions"][0],
    )
    [origin] = connect.list_approved_origins(InstanceId=instance)["Origins"]
    connect.disassociate_approved_origin(InstanceId=instance, Origin=origin)
    connect.disassociate_routing_profile_queues(
        InstanceId=instance,
        RoutingProfileId=s.parameters["RoutingProfileId"],
        QueueReferences=[{"QueueId": queue, "Channel": "TASK"}],
    )
    flow = connect.list_contact_flows(InstanceId=instance)["ContactFlowSummaryList"]
    ours = next(entry for entry in flow if entry["Name"] == f"{s.name} email-AgentTransfer")
    connect.delete_contact_flow(InstanceId=instance, ContactFlowId=ours["Id"])
    seen = examined(s)
    for check, words in (
        ("function", "associate-lambda-function"),
        ("origins", f"associate-approved-origin --instance-id {instance} --origin {origin}"),
        ("queue", f"QueueId={queue},Channel=TASK"),
    ):
        [found] = of(seen, check)
        assert (found[0], words in found[2]) == ("problem", True), found
    [found] = of(seen, "flows")
    assert "email-AgentTransfer" in found[1]


def test_a_pace_above_the_quota(examined):
    with deployed(TasksPerSecond="2.5") as s:
        [found] = of(examined(s), "quota")
        assert (found[0], "2.5" in found[1]) == ("warning", True)


# Sending


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ({"ProductionAccessEnabled": False}, "problem", "sandbox"),
        ({"SendingEnabled": False}, "problem", "switched off for the account"),
        ({"EnforcementStatus": "SHUTDOWN"}, "problem", "stopped"),
        ({"EnforcementStatus": "PROBATION"}, "warning", "probation"),
        ({"SendQuota": {"MaxSendRate": 14, "Max24HourSend": 200, "SentLast24Hours": 190}},
         "warning", "nearly used up"),
        ({"SendQuota": {"MaxSendRate": 0.5, "Max24HourSend": 200, "SentLast24Hours": 1}},
         "warning", "AutomaticMailsPerMinute"),
    ],
)  # fmt: skip
def test_the_account(world, examined, answer, status, words):
    found = of(examined(world, get_account=ACCOUNT | answer), "account")
    wrong = [entry for entry in found if entry[0] != "ok"]
    assert [(entry[0], words in entry[1]) for entry in wrong] == [(status, True)]


@pytest.mark.parametrize(
    ("answer", "record", "status", "words", "line"),
    [
        ({"VerifiedForSendingStatus": False}, None, "problem", "not verified", ""),
        ({"FeedbackForwardingStatus": True}, None, "warning", "twice", "--no-email-forwarding"),
        ({"MailFromAttributes": {}}, None, "warning", "MAIL FROM", "bounce.support.example.com"),
        ({"DkimAttributes": {}}, None, "problem", "not signed", "--signing-enabled"),
        ({}, ("two._domainkey.support.example.com", "CNAME", ()), "problem", "1 of the 3 DKIM",
         "two._domainkey.support.example.com CNAME two.dkim.amazonses.com"),
        ({}, ("bounce.support.example.com", "TXT", ("v=spf1 -all",)), "problem", "TXT record",
         'bounce.support.example.com TXT "v=spf1 include:amazonses.com ~all"'),
        ({}, ("bounce.support.example.com", "MX", Unanswered("no DNS")), "not checked", "no DNS",
         ""),
    ],
)  # fmt: skip
def test_the_identity(world, examined, answer, record, status, words, line):
    seen = examined(world, get_email_identity=IDENTITY | answer)
    look_up = zone(record) if record else zone()
    wrong = [entry for entry in of(seen, "identity", look_up) if entry[0] != "ok"]
    assert [(entry[0], words in entry[1], line in entry[2]) for entry in wrong] == [
        (status, True, True)
    ]


def test_what_ses_says_itself(s, sign_in):
    cli = sign_in(s)
    said = cli("doctor")
    assert (said.status, "0 problems" in said.out) == (0, True)
    standing = {"production": False, "sending": False, "verified": False, "dkim": "FAILED"}
    s.local("PUT", "ses_account", standing)
    said = cli("doctor")
    assert said.status == 1
    for words in (
        "SES is in the sandbox",
        "Sending is switched off for the account.",
        "support.example.com is not verified",
        "SES has not found the DKIM records of support.example.com (FAILED).",
    ):
        assert words in " ".join(said.out.split())


def test_an_event_destination_that_is_off_or_gone(s, examined):
    ses, name = s.client("sesv2"), s.resources["ConfigurationSet"]
    ses.update_configuration_set_event_destination(
        ConfigurationSetName=name,
        EventDestinationName="delivery",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": ["SEND", "DELIVERY"],
            "SnsDestination": {"TopicArn": s.resources["DeliveryTopic"]},
        },
    )
    found = of(examined(s), "configuration-set")[0]
    assert found[0] == "problem"
    assert "it leaves out BOUNCE, COMPLAINT" in found[1]
    ses.delete_configuration_set_event_destination(
        ConfigurationSetName=name, EventDestinationName="delivery"
    )
    found = of(examined(s), "configuration-set")[0]
    assert "create-configuration-set-event-destination" in found[2]


def test_dmarc_of_our_domain_and_of_the_agents(world, examined):
    seen = examined(world)
    bare = zone(("_dmarc.example.com", "TXT", ()), ("_dmarc.corp.example", "TXT", ("spf",)))
    assert of(seen, "dmarc", bare)[0][0] == "warning"
    [found] = of(seen, "agent-domains", bare)
    assert (found[0], "_dmarc.corp.example TXT" in found[2]) == ("problem", True)


# Upkeep


def test_what_was_switched_off(s, examined):
    uuid = s.resources["GatewaySource"]
    s.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=False)
    s.client("events").disable_rule(Name=s.resources["ContactEventsRule"])
    found = of(examined(s), "work")
    assert [entry[0] for entry in found] == ["problem", "problem"]
    assert f"--uuid {uuid} --enabled" in found[0][2]
    assert "ContactEventsRule" in found[1][1]


def test_a_secret_that_is_going_to_be_deleted(s, examined):
    secret = s.resources["RelayKeys"]
    s.client("secretsmanager").delete_secret(SecretId=secret, RecoveryWindowInDays=7)
    [found] = [entry for entry in of(examined(s), "keys") if entry[0] == "problem"]
    assert f"restore-secret --secret-id {secret}" in found[2]


def test_a_relay_key_that_was_not_rotated(world, examined):
    seen = examined(world)
    later = lambda: world.channel.now() + 120 * 86_400  # noqa: E731
    channel = replace(seen.deployment.channel, now=later)
    old = replace(seen, deployment=replace(seen.deployment, channel=channel))
    [found] = [entry for entry in of(old, "keys") if entry[0] == "problem"]
    assert "120 days old; it should change every 90" in found[1]


def test_an_alarm_that_reaches_nobody(examined):
    with deployed(AlarmEmail="ops@corp.example") as s:
        assert [entry[0] for entry in of(examined(s), "alarms")] == ["ok"]
        waiting = {
            "Subscriptions": [
                {
                    "SubscriptionArn": "PendingConfirmation",
                    "Protocol": "email",
                    "Endpoint": "ops@corp.example",
                }
            ]
        }
        seen = examined(s)
        pages = type("Pages", (), {"paginate": lambda self, **_: [waiting]})()
        real = seen.deployment.client
        sns = Canned(real("sns"))
        sns.get_paginator = lambda name: pages
        client = lambda service: sns if service == "sns" else real(service)  # noqa: E731
        seen = replace(seen, deployment=replace(seen.deployment, client=client))
        [found] = of(seen, "alarms")
        assert (found[0], "was never confirmed" in found[1]) == ("problem", True)


@pytest.mark.parametrize(
    ("days", "status", "words"),
    [(364, "ok", "364 more days"), (29, "warning", "dies in 29 days"), (-1, "problem", "dead")],
)
def test_the_end_of_the_messages_apis_key_is_told(world, examined, days, status, words):
    seen = examined(world)
    api = world.resources["MessagesApi"]
    client = world.client("appsync")
    [key] = client.list_api_keys(apiId=api)["apiKeys"]
    until = int(time.time()) + days * 86_400 + 3600
    client.update_api_key(apiId=api, id=key["id"], description="key 1", expires=until)
    found = [entry for entry in of(seen, "keys") if "messages API" in entry[1]]
    assert [(entry[0], words in entry[1]) for entry in found] == [(status, True)]
    client.update_api_key(apiId=api, id=key["id"], expires=int(time.time()) + 364 * 86_400)


# Policies and names


def statement(**more):
    return {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::b/*",
        **more,
    }


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([], False),
        ([statement()], True),
        ([statement(Action="s3:*")], True),
        ([statement(Action=["s3:Put*", "s3:GetObject"])], True),
        ([statement(Principal="*")], True),
        ([statement(Principal={"Service": "sns.amazonaws.com"})], False),
        ([statement(Resource="arn:aws:s3:::b/other/*")], False),
        ([statement(Condition={"StringEquals": {"AWS:SourceAccount": ["1", "2"]}})], True),
        ([statement(Condition={"StringEquals": {"aws:SourceAccount": "3"}})], False),
        ([statement(Condition={"StringEquals": {"aws:Nothing": "3"}})], False),
        ([statement(Condition={"StringEqualsIfExists": {"aws:Nothing": "3"}})], True),
        ([statement(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:ses:*:1:*"}})], True),
        ([statement(), statement(Effect="Deny")], False),
        ([statement(), statement(Effect="Deny", Principal="*", Condition={
            "Bool": {"aws:SecureTransport": "false"}})], True),
        ([statement(), statement(Effect="Deny", Condition={
            "StringNotEquals": {"aws:SourceAccount": "1"}})], True),
        ([statement(), statement(Effect="Deny", Condition={
            "StringNotEquals": {"aws:Nothing": "1"}})], False),
        ([statement(), statement(Effect="Deny", Condition={"DateLessThan": {"a": "b"}})], None),
        ([statement(), {"Effect": "Deny", "Principal": "*", "NotAction": "s3:*"}], None),
    ],
)  # fmt: skip
def test_what_a_policy_allows(statements, answer):
    context = {
        "aws:sourceaccount": "1",
        "aws:sourcearn": "arn:aws:ses:us-east-1:1:receipt-rule-set/x",
        "aws:securetransport": "true",
    }
    asked = ("ses.amazonaws.com", "s3:PutObject", "arn:aws:s3:::b/inbound/mail", context)
    assert allows(json.dumps({"Statement": statements}), *asked) is answer


RECORDS = {
    ("shop.org.", "MX"): ["20 MAIL.shop.org.", "10 mx.shop.org."],
    ("_dmarc.shop.org.", "TXT"): ['"v=DMARC1; " "p=reject"', '"something else"'],
    ("key.shop.org.", "CNAME"): ["Token.dkim.AmazonSES.com."],
}


class Server(socketserver.BaseRequestHandler):
    def handle(self):
        packet, socket = self.request
        query = dns.message.from_wire(packet)
        name, kind = query.question[0].name.to_text(), query.question[0].rdtype
        answer = dns.message.make_response(query)
        values = RECORDS.get((name, dns.rdatatype.to_text(kind)))
        if name == "silent.org.":
            return
        if name == "broken.org.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif values:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *values))
        elif name != "shop.org.":
            answer.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(answer.to_wire(), self.client_address)


@contextmanager
def dns_server():
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        yield PublicDns(resolver, seconds=1.0)
        server.shutdown()
        thread.join()


def test_looking_up_names():
    with dns_server() as look_up:
        assert set(look_up("shop.org", "MX")) == {"20 mail.shop.org", "10 mx.shop.org"}
        assert look_up("key.shop.org", "CNAME") == ("token.dkim.amazonses.com",)
        assert look_up("shop.org", "TXT") == look_up("nowhere.org", "MX") == ()
        assert dmarc(look_up, "support.shop.org") == ("shop.org", "v=DMARC1; p=reject")
        assert dmarc(look_up, "nowhere.org") is None
        assert look_up("broken.org", "MX") == Unanswered(
            "the DNS servers of broken.org do not answer"
        )
        nobody = Unanswered("no DNS server answers this machine")
        assert look_up("silent.org", "MX") == nobody
        assert look_up("shop.org", "MX") == nobody  # and does not wait for each name again


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("support.example.com", True),
        ("corp.example", True),
        ("localhost", True),
        ("myexample.com", False),
        ("example.de", False),
        ("test.shop.org", False),
    ],
)
def test_names_that_nobody_can_have(name, answer):
    assert reserved(name) is answer
