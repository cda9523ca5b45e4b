"""The template: least privilege, no lost work, nothing to click."""

import json
import re
from pathlib import Path

import pytest
from policy_sentry.querying.actions import get_action_data

from local import deploy

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"
TRANSLATED = deploy.translate(TEMPLATE)
RESOURCES = TRANSLATED["Resources"]
NO_VALUE = {"Ref": "AWS::NoValue"}


def of_type(kind):
    return {name: r for name, r in RESOURCES.items() if r["Type"] == kind}


def statements():
    for name, role in of_type("AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                for action in [actions] if isinstance(actions, str) else actions:
                    resources = statement["Resource"]
                    yield name, action, resources if isinstance(resources, list) else [resources]


def test_no_action_is_a_wildcard():
    assert [(role, action) for role, action, _ in statements() if "*" in action] == []


def test_every_action_exists():
    for _, action, _ in statements():
        service, _, name = action.partition(":")
        assert get_action_data(service, name), action


def test_a_resource_is_a_star_only_where_aws_knows_no_better():
    for role, action, resources in statements():
        if "*" in resources:
            service, _, name = action.partition(":")
            [rows] = get_action_data(service, name).values()
            formats = {row["resource_arn_format"] for row in rows}
            # Comprehend's endpoints are for models one trained oneself: the standard model has none
            formats = {known for known in formats if ":comprehend:" not in known} | {"*"}
            assert formats == {"*"}, f"{role}: {action} could name {formats}"


def test_every_function_has_a_role_of_its_own():
    roles = [json.dumps(f["Properties"]["Role"]) for f in of_type("AWS::Lambda::Function").values()]
    assert len(roles) == len(set(roles))
    for role in of_type("AWS::IAM::Role").values():
        assert "RoleName" not in role["Properties"]  # would ask for CAPABILITY_NAMED_IAM


FAILURES = {"CaretakerFailures", "NewsFailures"}


def test_a_stream_is_followed_to_its_end_and_nobody_is_held_up():
    followed = [
        mapping["Properties"]
        for mapping in of_type("AWS::Lambda::EventSourceMapping").values()
        if "StartingPosition" in mapping["Properties"]
    ]
    assert followed
    for properties in followed:
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert properties["BisectBatchOnFunctionError"] is True
        assert 0 < properties["MaximumRetryAttempts"] <= 20
        assert properties["MaximumRecordAgeInSeconds"] <= 86400
        failures = properties["DestinationConfig"]["OnFailure"]["Destination"]
        assert failures == {"Fn::GetAtt": ["NewsFailures", "Arn"]}


def test_a_change_is_told_with_what_was_before():
    view = RESOURCES["Table"]["Properties"]["StreamSpecification"]["StreamViewType"]
    assert view == "NEW_AND_OLD_IMAGES"


def test_a_field_is_resolved_once_the_schema_has_it():
    resolvers = of_type("AWS::AppSync::Resolver").values()
    assert resolvers and all(one["DependsOn"] == "MessagesSchema" for one in resolvers)


def test_every_work_queue_has_a_dead_letter_queue_that_keeps_for_14_days():
    queues = of_type("AWS::SQS::Queue")
    dead = {name for name in queues if name.endswith("DeadLetters")}
    looked_at = FAILURES  # of functions that nobody queues work for
    for name in dead | looked_at:
        assert queues[name]["Properties"]["MessageRetentionPeriod"] == 14 * 86400
    work = set(queues) - dead - looked_at
    assert {name.removesuffix("Queue") + "DeadLetters" for name in work} == dead
    for name in work:
        target = queues[name]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]
        assert target == {"Fn::GetAtt": [name.removesuffix("Queue") + "DeadLetters", "Arn"]}


