"""SmsTexts against botocore's stubbed service: what is asked, and what each answer means."""

import boto3
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from emailchannel.app.values import EMAIL, SMS
from emailchannel.aws import items
from emailchannel.aws.ses import ONE_ATTEMPT
from emailchannel.aws.sms import SmsTexts
from emailchannel.ports import Accepted, NotAccepted, Outgoing, Unsure

NUMBER, OURS = "+14155550123", "+12065550100"
OUT = Outgoing("o1", "", "", "sent/o1.txt", OURS, (NUMBER,), attempt=2, method=SMS)
REQUEST = {
    "DestinationPhoneNumber": NUMBER,
    "OriginationIdentity": OURS,
    "MessageBody": "Hello",
    "MessageType": "TRANSACTIONAL",
    "Context": {"outbox": "o1", "attempt": "2"},
}


@pytest.fixture
def client():
    return boto3.client(
        "pinpoint-sms-voice-v2",
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=ONE_ATTEMPT,
    )


@pytest.mark.parametrize("chosen", ["", "set-1"])
def test_one_text_is_one_call_with_its_way_back(client, chosen):
    expected = REQUEST | ({"ConfigurationSetName": chosen} if chosen else {})
    with Stubber(client) as stub:
        stub.add_response("send_text_message", {"MessageId": "m1"}, expected)
        assert SmsTexts(client, chosen).send(OUT, "Hello") == Accepted("m1")
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "status", "reason", "found"),
    [
        ("ThrottlingException", 400, "", NotAccepted("ThrottlingException", again=True)),
        ("InternalServerException", 500, "", Unsure("InternalServerException")),
        ("ServiceUnavailable", 503, "", Unsure("ServiceUnavailable")),
        ("AccessDeniedException", 400, "", NotAccepted("AccessDeniedException", again=False)),
        ("ValidationException", 400, "INVALID", NotAccepted("INVALID", again=False)),
        (
            "ConflictException",
            400,
            "DESTINATION_PHONE_NUMBER_OPTED_OUT",
            NotAccepted("DESTINATION_PHONE_NUMBER_OPTED_OUT", again=False),
        ),
        (
            "ServiceQuotaExceededException",
            402,
            "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT",
            NotAccepted("MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT", again=False),
        ),
    ],
)
def test_each_refusal_means_what_it_says(client, code, status, reason, found):
    with Stubber(client) as stub:
        more = {"modeled_fields": {"Reason": reason}} if reason else {}
        stub.add_client_error("send_text_message", code, http_status_code=status, **more)
        assert SmsTexts(client, "").send(OUT, "Hello") == found


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (EndpointConnectionError(endpoint_url="x"), NotAccepted("sms-unreachable", again=True)),
        (ConnectTimeoutError(endpoint_url="x"), NotAccepted("sms-unreachable", again=True)),
        (ReadTimeoutError(endpoint_url="x"), Unsure("ReadTimeoutError")),
        (ConnectionClosedError(endpoint_url="x"), Unsure("ConnectionClosedError")),
    ],
)
def test_only_an_answer_that_was_lost_leaves_doubt(error, found):
    class Broken:
        def send_text_message(self, **_request):
            raise error

    assert SmsTexts(Broken(), "").send(OUT, "Hello") == found


def test_what_the_sdk_itself_refuses_was_not_sent(client):
    assert SmsTexts(client, "").send(OUT, "") == NotAccepted("ValidationException", again=False)


def test_the_method_is_kept_and_rows_from_before_are_mails():
    row = items.outgoing_item(OUT)
    assert items.to_outgoing(row) == OUT
    del row["method"]
    assert items.to_outgoing(row).method == EMAIL
