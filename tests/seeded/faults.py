"""The faults: each is one small edit that somebody could make by mistake."""

# ruff: noqa: E501 - one fault a line

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

TEMPLATE = "template.yaml"
Edit = Callable[[str], str]


@dataclass(frozen=True)
class Fault:
    """An edit of a file; `orders`: it may show in some orders of creation only."""

    name: str
    edit: Edit
    file: str = TEMPLATE
    orders: bool = False


class Misplaced(ValueError):
    """The text to be edited is not in its place exactly once."""


def once(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise Misplaced(f"{old!r} is {text.count(old)} times there")
    return text.replace(old, new)


def within(logical: str, old: str, new: str) -> Edit:
    """Replace a text that is once in a resource or parameter of the template."""

    def edit(text: str) -> str:
        block = _block(text, logical)
        return once(text, block, once(block, old, new))

    return edit


def without(*logical: str) -> Edit:
    """Take resources away."""

    def edit(text: str) -> str:
        for name in logical:
            text = once(text, _block(text, name), "")
        return text

    return edit


def _block(text: str, logical: str) -> str:
    found = re.findall(rf"^  {logical}:\n(?:    .*\n|\n)+", text, re.MULTILINE)
    if len(found) != 1:
        raise Misplaced(f"{logical} is {len(found)} times there")
    return found[0]


def everywhere(old: str, new: str) -> Edit:
    """Replace a text that is once in the whole file."""
    return lambda text: once(text, old, new)


def in_flow(kind: str, change: Callable[[dict], None]) -> Edit:
    """Change the first block of a kind in a contact flow."""

    def edit(text: str) -> str:
        flow = json.loads(text)
        change(next(block for block in flow["Actions"] if block["Type"] == kind))
        return json.dumps(flow, indent=2) + "\n"

    return edit


INBOUND = "contact_flows/email-Inbound.json"
WHISPER = "contact_flows/email-AgentWhisper.json"


def _no_error_branch(block: dict) -> None:
    block["Transitions"]["Errors"] = []


def _unknown_block(block: dict) -> None:
    block["Type"] = "InvokeLambda"


def _leads_nowhere(block: dict) -> None:
    block["Transitions"]["NextAction"] = "Nowhere"


def _wrong_token(block: dict) -> None:
    block["Parameters"]["LambdaFunctionARN"] = "${ContactFlowsFunctionArn}"


def _constant_arn(block: dict) -> None:
    arn = "arn:aws:lambda:us-east-1:111122223333:function:somebody-elses"
    block["Parameters"]["LambdaFunctionARN"] = arn


def _too_patient(block: dict) -> None:
    block["Parameters"]["InvocationTimeLimitSeconds"] = "60"


SQS = "sqs:SendMessage, Resource: "
FAULTS = (
    # Order of creation
    Fault("rules do not wait for the bucket's policy", within("ReceiptRules", "[MailBucketPolicy, MailTopicsPolicy]", "[MailTopicsPolicy]"), orders=True),
    Fault("rules do not wait for the topics' policy", within("ReceiptRules", "[MailBucketPolicy, MailTopicsPolicy]", "[MailBucketPolicy]"), orders=True),
    Fault("flows do not wait for the function's association", within("ContactFlows", "[ContactFlowAssociation, ContactFlowPermission]", "[ContactFlowPermission]"), orders=True),
    Fault("event destination does not wait for its topic's policy", within("DeliveryEvents", "    DependsOn: DeliveryTopicPolicy\n", ""), orders=True),
    Fault("rotation does not wait for its permission", within("KeyRotationSchedule", "    DependsOn: KeyRotationPermission\n", ""), orders=True),
    Fault("subscription does not wait for the queue's policy", within("InboundSubscription", "    DependsOn: MailQueuesPolicy\n", ""), orders=True),
    # Who may come in
    Fault("no policy of the mail bucket", lambda t: without("MailBucketPolicy")(once(t, "[MailBucketPolicy, MailTopicsPolicy]", "[MailTopicsPolicy]"))),
    Fault("no policy of the events queue", lambda t: without("EventsQueuePolicy")(once(t, "    DependsOn: EventsQueuePolicy\n", ""))),
    Fault("no policy of the delivery topic", lambda t: without("DeliveryTopicPolicy")(t.replace("    DependsOn: DeliveryTopicPolicy\n", ""))),
    Fault("bucket policy for another service", within("MailBucketPolicy", "Service: ses.amazonaws.com", "Service: sns.amazonaws.com")),
    Fault("bucket policy for another prefix", within("MailBucketPolicy", "${MailBucket.Arn}/relay/*", "${MailBucket.Arn}/relays/*")),
    Fault("bucket policy without TLS", within("MailBucketPolicy", 'Bool: {aws:SecureTransport: "false"}', 'Bool: {aws:SecureTransport: "true"}')),
    Fault("queue policy for one topic of two", within("MailQueuesPolicy", "[!Ref InboundTopic, !Ref RelayTopic]", "[!Ref InboundTopic]")),
    Fault("queue policy asks for a misspelt key", within("ContactEventsQueuePolicy", "aws:SourceArn", "aws:SourceARNs")),
    Fault("topic policy open to every account", within("DeliveryTopicPolicy", "            Condition: {StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}}\n", "")),
    Fault("public mail bucket", within("MailBucket", "BlockPublicPolicy: true", "BlockPublicPolicy: false")),
    Fault("encryption key without its administrators", within("EncryptionKey", ":root", ":role/admin")),
    Fault("Connect may not invoke the flows' function", lambda t: without("ContactFlowPermission")(once(t, "[ContactFlowAssociation, ContactFlowPermission]", "[ContactFlowAssociation]"))),
    Fault("schedule without permission", without("CaretakerPermission")),
    # What functions may do
    Fault("gateway may not read secrets", within("GatewayFunction", "secretsmanager:GetSecretValue, Resource: [!Ref CaseKey, !Ref RelayKeys]", "secretsmanager:GetSecretValue, Resource: [!Ref RelayKeys]")),
    Fault("sender may not send", within("SenderFunction", "ses:SendRawEmail", "ses:SendEmail")),
    Fault("sender may not use the configuration set", within("SenderFunction", '                - !Sub "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/${ConfigurationSet}"\n', "")),
    Fault("task starter may start no task", within("TaskStarterFunction", "${AmazonConnectInstanceArn}/contact-flow/*", "${AmazonConnectInstanceArn}/flow/*")),
    Fault("agent API may not query", within("AgentApiFunction", "dynamodb:DeleteItem, dynamodb:Query]", "dynamodb:DeleteItem]")),
    Fault("caretaker may not read the index", within("CaretakerFunction", "${Table.Arn}/index/todo", "${Table.Arn}/index/todos")),
    Fault("an action that does not exist", within("RelayFunction", "connect:SearchUsers", "connect:SearchUser")),
    Fault("an action by wildcard", within("RelayFunction", "connect:SearchUsers", "connect:Search*")),
    # References
    Fault("reference to nothing", within("GatewaySource", "!GetAtt IngestQueue.Arn", "!GetAtt IngestsQueue.Arn")),
    Fault("attribute that a resource has not", within("PageDistribution", "PageBucket.RegionalDomainName", "PageBucket.RegionalName")),
    Fault("source of another queue", within("DeliveryEventsSource", "!GetAtt EventsQueue.Arn", "!GetAtt SendQueue.Arn")),
    Fault("queue's name for its URL", within("RelayFunction", "SEND_QUEUE: !Ref SendQueue", "SEND_QUEUE: !GetAtt SendQueue.QueueName")),
    Fault("another configuration set", within("SenderFunction", "CONFIGURATION_SET: !Ref ConfigurationSet", "CONFIGURATION_SET: default")),
    Fault("missing environment variable", within("AgentApiFunction", "CASE_KEY: !Ref CaseKey, ", "")),
    Fault("misspelt environment variable", everywhere("DETECT_SENTIMENT:", "DETECT_SENTIMENTS:")),
    Fault("handler of another file", within("ContactEventsFunction", "contact_events.handler", "contact_event.handler")),
    # Work that gets lost
    Fault("a message is visible again too early", within("IngestQueue", "VisibilityTimeout: 720", "VisibilityTimeout: 60")),
    Fault("a message is visible again rather early", within("EventsQueue", "VisibilityTimeout: 360", "VisibilityTimeout: 90")),
    Fault("queue without dead letters", within("SendQueue", "      RedrivePolicy: {deadLetterTargetArn: !GetAtt SendDeadLetters.Arn, maxReceiveCount: 20}\n", "")),
    Fault("dead letters of a subscription lost", within("RelaySubscription", ", RedrivePolicy: {deadLetterTargetArn: !GetAtt RelayDeadLetters.Arn}", "")),
    Fault("a failure repeats its whole batch", within("ContactEventsSource", "      FunctionResponseTypes: [ReportBatchItemFailures]\n", "")),
    Fault("events without bounces", within("DeliveryEvents", "bounce, ", "")),
    Fault("events without deliveries", within("DeliveryEvents", "delivery, ", "")),
    Fault("an event type that SES does not know", within("DeliveryEvents", "deliveryDelay", "delayed")),
    # What is kept
    Fault("table goes with the stack", within("Table", "    DeletionPolicy: Retain\n", "")),
    Fault("bucket goes when replaced", within("MailBucket", "    UpdateReplacePolicy: Retain\n", "")),
    Fault("case key goes with the stack", within("CaseKey", "    DeletionPolicy: Retain\n", "")),
    Fault("encryption key goes with the stack", within("EncryptionKey", "    DeletionPolicy: Retain\n", "")),
    Fault("table not encrypted", within("Table", "{SSEEnabled: true}]", "{SSEEnabled: false}]")),
    Fault("queue not encrypted", within("TaskQueue", "      SqsManagedSseEnabled: !If [OwnKey, !Ref AWS::NoValue, true]\n", "      SqsManagedSseEnabled: false\n")),
    Fault("rows expire by another attribute", within("Table", "AttributeName: ttl", "AttributeName: expires")),
    Fault("table without its index", within("Table", "IndexName: todo\n", "IndexName: work\n")),
    Fault("secret without a generated key", within("RelayKeys", 'GenerateStringKey: "1"', 'GenerateStringKey: "2"')),
    Fault("logs are kept for ever", within("Logs", "      RetentionInDays: !Ref LogRetentionDays\n", "")),
    Fault("function logs elsewhere", everywhere(", LogGroup: !Ref Logs}", "}")),
    # Names and parameters
    Fault("function with a name", within("AgentApiFunction", "      Description: The agent page's API\n", "      Description: The agent page's API\n      FunctionName: agent-api\n")),
    Fault("bucket with a name", within("PageBucket", "    Properties:\n", "    Properties:\n      BucketName: agent-page\n")),
    Fault("parameter not described", within("ReopenDays", "    Description: Days in which a customer's mail opens a resolved case again. Later it opens a linked case.\n", "")),
    Fault("parameter not used", everywhere("        REOPEN_DAYS: !Ref ReopenDays\n", "")),
    Fault("parameter in no group", everywhere("UndoSeconds, RemindHours,", "RemindHours,")),
    # Page
    Fault("API refuses the page's origin", within("AgentApi", '          - !Sub "https://${PageDistribution.DomainName}"\n', "")),
    Fault("page may run scripts from everywhere", within("PageHeaders", "script-src 'self'", "script-src *")),
    Fault("page bucket unreadable for CloudFront", within("PageDistribution", "OriginAccessControlId: !GetAtt PageAccess.Id, ", "")),
    Fault("page over plain HTTP", within("PageDistribution", "redirect-to-https", "allow-all")),
    Fault("page not approved by Connect", without("PageApprovedOrigin")),
    Fault("page may be framed by everybody", within("PageHeaders", "\"'none'\"", '"*"')),
    Fault("API without a route to post", without("AgentApiPost")),
    Fault("alarm that tells nobody", within("FloodAlarm", "      AlarmActions: !If [HasAlarmEmail, [!Ref AlarmTopic], !Ref AWS::NoValue]\n", "")),
    # Other systems
    Fault("resolver does not wait for the schema", within("SendMessageField", "    DependsOn: MessagesSchema\n", ""), orders=True),
    Fault("resolver of a field that is not there", within("PostMessageField", "FieldName: postMessage", "FieldName: postMessages")),
    Fault("field without a resolver", without("ConversationField")),
    Fault("AppSync may not call the function", within("CallMessagesApiFunctionRole", "lambda:InvokeFunction", "lambda:GetFunction")),
    Fault("messages API may not list", within("MessagesApiFunction", "dynamodb:Query, ", "")),
    Fault("publisher may not put events", within("PublisherFunction", "events:PutEvents", "events:PutRule")),
    Fault("publisher may publish one of two", within("PublisherFunction", ', !Sub "${MessagesApi.Arn}/types/Mutation/fields/publishDeliveryStatus"', "")),
    Fault("publisher does not see messages", within("PublisherSource", """          - Pattern: '{"dynamodb": {"Keys": {"sk": {"S": [{"prefix": "MSG#"}]}}}}'\n""", "")),
    Fault("news that were given up are lost", within("PublisherSource", "      DestinationConfig: {OnFailure: {Destination: !GetAtt NewsFailures.Arn}}\n", "")),
    Fault("a failure repeats its whole batch of news", within("NotifierSource", "      FunctionResponseTypes: [ReportBatchItemFailures]\n", "")),
    Fault("stream without old images", within("Table", "NEW_AND_OLD_IMAGES", "NEW_IMAGE")),
    # Contact flows
    Fault("flow is no JSON", lambda text: text[:-3], INBOUND),
    Fault("flow with a block Connect does not know", in_flow("InvokeLambdaFunction", _unknown_block), INBOUND),
    Fault("flow without a branch for errors", in_flow("InvokeLambdaFunction", _no_error_branch), INBOUND),
    Fault("flow leads nowhere", in_flow("InvokeLambdaFunction", _leads_nowhere), WHISPER),
    Fault("flow with an unknown token", in_flow("InvokeLambdaFunction", _wrong_token), INBOUND),
    Fault("flow invokes a function of somebody else", in_flow("InvokeLambdaFunction", _constant_arn), WHISPER),
    Fault("flow waits longer than Connect allows", in_flow("InvokeLambdaFunction", _too_patient), INBOUND),
)  # fmt: skip
