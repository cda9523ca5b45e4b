"""Other systems send and list messages: over HTTP, with the library that they would use."""

import base64
import json
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from gql.transport.exceptions import TransportQueryError, TransportServerError

from emailchannel.app.ulid import in_case, is_ulid, time_of
from local.testing import alias_of, fetch, stack
from tests.api import LIST, Api, bounce, refused
from tests.builders import mail, reply_to

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_numbers = count(1)


@pytest.fixture(scope="module")
def shared():
    with stack(SendAcknowledgement="false", UndoSeconds="0", ApiRequestsPerSecond="500") as world:
        yield world


@pytest.fixture(scope="module")
def api(shared):
    return Api(shared)


def person():
    return f"person{next(_numbers)}@customer.example"


def b64(octets):
    return base64.b64encode(octets).decode()


def id_of(message):
    return in_case(message.at, message.case_id, message.id)


def last_sent(s, to):
    return [one for one in s.sent() if one["recipients"] == [to]][-1]


# --- Sending --------------------------------------------------------------------------------------


def test_a_message_is_sent_and_tells_all_that_is_known_of_it(shared, api):
    to = person()
    before = datetime.now(UTC) - timedelta(seconds=2)
    made = api.send(to, "Your invoice", "Dear Ann,\n\nhere it is.", senderId="billing",
                    recipientId="c-17")  # fmt: skip
    assert is_ulid(made["id"]) and time_of(made["id"]) == milliseconds(made["createdAt"])
    assert datetime.fromisoformat(made["createdAt"]) >= before
    assert made | {"id": "", "createdAt": ""} == {
        "id": "",
        "direction": "OUT",
        "deliveryMethod": "EMAIL",
        "deliveryStatus": "ACCEPTED",
        "deliveryReason": None,
        "createdAt": "",
        "from": f"support@{shared.domain}",
        "to": to,
        "subject": "Your invoice",
        "body": "Dear Ann,\n\nhere it is.",
        "html": None,
        "attachments": [],
        "senderId": "billing",
        "recipientId": "c-17",
        "caseId": None,
        "authenticated": True,
        "segments": None,
        "encoding": None,
    }
    shared.settle()
    raw = last_sent(shared, to)["raw"].decode()
    assert "here it is." in raw and "\nSubject: Your invoice\n" in raw.replace("\r", "")
    assert api.one(made["id"]) == made | {"deliveryStatus": "DELIVERED"}


def milliseconds(text):
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_html_is_cleaned_and_files_come_with_it(shared, api):
    to = person()
    files = [
        {"filename": "../list.csv", "contentType": "text/csv", "content": b64(b"a;b\n1;2\n")},
        {"filename": "logo.png", "contentType": "image/png", "content": b64(PNG),
         "contentId": "logo"},
    ]  # fmt: skip
    html = '<p onclick="x()">Hello <b>Ann</b></p><script>alert(1)</script><img src="cid:logo">'
    made = api.send(to, body=None, html=html, attachments=files)
    assert made["body"] == "Hello Ann" and "script" not in made["html"]
    assert "onclick" not in made["html"] and "<b>Ann</b>" in made["html"]
    shared.settle()
    sent = last_sent(shared, to)["raw"].decode()
    assert "alert" not in sent and "Content-ID: <logo>" in sent
    told = {one["filename"]: one for one in api.one(made["id"])["attachments"]}
    assert told["list.csv"]["size"] == 8 and told["logo.png"]["inline"]
    assert told["logo.png"]["contentId"] == "logo"
    assert fetch(told["list.csv"]["url"])[2] == b"a;b\n1;2\n"
    assert fetch(told["logo.png"]["url"])[2] == PNG