def test_a_message_stays_hidden_for_six_times_its_functions_timeout():
    mappings = of_type("AWS::Lambda::EventSourceMapping")
    assert mappings
    for mapping in mappings.values():
        properties = mapping["Properties"]
        if "StartingPosition" in properties:  # a stream hides nothing
            continue
        queue = properties["EventSourceArn"]["Fn::GetAtt"][0]
        function = RESOURCES[properties["FunctionName"]["Ref"]]["Properties"]
        assert RESOURCES[queue]["Properties"]["VisibilityTimeout"] >= 6 * function["Timeout"]
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_what_holds_mail_survives_the_stack_and_is_closed_to_the_world():
    for name in ("MailBucket", "Table", "CaseKey"):
        assert RESOURCES[name]["DeletionPolicy"] == "Retain"
        assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"
    for bucket in of_type("AWS::S3::Bucket").values():
        assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
        assert "BucketName" not in bucket["Properties"]  # a second deployment must not collide


def test_functions_names_are_short_enough_for_connect():
    """An IntegrationAssociation takes ARNs of at most 140 characters: generated names fit."""
    for function in of_type("AWS::Lambda::Function").values():
        assert "FunctionName" not in function["Properties"]


def test_a_function_in_the_template_is_at_most_25_lines():
    text = TEMPLATE.read_text()
    blocks = re.split(r"\n(?=  \w+:\n)", text)
    functions = [block for block in blocks if "Type: AWS::Serverless::Function" in block]
    assert len(functions) == len(of_type("AWS::Lambda::Function"))
    for block in functions:
        lines = [x for x in block.splitlines() if x.strip() and not x.strip().startswith("#")]
        assert len(lines) <= 25, lines[0]


