"""Adds each delivery event to the row of its mail (sample stack)."""

import json
import os

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    for record in event["Records"]:
        try:
            content = json.loads(record["body"])
        except ValueError:
            print("not an event:", record["body"])  # noqa: T201
            continue
        if "eventType" in content:
            dynamodb.update_item(
                TableName=os.environ["TABLE"],
                Key={"pk": {"S": content["mail"]["messageId"]}},
                UpdateExpression="ADD events :e",
                ExpressionAttributeValues={":e": {"SS": [content["eventType"]]}},
            )
