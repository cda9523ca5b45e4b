"""Who may use the stack's buckets, queues, topics, functions and key from outside of it."""

import json

import pytest

from tests.deploy.resolved import Resolved, listed
from tests.deploy.test_policies import EVERYTHING

STACK = Resolved(**EVERYTHING)
PLAIN = Resolved()
ACCOUNT = STACK.place.account
TLS_ONLY = {"Bool": {"aws:SecureTransport": "false"}}
# It carries alarms alone, and by the policy that SNS gives each topic only its account publishes
WITHOUT_POLICY = {"AlarmTopic"}


def attached():
    """(logical id of the resource, its policy) of every bucket, queue and topic."""
    found = []
    for kind, member in (
        ("S3::Bucket", "Bucket"),
        ("SQS::Queue", "Queues"),
        ("SNS::Topic", "Topics"),
    ):
        for properties in STACK.of_type(f"AWS::{kind}Policy").values():
            targets = {str(target).split(":")[-1] for target in listed(properties[member])}
            for name in STACK.of_type(f"AWS::{kind}"):
                own = STACK.fill({"Ref": name}).split(":")[-1]
                if own in targets:
                    found.append((name, properties["PolicyDocument"]))
    return found


def key_statements():
    return STACK.of_type("AWS::KMS::Key")["EncryptionKey"]["KeyPolicy"]["Statement"]


def allowances():
    """Every statement of a resource policy that allows something, with where it stands."""
    statements = [(name, s) for name, document in attached() for s in document["Statement"]]
    statements += [("EncryptionKey", statement) for statement in key_statements()]
    return [(name, s) for name, s in statements if s["Effect"] == "Allow"]


def asked(statement):
    """condition key in lower case -> its values."""
    tests = statement.get("Condition", {}).values()
    return {key.lower(): listed(value) for test in tests for key, value in test.items()}


def services(statement):
    principal = statement["Principal"]
    return set(listed(principal.get("Service", []))) if isinstance(principal, dict) else set()


def test_each_bucket_queue_and_topic_has_one_policy():
    """CloudFormation puts a policy over the one before it: two would undo one another."""
    names = [name for name, _ in attached()]
    assert len(names) == len(set(names))
    kinds = ("AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic")
    assert {name for kind in kinds for name in STACK.of_type(kind)} - WITHOUT_POLICY == set(names)


@pytest.mark.parametrize(("name", "document"), attached(), ids=[name for name, _ in attached()])
def test_nobody_comes_without_tls(name, document):
    [denial] = [s for s in document["Statement"] if s.get("Sid") == "TlsOnly"]
    assert (denial["Effect"], denial["Principal"]) == ("Deny", "*")
    assert denial["Condition"] == TLS_ONLY
    arn = STACK.place.arn(name, STACK.types[name])
    whole = [arn, f"{arn}/*"] if STACK.types[name] == "AWS::S3::Bucket" else [arn]
    assert listed(denial["Resource"]) in (whole, ["*"])


def test_nobody_is_anybody():
    """Only the key names no principal, and then the caller's account and the way he comes."""
    anybody = [
        (name, statement)
        for name, statement in allowances()
        if statement["Principal"] in ("*", {"AWS": "*"})
    ]
    assert {name for name, _ in anybody} == {"EncryptionKey"}
    for _, statement in anybody:
        assert asked(statement)["kms:calleraccount"] == [ACCOUNT]
        assert asked(statement)["kms:viaservice"]


@pytest.mark.parametrize(
    ("name", "statement"), [(n, s) for n, s in allowances() if services(s)], ids=str
)
def test_a_service_acts_for_this_account_only(name, statement):
    """Otherwise anybody's SES, SNS or EventBridge could be told to write here (confused deputy)."""
    conditions = asked(statement)
    sources = {"aws:sourceaccount", "aws:sourcearn", "kms:encryptioncontext:aws:logs:arn"}
    values = [value for key in sources & set(conditions) for value in conditions[key]]
    assert values
    assert all(ACCOUNT in value for value in values)


def test_a_function_is_invoked_for_this_account_only():
    permissions = STACK.of_type("AWS::Lambda::Permission")
    assert permissions
    for name, permission in permissions.items():
        source = permission.get("SourceArn", "")
        assert permission.get("SourceAccount") == ACCOUNT or f":{ACCOUNT}:" in source, name
        assert source, name
        assert permission["Action"] == "lambda:InvokeFunction"
        assert permission["Principal"].endswith(".amazonaws.com")


