"""Answers each received mail and writes down what it did (sample stack)."""

import json
import os
import time
from email import message_from_bytes
from email.message import EmailMessage

import boto3

s3, dynamodb, ses, comprehend, secrets = (
    boto3.client(name) for name in ("s3", "dynamodb", "sesv2", "comprehend", "secretsmanager")
)


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            answer(json.loads(record["body"]))
        except Exception as error:
            print(f"failed: {error!r}")  # noqa: T201
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def answer(notification):
    key = notification["receipt"]["action"]["objectKey"]
    mail = message_from_bytes(s3.get_object(Bucket=os.environ["BUCKET"], Key=key)["Body"].read())
    print("received", mail["Subject"])  # noqa: T201
    if "fail" in mail["Subject"]:
        raise ValueError("told to fail")
    if "slow" in mail["Subject"]:
        time.sleep(0.4)
    secrets.get_secret_value(SecretId=os.environ["SECRET"])
    feeling = comprehend.detect_sentiment(Text=str(mail["Subject"]), LanguageCode="en")
    reply = EmailMessage()
    reply["From"] = os.environ["SENDER"]
    reply["To"] = notification["mail"]["source"]
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["References"] = mail["Message-ID"]
    reply["Message-ID"] = "<ours@corp.example>"
    reply.set_content("Thank you.")
    sent = ses.send_email(
        FromEmailAddress=os.environ["SENDER"],
        Destination={"ToAddresses": [notification["mail"]["source"]]},
        Content={"Raw": {"Data": reply.as_bytes()}},
        ConfigurationSetName=os.environ["CONFIGURATION_SET"],
        EmailTags=[{"Name": "kind", "Value": "answer"}],
    )
    dynamodb.update_item(  # an event may have been faster than this
        TableName=os.environ["TABLE"],
        Key={"pk": {"S": sent["MessageId"]}},
        UpdateExpression="SET subject = :s, feeling = :f, seen = :t",
        ExpressionAttributeValues={
            ":s": {"S": mail["Subject"]},
            ":f": {"S": feeling["Sentiment"]},
            ":t": {"N": str(time.time())},
        },
    )