@pytest.mark.parametrize("name", sorted(TRANSLATED["Parameters"]))
def test_every_parameter_is_described_used_and_grouped(name):
    parameter = TRANSLATED["Parameters"][name]
    assert parameter["Description"]
    body = json.dumps({k: v for k, v in TRANSLATED.items() if k not in {"Parameters", "Metadata"}})
    used = f'{{"Ref": "{name}"}}' in body or f"${{{name}}}" in body
    assert used or name == "Architecture"
    groups = TRANSLATED["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sum(name in group["Parameters"] for group in groups) == 1


def test_only_what_nobody_can_guess_is_asked_for():
    asked = [n for n, p in TRANSLATED["Parameters"].items() if "Default" not in p]
    assert sorted(asked) == [
        "AgentEmailDomains",
        "AmazonConnectInstanceArn",
        "GeneralInquiryEmailAddress",
        "InquiryEmailAddressDomain",
    ]


def test_every_door_is_a_function_and_every_function_a_door():
    doors = {p.stem for p in (ROOT / "functions").glob("*.py")}
    handlers = {f["Properties"]["Handler"] for f in of_type("AWS::Lambda::Function").values()}
    assert handlers == {f"{door}.handler" for door in doors}


def test_every_function_writes_to_the_log_group_that_forgets():
    [group] = of_type("AWS::Logs::LogGroup").values()
    assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    for function in of_type("AWS::Lambda::Function").values():
        assert function["Properties"]["LoggingConfig"]["LogGroup"] == {"Ref": "Logs"}


OWN_KEY = {"Fn::GetAtt": ["EncryptionKey", "Arn"]}
NOTHING = {"Ref": "AWS::NoValue"}


def test_every_queue_is_encrypted_with_a_key_of_aws_or_with_the_own_one():
    for name, queue in of_type("AWS::SQS::Queue").items():
        of_aws, own = (queue["Properties"][n] for n in ("SqsManagedSseEnabled", "KmsMasterKeyId"))
        assert of_aws == {"Fn::If": ["OwnKey", NOTHING, True]}, name
        assert own == {"Fn::If": ["OwnKey", {"Ref": "EncryptionKey"}, NOTHING]}, name


def test_what_holds_mail_is_encrypted_and_can_be_restored():
    for bucket in of_type("AWS::S3::Bucket").values():
        assert bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    table = RESOURCES["Table"]["Properties"]
    own_key = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": OWN_KEY}
    assert table["SSESpecification"] == {"Fn::If": ["OwnKey", own_key, {"SSEEnabled": True}]}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert RESOURCES["MailBucket"]["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_the_key_of_kept_mail_is_kept_and_rotated():
    key = RESOURCES["EncryptionKey"]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert key["Properties"]["EnableKeyRotation"] is True


def test_every_failure_has_somewhere_to_go():
    for subscription in of_type("AWS::SNS::Subscription").values():
        if subscription["Properties"]["Protocol"] == "sqs":
            assert subscription["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]
    for rule in of_type("AWS::Events::Rule").values():
        for target in rule["Properties"]["Targets"]:
            assert target["DeadLetterConfig"]["Arn"]


def test_the_page_is_read_through_its_distribution_by_https_only():
    config = RESOURCES["PageDistribution"]["Properties"]["DistributionConfig"]
    [origin] = config["Origins"]
    assert origin["OriginAccessControlId"] == {"Fn::GetAtt": ["PageAccess", "Id"]}
    behaviour = config["DefaultCacheBehavior"]
    assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
    assert behaviour["ResponseHeadersPolicyId"] == {"Ref": "PageHeaders"}


def test_the_page_may_be_framed_by_nobody_or_the_instance_and_runs_its_own_scripts_only():
    headers = RESOURCES["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    [text, names] = headers["SecurityHeadersConfig"]["ContentSecurityPolicy"][
        "ContentSecurityPolicy"
    ]["Fn::Sub"]
    rules = dict(rule.strip().split(" ", 1) for rule in text.split(";"))
    assert rules["script-src"] == rules["default-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["frame-ancestors"] == "${Framing}"
    instance = {"Fn::GetAtt": ["ConnectInstance", "Origin"]}
    assert names == {"Framing": {"Fn::If": ["HasWorkspaceApp", instance, "'none'"]}}


def test_the_page_and_no_other_origin_may_call_api_bucket_and_connect():
    page = {"Fn::Sub": "https://${PageDistribution.DomainName}"}
    further = {"Fn::If": ["HasPageOrigin", {"Ref": "PageOrigin"}, {"Ref": "AWS::NoValue"}]}
    [rule] = RESOURCES["MailBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    api = RESOURCES["AgentApi"]["Properties"]["CorsConfiguration"]
    assert rule["AllowedOrigins"] == api["AllowOrigins"] == [page, further]
    assert RESOURCES["PageApprovedOrigin"]["Properties"]["Origin"] == page


def test_a_token_is_checked_before_a_session_without_a_task():
    authorizer, route = RESOURCES["AgentApiIssuer"], RESOURCES["AgentApiPerson"]
    assert authorizer["Condition"] == route["Condition"] == "HasOidc"
    tokens = {"Issuer": {"Ref": "OidcIssuer"}, "Audience": [{"Ref": "OidcAudience"}]}
    assert authorizer["Properties"]["AuthorizerType"] == "JWT"
    assert authorizer["Properties"]["JwtConfiguration"] == tokens
    assert route["Properties"]["RouteKey"] == "POST /sessions/person"
    assert route["Properties"]["AuthorizationType"] == "JWT"
    assert route["Properties"]["AuthorizerId"] == {"Ref": "AgentApiIssuer"}
    others = [
        one for name, one in of_type("AWS::ApiGatewayV2::Route").items() if name != "AgentApiPerson"
    ]
    assert all("AuthorizationType" not in one["Properties"] for one in others)


def test_every_alarm_tells_somebody_and_watches_what_is_there():
    for name, alarm in of_type("AWS::CloudWatch::Alarm").items():
        told = alarm["Properties"]["AlarmActions"]
        assert told == {"Fn::If": ["HasAlarmEmail", [{"Ref": "AlarmTopic"}], NO_VALUE]}, name
        assert alarm["Properties"]["Period"] >= 60
        assert alarm["Properties"]["TreatMissingData"]


# What is used before it may be used is not always refused: then the first mails are lost
@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("ReceiptRules", {"MailBucketPolicy", "MailTopicsPolicy"}),
        ("InboundSubscription", {"MailQueuesPolicy"}),
        ("RelaySubscription", {"MailQueuesPolicy"}),
        ("EventsSubscription", {"EventsQueuePolicy"}),
        ("DeliveryEvents", {"DeliveryTopicPolicy"}),
        ("SmsConfigurationSet", {"DeliveryTopicPolicy"}),
        ("KeyRotationSchedule", {"KeyRotationPermission"}),
        ("ContactFlows", {"ContactFlowAssociation", "ContactFlowPermission"}),
        ("PageFiles", {"PageBucketPolicy"}),
    ],
)
def test_who_may_come_in_is_settled_before_anybody_comes(name, first):
    named = RESOURCES[name]["DependsOn"]
    assert first <= ({named} if isinstance(named, str) else set(named))


def test_every_kind_of_delivery_event_is_heard():
    [destination] = of_type("AWS::SES::ConfigurationSetEventDestination").values()
    heard = destination["Properties"]["EventDestination"]["MatchingEventTypes"]
    told = {"send", "reject", "bounce", "complaint", "delivery", "renderingFailure"}
    assert told | {"deliveryDelay"} <= set(heard)


def variables(function):
    return function["Properties"]["Environment"]["Variables"]


def test_what_the_functions_read_of_their_environment_is_given_and_nothing_else():
    source = (ROOT / "functions" / "emailchannel" / "aws" / "settings.py").read_text()
    read = set(re.findall(r'\("([A-Z_]{3,})"', source))
    given = {name for f in of_type("AWS::Lambda::Function").values() for name in variables(f)}
    assert given - {"POWERTOOLS_SERVICE_NAME"} == read


def granted(logical, action):
    """What the role of a function may do this to."""
    documents = [p["PolicyDocument"] for p in RESOURCES[f"{logical}Role"]["Properties"]["Policies"]]
    for statement in (s for document in documents for s in document["Statement"]):
        actions, resources = statement["Action"], statement["Resource"]
        if action in (actions if isinstance(actions, list) else [actions]):
            yield from resources if isinstance(resources, list) else [resources]


@pytest.mark.parametrize("logical", sorted(of_type("AWS::Lambda::Function")))
def test_a_function_knows_the_name_of_what_it_may_write_to_or_read(logical):
    known = variables(RESOURCES[logical])
    queues = [value for name, value in known.items() if name.endswith("_QUEUE")]
    sent = {arn["Fn::GetAtt"][0] for arn in granted(logical, "sqs:SendMessage")}
    assert FAILURES | {value["Ref"] for value in queues} == FAILURES | sent
    secrets = [known[name]["Ref"] for name in ("CASE_KEY", "RELAY_KEYS") if name in known]
    read = {arn["Ref"] for arn in granted(logical, "secretsmanager:GetSecretValue")}
    assert set(secrets) == read


def test_whoever_calls_a_function_may():
    allowed = {
        (p["FunctionName"]["Ref"], json.dumps(p.get("SourceArn")))
        for p in (r["Properties"] for r in of_type("AWS::Lambda::Permission").values())
    }
    callers = []
    for rule, resource in of_type("AWS::Events::Rule").items():
        for target in resource["Properties"]["Targets"]:
            function = target["Arn"]["Fn::GetAtt"][0]
            if RESOURCES[function]["Type"] == "AWS::Lambda::Function":
                callers.append((function, json.dumps({"Fn::GetAtt": [rule, "Arn"]})))
    for resource in of_type("AWS::SecretsManager::RotationSchedule").values():
        properties = resource["Properties"]
        function = properties["RotationLambdaARN"]["Fn::GetAtt"][0]
        callers.append((function, json.dumps(properties["SecretId"])))
    assert len(callers) >= 2
    assert set(callers) <= allowed