def may_send(service, source, queue):
    """Whether the queue's policy lets the service send in the name of `source` (an ARN)."""
    policies = [
        document
        for name, document in attached()
        if STACK.place.arn(name, STACK.types[name]) == queue
    ]
    return any(
        service in services(s) and source in asked(s).get("aws:sourcearn", [])
        for document in policies
        for s in document["Statement"]
    )


def test_what_is_delivered_may_come_in_and_so_may_what_could_not_be_delivered():
    edges = []
    for subscription in STACK.of_type("AWS::SNS::Subscription").values():
        topic, dead = subscription["TopicArn"], subscription["RedrivePolicy"]["deadLetterTargetArn"]
        edges += [("sns.amazonaws.com", topic, queue) for queue in (subscription["Endpoint"], dead)]
    for name, rule in STACK.of_type("AWS::Events::Rule").items():
        arn = STACK.place.arn(name, "AWS::Events::Rule")
        for target in rule["Targets"]:
            queues = [target["Arn"], target["DeadLetterConfig"]["Arn"]]
            edges += [("events.amazonaws.com", arn, queue) for queue in queues if ":sqs:" in queue]
    assert len(edges) >= 9
    for service, source, queue in edges:
        assert may_send(service, source, queue), (service, source, queue)


# The key of one's own


def test_all_that_holds_mail_is_encrypted_with_the_key_or_with_none_of_ours():
    arn = STACK.place.arn("EncryptionKey", "AWS::KMS::Key")
    expected = {
        *STACK.of_type("AWS::SQS::Queue"),
        *STACK.of_type("AWS::SNS::Topic"),
        *STACK.of_type("AWS::SecretsManager::Secret"),
        "MailBucket",
        "Table",
        "Logs",
    }
    keyed = {
        name
        for name, resource in STACK.resources.items()
        if any(f'"{key}"' in json.dumps(resource) for key in (arn, arn.split(":", 5)[5]))
    }
    assert expected - keyed <= WITHOUT_POLICY
    assert "EncryptionKey" not in PLAIN.resources
    assert "KmsMasterKeyId" not in json.dumps(PLAIN.resources)


def test_the_account_keeps_the_administration_of_its_key():
    """Without this statement nobody could ever change the key again."""
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    [administration] = [s for s in key_statements() if s["Principal"] == root]
    assert administration["Action"] == "kms:*"
    assert "Condition" not in administration


@pytest.mark.parametrize("service", ["ses", "sns", "events"])
def test_a_service_that_delivers_may_use_the_key(service):
    """SES writes to the bucket and the topics, SNS and EventBridge to the queues."""
    [statement] = [s for s in key_statements() if f"{service}.amazonaws.com" in services(s)]
    assert {"kms:Decrypt", "kms:GenerateDataKey*"} <= set(statement["Action"])
    assert asked(statement)["aws:sourceaccount"] == [ACCOUNT]


@pytest.mark.parametrize("service", ["s3", "dynamodb", "sqs", "secretsmanager"])
def test_a_role_may_use_the_key_through_a_service_that_stores(service):
    [statement] = [s for s in key_statements() if "kms:viaservice" in asked(s)]
    assert f"{service}.{STACK.place.region}.amazonaws.com" in asked(statement)["kms:viaservice"]
    assert {"kms:Decrypt", "kms:GenerateDataKey*"} <= set(statement["Action"])


def test_the_logs_may_use_the_key_for_this_stacks_groups():
    service = f"logs.{STACK.place.region}.amazonaws.com"
    [statement] = [s for s in key_statements() if service in services(s)]
    [group] = asked(statement)["kms:encryptioncontext:aws:logs:arn"]
    assert STACK.place.arn("Logs", "AWS::Logs::LogGroup").startswith(group.removesuffix("*"))


@pytest.mark.parametrize(("wanted", "out", "into"), [("true", "REQUIRE", "Require"),
                                                    ("false", "OPTIONAL", "Optional")])  # fmt: skip
def test_mail_without_tls_is_refused_both_ways_where_that_is_wanted(wanted, out, into):
    stack = Resolved(RequireTls=wanted)
    [chosen] = stack.of_type("AWS::SES::ConfigurationSet").values()
    assert chosen["DeliveryOptions"] == {"TlsPolicy": out}
    [rules] = stack.of_type("Custom::ReceiptRules").values()
    assert rules["TlsPolicy"] == into
