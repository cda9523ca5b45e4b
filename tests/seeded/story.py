"""A short story of a deployed stack: all that a seeded fault may break is used once."""

import http.client
import json
from urllib.parse import urlsplit

from local.testing import Stack, alias_of, fetch
from tests.api import Api
from tests.builders import mail, reply_to

ANN = "ann@customer.example"


def tell(s: Stack) -> None:
    """Mail in, task, answer, delivery, reply, page, API, caretaker. Raises what goes wrong."""
    _deliver(s, mail(text="The kettle leaks. I am very angry, this is terrible!"))
    [case] = s.cases()
    task = s.task(case["contact_id"])
    _expect(task["state"], "QUEUED", "the task")
    _expect(task["attributes"]["detected_sentiment"], "NEGATIVE", "the sentiment")
    _expect(fetch(task["attributes"]["email_url"])[0], 200, "the link to the mail")
    s.accept(task["id"], "alice")
    address = s.task(task["id"])["attributes"]["agentrelay_address"]
    s.deliver(
        mail("Alice <alice@corp.example>", address, "Re: kettle"), "alice@corp.example", [address]
    )
    s.settle()
    [sent] = s.sent()
    _expect(sent["recipients"], [ANN], "who gets the answer")
    _expect(s.messages(case["id"])[-1]["delivery"], "delivered", "the delivery")
    _page(s, task["id"])
    s.complete(task["id"])
    _deliver(s, reply_to(sent["delivered"], "Thank you!"), alias_of(s, case["id"]))
    _expect(len(s.messages(case["id"])), 3, "the messages")
    _other_systems(s)
    s.invoke("caretaker", {})
    s.settle()
    _expect(s.metric("FailedSteps").last, 0, "the caretaker's failures")
    _expect({n: k for n, k in s.queues().items() if k}, {}, "what waits in queues")
    _expect(s.quarantine(), [], "the quarantine")


def _deliver(s: Stack, raw: bytes, to: str = "") -> None:
    s.deliver(raw, ANN, [to or s.inquiry_address])
    s.settle()


def _page(s: Stack, contact: str) -> None:
    host = urlsplit(s.outputs["PageUrl"]).netloc
    status, _, _ = _ask(s, "GET", "/index.html", {"Host": host, "X-Forwarded-Proto": "https"})
    _expect(status, 200, "the page")
    _, _, body = _ask(s, "GET", "/config.json", {"Host": host, "X-Forwarded-Proto": "https"})
    _expect(json.loads(body)["apiUrl"], s.outputs["AgentApiUrl"], "the page's API")
    code = s.task(contact)["attributes"]["access_code"]
    api = (urlsplit(s.outputs["AgentApiUrl"]).hostname or "").partition(".")[0]
    path = f"/_aws/execute-api/{api}/$default"
    wanted = json.dumps({"contact_id": contact, "code": code})
    json_type = {"Content-Type": "application/json"}
    status, _, body = _ask(s, "POST", f"{path}/sessions", json_type, wanted)
    _expect(status, 201, "the agent's session")
    token = {"Authorization": f"Bearer {json.loads(body)['token']}"}
    status, _, body = _ask(s, "GET", f"{path}/case", token)
    _expect(status, 200, "the case in the page")
    _expect(len(json.loads(body)["messages"]), 2, "its messages")


def _other_systems(s: Stack) -> None:
    api = Api(s)
    made = api.send("bob@customer.example")
    s.settle()
    _expect(api.one(made["id"])["deliveryStatus"], "DELIVERED", "the status of an API's message")
    _expect(len(api.list(to="bob@customer.example")["data"]), 1, "the list of an API's messages")
    case_id = api.open("cyd@customer.example")["caseId"]
    api.post(case_id)
    s.settle()
    _expect(len(api.thread(case_id)), 1, "the messages of an app's conversation")
    logs = s.logs()
    for mutation in ("publishMessage", "publishDeliveryStatus"):
        _expect(f'"field": "{mutation}"' in logs or f'"field":"{mutation}"' in logs, True, mutation)
    _expect(s.metric("Told").total > 0, True, "that events are told")


def _ask(s: Stack, method: str, path: str, headers: dict, body: str | None = None):
    emulator = urlsplit(s.world.endpoint)
    connection = http.client.HTTPConnection(emulator.hostname or "", emulator.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def _expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise AssertionError(f"{what} should be {wanted!r} and is {found!r}")