def test_only_a_verified_address_is_written_from(shared, api):
    to = person()
    made = api.send(to, **{"from": f"Shop <news@{shared.domain}>"})
    assert made["from"] == f"news@{shared.domain}"
    shared.settle()
    assert f"From: Shop <news@{shared.domain}>" in last_sent(shared, to)["raw"].decode()
    for sender in (
        "boss@bank.example", f"x@evil.{shared.domain}", f"support@{shared.domain}.evil.example",
        f"support+abc@{shared.domain}, b@{shared.domain}", f"relay+x@{shared.domain}", "nobody",
        f"b@bank.example <a@{shared.domain}>, c@bank.example",
    ):  # fmt: skip
        assert "verified sender" in refused("InvalidInput", api.send, to, **{"from": sender})


def test_the_same_key_sends_once_and_never_something_else(shared, api):
    to = person()
    first = api.send(to, idempotencyKey="order-1")
    assert api.send(to, idempotencyKey="order-1")["id"] == first["id"]
    words = refused("Conflict", api.send, to, body="Other.", idempotencyKey="order-1")
    assert "idempotencyKey" in words
    shared.settle()
    assert api.send(to, idempotencyKey="order-1")["deliveryStatus"] == "DELIVERED"
    shared.settle()
    assert len([one for one in shared.sent() if one["recipients"] == [to]]) == 1


def forget_what_has_expired(s, now):
    """As DynamoDB does with rows whose ttl is over."""
    dynamodb, table = s.client("dynamodb"), s.resources["Table"]
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            if int(item.get("ttl", {"N": "9" * 12})["N"]) < now:
                dynamodb.delete_item(TableName=table, Key={n: item[n] for n in ("pk", "sk")})


