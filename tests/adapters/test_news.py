"""The teller of news against stubs: what is asked, and what each answer means."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from botocore.stub import Stubber

from emailchannel.aws.news import Teller
from emailchannel.errors import Retryable, Unprocessable
from emailchannel.happened import Event, Publication

SESSION = boto3.Session("x", "x", region_name="eu-west-1")
NEWS = Publication("publishMessage", {"caseId": "c", "id": "1", "direction": "IN"})


@pytest.fixture
def client():
    return SESSION.client("events")


@pytest.fixture
def appsync():
    """A server that answers with what is in `answers`, and keeps what it was asked."""
    answers, asked = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            asked.append((dict(self.headers), json.loads(body)))
            status, answer = answers.pop(0)
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/graphql", answers, asked
    server.shutdown()
    server.server_close()


def test_more_than_ten_events_are_two_calls(client):
    told = [Event("Case Opened", {"n": n}) for n in range(11)]
    taken = {"FailedEntryCount": 0, "Entries": []}
    entries = [
        {"Source": "email-channel", "DetailType": "Case Opened", "Detail": f'{{"n": {n}}}',
         "EventBusName": "bus"}
        for n in range(11)
    ]  # fmt: skip
    with Stubber(client) as stub:
        stub.add_response("put_events", taken, {"Entries": entries[:10]})
        stub.add_response("put_events", taken, {"Entries": entries[10:]})
        Teller(client, "bus", "", SESSION).tell(told)
        stub.assert_no_pending_responses()


def test_an_event_that_was_not_taken_is_told_again(client):
    answer = {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, {"ErrorCode": "Internal"}]}
    with Stubber(client) as stub:
        stub.add_response("put_events", answer)
        with pytest.raises(Retryable, match="Internal"):
            Teller(client, "bus", "", SESSION).tell([Event("Case Opened", {})] * 2)


def test_a_publication_is_a_signed_mutation(client, appsync):
    url, answers, asked = appsync
    answers.append((200, b'{"data": {"publishMessage": {"id": "1"}}}'))
    Teller(client, "bus", url, SESSION).publish(NEWS)
    [(headers, body)] = asked
    assert "/eu-west-1/appsync/aws4_request" in headers["Authorization"]
    assert body["variables"] == {"event": NEWS.event}
    assert body["query"].startswith("mutation($event: MessageEventInput!) { publishMessage(")


@pytest.mark.parametrize(
    ("status", "answer", "meaning"),
    [
        (503, b"", Retryable),
        (429, b"", Retryable),
        (401, b"{}", Unprocessable),
        (200, b'{"errors": [{"errorType": "Unauthorized"}]}', Unprocessable),
    ],
)
def test_what_an_answer_of_appsync_means(client, appsync, status, answer, meaning):
    url, answers, _ = appsync
    answers.append((status, answer))
    with pytest.raises(meaning):
        Teller(client, "bus", url, SESSION).publish(NEWS)


def test_nobody_there_is_tried_again(client):
    with pytest.raises(Retryable):
        Teller(client, "bus", "http://127.0.0.1:9/graphql", SESSION).publish(NEWS)