@pytest.mark.parametrize("later", [61, 2 * 86_400])
def test_a_key_is_remembered_for_good(s, later):
    api, to = Api(s), person()
    case_id = api.open(to, key="open-1")["caseId"]
    calls = [
        lambda **more: api.send(to, idempotencyKey="order-1", **more),
        lambda **more: api.post(case_id, idempotencyKey="post-1", **more),
    ]
    made = [call()["id"] for call in calls]
    s.settle()
    s.at(datetime.now(UTC) + timedelta(seconds=later))
    forget_what_has_expired(s, time.time() + later)
    assert api.open(to, key="open-1")["caseId"] == case_id
    assert [call()["id"] for call in calls] == made
    for call in calls:
        refused("Conflict", call, body="Other.")
    refused("Conflict", api.open, person(), key="open-1")
    s.settle()
    assert len([one for one in s.sent() if one["recipients"] == [to]]) == 2


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"to": "nobody"}, "InvalidRecipient", "domain"),
        ({"to": ""}, "InvalidRecipient", "one email address"),
        ({"to": "a@customer.example, b@customer.example"}, "InvalidRecipient", "one email"),
        ({"to": "a@localhost"}, "InvalidRecipient", "domain"),
        ({"to": "jürgen@customer.example"}, "InvalidRecipient", "special letters"),
        ({"to": "a@customer.example\r\nBcc: b@evil.example"}, "InvalidRecipient", ""),
        ({"to": "support@support.example.com"}, "InvalidRecipient", "come back"),
        ({"body": ""}, "InvalidInput", "nothing to send"),
        ({"senderId": "x" * 201}, "InvalidInput", "senderId"),
        ({"senderId": "rule:welcome"}, "InvalidInput", "a rule's own"),
        ({"recipientId": "x" * 201}, "InvalidInput", "recipientId"),
        ({"idempotencyKey": "x" * 201}, "InvalidInput", "idempotencyKey"),
        ({"body": "x" * 200_001}, "TooLarge", "200000"),
        ({"html": "x" * 200_001}, "TooLarge", "200000"),
        ({"attachments": [{"filename": "a", "content": "!"}]}, "InvalidInput", "base64"),
        ({"attachments": [{"filename": "a", "content": "YQ==", "contentId": "a b"}]},
         "InvalidInput", "contentId"),
        ({"attachments": [{"filename": "a", "content": "YQ=="}] * 21}, "TooLarge", "20"),
        ({"attachments": [{"filename": "a", "content": "A" * 5_333_336}]}, "TooLarge", "4 MB"),
        ({"caseId": "00000000000000000000"}, "NotFound", "case"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_with_a_type_and_words(api, given, kind, words):
    assert words in refused(kind, api.send, **{"to": person(), **given})


def test_a_bounce_is_told_and_the_address_is_not_written_to_again(shared, api):
    to = person()
    shared.ses_events("manual")
    made = api.send(to)
    shared.settle()
    shared.emit(bounce(last_sent(shared, to)))
    shared.settle()
    shared.ses_events("auto")
    told = api.one(made["id"])
    assert told["deliveryStatus"] == "BOUNCED"
    assert "no such address" in told["deliveryReason"] and "550 5.1.1" in told["deliveryReason"]
    assert "bounced before" in refused("Suppressed", api.send, to)
    assert len([one for one in shared.sent() if one["recipients"] == [to]]) == 1


def test_an_address_that_is_taken_off_the_list_is_written_to_again(shared, api):
    to = person()
    ses = shared.client("sesv2")
    ses.put_suppressed_destination(EmailAddress=to, Reason="COMPLAINT")
    assert "complained" in refused("Suppressed", api.send, to)
    ses.delete_suppressed_destination(EmailAddress=to)
    assert api.send(to)["deliveryStatus"] == "ACCEPTED"


def test_a_lost_answer_of_ses_is_unknown_until_an_event_tells(s):
    api, to = Api(s), person()
    s.ses_events("manual")
    s.fault("ses:SendRawEmail", "timeout-after")
    made = api.send(to)
    s.settle()
    assert api.one(made["id"])["deliveryStatus"] == "ACCEPTED"  # being sent, as far as we know
    s.at(datetime.now(UTC) + timedelta(minutes=20))
    s.invoke("caretaker", {})
    assert api.one(made["id"])["deliveryStatus"] == "UNKNOWN"
    [sent] = [one for one in s.sent() if one["recipients"] == [to]]
    event = bounce(sent)
    s.emit({"eventType": "Send", "mail": event["mail"], "send": {}})
    s.settle()
    assert api.one(made["id"])["deliveryStatus"] == "SENT"
    assert len([one for one in s.sent() if one["recipients"] == [to]]) == 1


# --- Who may call ---------------------------------------------------------------------------------


def test_without_a_key_or_with_a_wrong_one_nothing_is_answered(shared):
    for key in ("", "da2-00000000000000000000000000"):
        request = urllib.request.Request(
            shared.outputs["MessagesApiUrl"],
            json.dumps({"query": '{ message(id: "x") { id } }'}).encode(),
            {"x-api-key": key} if key else {},
        )
        with pytest.raises(urllib.error.HTTPError) as found:
            urllib.request.urlopen(request)
        assert found.value.code == 401
        found.value.close()
    with pytest.raises((TransportServerError, TransportQueryError), match=r"401|not authorized"):
        Api(shared, "wrong").one("x")


def test_a_key_dies_after_a_year(s):
    told = datetime.fromisoformat(s.outputs["MessagesApiKeyExpires"])
    assert timedelta(days=363) < told - datetime.now(UTC) < timedelta(days=366)
    s.at(told + timedelta(hours=2))
    with pytest.raises((TransportServerError, TransportQueryError), match=r"401|not authorized"):
        Api(s).one("x")


def signed(s, query, credentials):
    """The answer to a request that is signed as IAM wants it: (status, JSON)."""
    body = json.dumps({"query": query}).encode()
    request = AWSRequest("POST", s.outputs["MessagesApiUrl"], {"content-type": "application/json"},
                         body)  # fmt: skip
    SigV4Auth(credentials, "appsync", "us-east-1").add_auth(request)
    wire = urllib.request.Request(request.url, body, dict(request.headers.items()))
    try:
        with urllib.request.urlopen(wire) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def user(s, *fields):
    """Credentials of an IAM user who may call these fields."""
    iam, name = s.client("iam"), f"app{next(_numbers)}"
    iam.create_user(UserName=name)
    arn = f"arn:aws:appsync:us-east-1:{s.account}:apis/{s.resources['MessagesApi']}/types"
    statement = {"Effect": "Allow", "Action": "appsync:GraphQL",
                 "Resource": [f"{arn}/{field}" for field in fields]}  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="call", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def test_iam_opens_what_it_grants_and_nothing_else(shared):
    reader = user(shared, "Query/fields/getMessages")
    listing = '{ getMessages(filter: {to: "a@b.example"}) { data { id } } }'
    assert signed(shared, listing, reader) == (200, {"data": {"getMessages": {"data": []}}})
    status, told = signed(shared, '{ message(id: "x") { id } }', reader)
    assert (status, told["errors"][0]["errorType"]) == (401, "UnauthorizedException")


def test_nobody_with_a_key_can_publish_to_subscribers(shared, api):
    publish = """mutation { publishMessage(event: {caseId: "c", id: "i", direction: IN,
        createdAt: "2026-01-01T00:00:00Z"}) { caseId id direction createdAt } }"""
    with pytest.raises(TransportQueryError) as found:
        api.ask(publish)
    assert found.value.errors[0]["errorType"] == "Unauthorized"
    publisher = user(shared, "Mutation/fields/publishMessage")
    status, told = signed(shared, publish, publisher)
    assert (status, told["data"]["publishMessage"]["caseId"]) == (200, "c")


def test_a_caller_who_asks_too_much_is_told_to_wait():
    with stack(ApiRequestsPerSecond="1", SendAcknowledgement="false") as s:
        api = Api(s)
        for _ in range(2):
            api.one("x")
        from concurrent.futures import ThreadPoolExecutor

        def ask(_):
            try:
                return api_of(s).one("x") or "answered"
            except TransportQueryError as error:
                return error.errors[0]["errorType"]

        with ThreadPoolExecutor(6) as callers:
            found = list(callers.map(ask, range(6)))
        assert "Throttled" in found and "answered" in found
        assert signed(s, '{ message(id: "x") { id } }', user(s, "Query/fields/message"))[0] == 200


def api_of(s):
    return Api(s)


def test_when_aws_is_busy_the_caller_is_told_so_and_may_try_again(s):
    api, to = Api(s), person()
    s.fault("TransactWriteItems", "throttle", times=3)
    refused("Busy", api.send, to, idempotencyKey="again")
    assert api.send(to, idempotencyKey="again")["deliveryStatus"] == "ACCEPTED"
    s.settle()
    assert len([one for one in s.sent() if one["recipients"] == [to]]) == 1


# --- Listing --------------------------------------------------------------------------------------


def test_messages_are_listed_by_recipient_and_by_either_id(api):
    to, other = person(), person()
    sender, recipient = f"s{next(_numbers)}", f"r{next(_numbers)}"
    first = api.send(to, senderId=sender)["id"]
    second = api.send(to, recipientId=recipient)["id"]
    third = api.send(other, senderId=sender, recipientId=recipient)["id"]

    def ids(**wanted):
        return [one["id"] for one in api.list(**wanted)["data"]]

    assert ids(to=to) == ids(to=to.upper()) == [second, first]
    assert ids(senderId=sender) == [third, first]
    assert ids(recipientId=recipient) == [third, second]
    assert ids(to=to, deliveryMethod="EMAIL") == [second, first]
    assert ids(to=to, deliveryMethod="SMS") == []
    assert ids(to=to, since=api.one(second)["createdAt"]) == [second]
    assert ids(to=to, since="2100-01-01T00:00:00Z") == []
    for wanted in ({}, {"to": to, "senderId": sender}, {"caseId": "none"}):
        refused("NotFound" if "caseId" in wanted else "InvalidInput", api.list, **wanted)


def test_a_cursor_is_good_for_its_own_list_only(api):
    to, other = person(), person()
    for address in (to, to, other, other):
        api.send(address)
    cursor = api.list(first=1, to=to)["pageInfo"]["endCursor"]
    assert len(api.list(first=1, after=cursor, to=to)["data"]) == 1
    for after in (cursor[:-4] + "AAA=", "nonsense", "", b64(b"x" * 20)):
        if after:
            refused("InvalidInput", api.list, first=1, after=after, to=to)
    refused("InvalidInput", api.list, first=1, after=cursor, to=other)
    for first in (0, -1, 101):
        assert "1 to 100" in refused("InvalidInput", api.list, first=first, to=to)


def test_an_unknown_message_or_conversation_is_none(api):
    for identity in ("", "x", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "../../etc"):
        assert api.one(identity) is None
        assert api.talk(identity or "none") is None


def test_the_schema_is_checked_before_anything_is_done(api):
    for query in ("{ message { id } }", '{ message(id: "x") { secret } }', "{ nothing }"):
        with pytest.raises(TransportQueryError):
            api.ask(query)
    with pytest.raises(TransportQueryError):
        api.ask(LIST, filter={"to": "a@b.example", "table": "x"})


@pytest.mark.timeout(600)
@pytest.mark.parametrize("order", ["NEWEST_FIRST", "OLDEST_FIRST"])
def test_a_thousand_messages_are_paged_without_gap_or_repetition(order):
    from tests.load import cases

    with stack(SendAcknowledgement="false", ApiRequestsPerSecond="500") as s:
        api = Api(s)
        case_id = cases.make(s, f"paged-{order.lower()}", 1000, "ann@customer.example")
        known = [one["id"] for one in s.messages(case_id)]
        seen, after, page = [], None, 0
        while page == 0 or after:
            told = api.talk(case_id, first=100, after=after, order=order)["messages"]
            seen += told["data"]
            after = told["pageInfo"]["endCursor"]
            assert told["pageInfo"]["hasNextPage"] is (after is not None)
            page += 1
            if page in {2, 5}:  # meanwhile the customer writes
                raw = mail(subject=f"More {page}", text=f"And another thing, {page}.\n")
                s.deliver(raw, "ann@customer.example", [alias_of(s, case_id)])
                s.settle()
        ids = [one["id"] for one in seen]
        assert len(set(ids)) == len(ids)
        ordered = sorted(ids, reverse=order == "NEWEST_FIRST")
        assert ids == ordered
        news = [one for one in seen if one["body"].startswith("And another thing")]
        assert len(ids) - len(news) == len(known)
        assert len(news) == (2 if order == "OLDEST_FIRST" else 0)
        assert api.one(ids[500])["id"] == ids[500]


def test_a_page_is_no_larger_than_an_answer_may_be(shared, api):
    to, answers = person(), 0
    made = [api.send(to, body=f"{n}" + "é" * 199_000)["id"] for n in range(9)]
    found, after, more = [], None, True
    while more:
        page = api.list(to=to, first=100, after=after)
        assert page["data"] and len(json.dumps(page)) < 5_000_000
        found += [one["id"] for one in page["data"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        answers += 1
    assert found == made[::-1] and answers > 1


def test_a_message_that_no_answer_could_hold_is_shown_as_far_as_it_goes(shared, api):
    to = person()
    made = api.open(to)
    words = "üüüüüüüüü " * 95_000
    raw = mail(to, made["replyTo"], "Hi", words, html=f"<p>{words}</p>")
    shared.deliver(raw, to, [made["replyTo"]])
    shared.settle()
    [told] = api.thread(made["caseId"])
    assert told["html"] is None and told["body"].startswith("üüüüüüüüü ü")
    assert 250_000 < len(told["body"]) <= 300_000


# --- Conversations --------------------------------------------------------------------------------


def answer(s, to, text, **more):
    """The customer answers the newest mail that he got."""
    raw = reply_to(last_sent(s, to)["raw"], text, sender=f"Ann <{to}>", **more)
    s.deliver(raw, to, [reply_address(s, to)])
    s.settle()


def reply_address(s, to):
    raw = last_sent(s, to)["raw"].decode()
    [line] = [line for line in raw.splitlines() if line.lower().startswith("reply-to:")]
    return line.partition(":")[2].partition("<")[2].rstrip(">") or line.partition(":")[2].strip()


def test_an_app_and_a_mailbox_share_one_conversation(shared, api):
    to = person()
    made = api.open(to, "Your order 17", **{"from": f"Lamp Shop <shop@{shared.domain}>"})
    case_id = made["caseId"]
    assert made["replyTo"] == alias_of(shared, case_id) and made["to"] == to and made["open"]
    assert made["messages"]["data"] == []
    first = api.post(case_id, "Your lamp has left.", senderId="eve")
    assert (first["caseId"], first["to"], first["deliveryStatus"]) == (case_id, to, "ACCEPTED")
    shared.settle()
    raw = last_sent(shared, to)["raw"].decode()
    assert f"From: Lamp Shop <{made['replyTo']}>" in raw.replace("\r\n ", " ")
    assert "Subject: Your order 17" in raw
    answer(shared, to, "Thank you!\n\nWhen does it arrive?\n",
           attachments=[("door.txt", "text/plain", b"4711")])  # fmt: skip
    api.post(case_id, "Tomorrow.")
    shared.settle()
    told = api.thread(case_id)
    assert [(one["direction"], one["body"].strip()) for one in told] == [
        ("OUT", "Your lamp has left."),
        ("IN", "Thank you!\n\nWhen does it arrive?"),
        ("OUT", "Tomorrow."),
    ]
    [file] = told[1]["attachments"]
    assert (file["filename"], fetch(file["url"])[2]) == ("door.txt", b"4711")
    assert (told[1]["deliveryStatus"], told[1]["authenticated"]) == ("RECEIVED", True)
    assert api.one(told[1]["id"]) == told[1] | {
        "attachments": api.one(told[1]["id"])["attachments"]
    }
    last = last_sent(shared, to)["raw"].decode()
    assert "In-Reply-To:" in last and "Re: Your order 17" in last
    assert [one["id"] for one in api.list(caseId=case_id)["data"]] == [
        one["id"] for one in reversed(told)
    ]
    assert not [task for task in shared.tasks() if task["attributes"]["interaction_id"] == case_id]


def test_the_same_key_opens_one_conversation(api):
    to = person()
    first = api.open(to, key="open-1")
    assert api.open(to, key="open-1")["caseId"] == first["caseId"]
    refused("Conflict", api.open, to, "Another subject", key="open-1")
    refused("InvalidInput", api.open, to, " ")
    refused("InvalidRecipient", api.open, "nobody")
    refused("InvalidInput", api.open, to, **{"from": "boss@bank.example"})
    refused("NotFound", api.post, "00000000000000000000")


def test_agents_get_the_answers_only_where_the_app_wants_it(shared, api):
    to = person()
    case_id = api.open(to, task=True)["caseId"]
    api.post(case_id)
    shared.settle()
    answer(shared, to, "I need a person.\n")
    tasks = [one for one in shared.tasks() if one["attributes"]["interaction_id"] == case_id]
    assert len(tasks) == 1
    shared.accept(tasks[0]["id"], "alice")
    relay = shared.relay_address(case_id, "relay", "alice")
    raw = mail("Alice <alice@corp.example>", relay, "Re: Your order", "A person is here.\n")
    shared.deliver(raw, "alice@corp.example", [relay])
    shared.settle()
    assert [one["body"].strip() for one in api.thread(case_id)][-1] == "A person is here."
    assert api.list(to=to)["data"][0]["body"].strip() == "A person is here."


def test_what_a_stranger_writes_into_it_waits_for_an_agent(shared, api):
    to = person()
    made = api.open(to)
    stranger = person().replace("customer", "stranger")
    shared.deliver(mail(stranger, made["replyTo"], "Hi", "Send me the goods.\n"), stranger,
                   [made["replyTo"]])  # fmt: skip
    shared.settle()
    assert api.thread(made["caseId"]) == []
    tasks = [t for t in shared.tasks() if t["attributes"]["interaction_id"] == made["caseId"]]
    assert len(tasks) == 1


def test_an_unproven_answer_is_shown_as_such(shared, api):
    to = person()
    made = api.open(to)
    shared.deliver(mail(to, made["replyTo"], "Hi", "It is me.\n"), to, [made["replyTo"]],
                   {"dmarc": "FAIL", "spf": "FAIL", "dkim": "FAIL"})  # fmt: skip
    shared.settle()
    [told] = api.thread(made["caseId"])
    assert (told["body"].strip(), told["authenticated"]) == ("It is me.", False)


@pytest.mark.parametrize("task", [False, True])
def test_a_bounce_in_a_conversation_is_told_there_and_starts_no_task(shared, api, task):
    to = person()
    case_id = api.open(to, task=task)["caseId"]
    shared.ses_events("manual")
    made = api.post(case_id)
    shared.settle()
    shared.emit(bounce(last_sent(shared, to)))
    shared.settle()
    shared.ses_events("auto")
    [told] = api.thread(case_id)
    assert told["id"] == made["id"] and told["deliveryStatus"] == "BOUNCED"
    assert "no such address" in told["deliveryReason"]
    refused("Suppressed", api.post, case_id)
    assert not [task for task in shared.tasks() if task["attributes"]["interaction_id"] == case_id]
    [case] = [case for case in shared.cases() if case["id"] == case_id]
    assert case["status"] == "waiting"


def test_another_system_writes_into_an_agents_case(shared, api):
    to = person()
    shared.deliver(mail(to, subject="My kettle"), to, [shared.inquiry_address])
    shared.settle()
    [case] = [case for case in shared.cases() if case["customer"] == to]
    made = api.send(to, None, "Your parcel 9 has left.", caseId=case["id"])
    shared.settle()
    assert made["from"] == alias_of(shared, case["id"]) and made["subject"] == "Re: My kettle"
    assert made["caseId"] == case["id"]
    [after] = [one for one in shared.cases() if one["id"] == case["id"]]
    assert after["status"] == "open"  # its customer waits for an agent all the same
    words = refused("InvalidRecipient", api.send, person(), caseId=case["id"])
    assert "people of this case" in words
    assert "sendMessage" in refused("InvalidInput", api.post, case["id"])
    assert [one["direction"] for one in api.thread(case["id"])] == ["IN", "OUT"]


def test_inside_words_of_agents_are_not_for_other_systems(shared, api):
    to = person()
    shared.deliver(mail(to), to, [shared.inquiry_address])
    shared.settle()
    [case] = [case for case in shared.cases() if case["customer"] == to]
    note = mail("Alice <alice@corp.example>", alias_of(shared, case["id"]), "Fwd", "He is odd.\n")
    shared.deliver(note, "alice@corp.example", [alias_of(shared, case["id"])])
    shared.settle()
    kept = [(one.kind, api.one(id_of(one))) for one in shared.channel.cases.messages(case["id"])]
    assert [kind for kind, found in kept if found is None] == ["note"] and len(kept) == 2
    assert [one["direction"] for one in api.thread(case["id"])] == ["IN"]


def test_what_waits_for_an_agents_decision_is_not_for_other_systems(shared, api):
    to = person()
    made = api.open(to)
    raw = mail(person(), made["replyTo"], "Hi", "Send me the goods.\n")
    shared.deliver(raw, "stranger@else.example", [made["replyTo"]])
    shared.settle()
    [held] = shared.channel.cases.messages(made["caseId"])
    assert held.disposition == "held"
    assert api.one(id_of(held)) is None


def test_nothing_private_is_logged(s):
    api = Api(s)
    api.send("secret.person@customer.example", "Secret subject", "Secret body")
    case_id = api.open("secret.person@customer.example", "Secret subject")["caseId"]
    api.post(case_id, "Secret body")
    refused("InvalidRecipient", api.send, "secret.person@")
    s.settle()
    logs = s.logs()
    for private in ("secret.person", "Secret", s.outputs["MessagesApiKey"]):
        assert private not in logs
