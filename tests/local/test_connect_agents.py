"""Routing, the agent's desktop, contact events, accounts and restarts."""

from __future__ import annotations

import json
import threading
import time

import pytest

from local.connect import Connect, Outside, instance_arn, user_id
from tests.local.connect_rig import INSTANCE_ID, Rig, action, failing, queueing


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.close()


@pytest.fixture
def flow(rig):
    return rig.add_flow("Inbound", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))


def test_everybody_starts_offline_and_gets_nothing(rig, flow):
    contact_id = rig.start(flow)
    agents = rig.desk("GET", "/agents")
    assert {agent["username"]: agent["state"] for agent in agents} == {
        "alice": "Offline",
        "bob": "Offline",
        "carol": "Offline",
    }
    assert agents[0]["queues"] == [{"name": "BasicQueue", "queueARN": rig.queue["Arn"]}]
    assert rig.contact(contact_id)["state"] == "QUEUED"


def test_from_offer_to_cleared(rig, flow):
    contact_id = rig.start(flow)
    rig.available("alice")
    assert rig.contact(contact_id)["state"] == "OFFERED"
    assert rig.cards("alice") == {contact_id: "connecting"}
    rig.act("accept", contact_id, "alice")
    assert rig.contact(contact_id)["state"] == "CONNECTED"
    rig.act("end", contact_id, "alice")
    assert rig.cards("alice") == {contact_id: "ended"}
    rig.act("clear", contact_id, "alice")
    assert rig.cards("alice") == {}
    contact = rig.contact(contact_id)
    assert (contact["state"], contact["disconnect_reason"]) == ("ENDED", "AGENT_DISCONNECT")
    assert rig.events(contact_id) == [
        "INITIATED",
        "QUEUED",
        "CONNECTED_TO_AGENT",
        "DISCONNECTED",
        "COMPLETED",
    ]


def test_the_desktop_shows_what_the_agent_needs(rig, flow):
    contact_id = rig.start(
        flow,
        name="A mail",
        Attributes={"subject": "Hello"},
        References={"Original email": {"Type": "URL", "Value": "https://bucket.example/1"}},
    )
    rig.available("alice")
    before = rig.desk("GET", "/agents/alice/snapshot")
    (card,) = before["contacts"]
    assert card["contactId"] == contact_id
    assert card["type"] == "task"
    assert card["attributes"] == {"subject": "Hello"}
    assert card["references"] == {
        "Original email": {"type": "URL", "value": "https://bucket.example/1"}
    }
    assert card["queue"] == {"name": "BasicQueue", "queueARN": rig.queue["Arn"]}
    assert card["stateSince"] == round(rig.now * 1000)
    assert card["acceptedAt"] is None
    rig.api.update_contact_attributes(
        InstanceId=INSTANCE_ID, InitialContactId=contact_id, Attributes={"subject": "Changed"}
    )
    after = rig.desk("GET", "/agents/alice/snapshot")
    assert after["version"] > before["version"]
    assert after["contacts"][0]["attributes"] == {"subject": "Changed"}


def test_an_unanswered_offer_is_missed_after_thirty_seconds(rig, flow):
    contact_id = rig.start(flow)
    rig.available("alice")
    rig.pass_time(29)
    assert rig.cards("alice") == {contact_id: "connecting"}
    rig.pass_time(1)
    assert rig.contact(contact_id)["state"] == "QUEUED"
    assert rig.cards("alice") == {contact_id: "missed"}
    snapshot = rig.desk("GET", "/agents/alice/snapshot")
    assert snapshot["agent"]["state"] == "MissedCallAgent"
    rig.available("bob")
    assert rig.cards("bob") == {contact_id: "connecting"}
    rig.act("clear", contact_id, "alice")
    assert rig.cards("alice") == {}
    assert rig.contact(contact_id)["state"] == "OFFERED", "clearing a missed one changes nothing"


def test_a_missed_contact_can_be_offered_again_to_the_same_agent(rig, flow):
    contact_id = rig.start(flow)
    rig.available("alice")
    rig.pass_time(30)
    rig.available("alice")
    assert rig.cards("alice") == {contact_id: "connecting"}
    rig.act("accept", contact_id, "alice")
    assert rig.cards("alice") == {contact_id: "connected"}


def test_a_rejected_contact_goes_back_to_its_place(rig, flow):
    first, second = rig.start(flow), rig.start(flow)
    rig.one_task_at_once()
    rig.available("alice")
    rig.now += 5
    rig.act("reject", first, "alice")
    assert rig.contact(first)["state"] == "QUEUED"
    rig.available("bob")
    assert rig.cards("bob") == {first: "connecting"}, "it is still the oldest"
    assert rig.contact(second)["state"] == "QUEUED"


def test_an_agent_takes_five_tasks_at_once(rig, flow):
    contact_ids = [rig.start(flow) for _ in range(6)]
    rig.available("alice")
    assert len(rig.cards("alice")) == 5
    first = contact_ids[0]
    rig.act("accept", first, "alice")
    rig.act("end", first, "alice")
    assert len(rig.cards("alice")) == 5, "after contact work holds its slot"
    rig.act("clear", first, "alice")
    assert contact_ids[5] in rig.cards("alice")


def test_the_longest_idle_agent_is_first(rig, flow):
    rig.available("bob")
    rig.now += 1
    rig.available("alice")
    contact_id = rig.start(flow)
    assert rig.cards("bob") == {contact_id: "connecting"}


def test_queue_priority_and_delay_of_the_routing_profile(rig):
    urgent = rig.add_queue("Urgent")
    slow = rig.add_queue("Slow")
    rig.serve(rig.queue["Arn"], priority=2)
    rig.serve(slow, priority=1, delay=60)
    flow = rig.add_flow("Inbound", "CONTACT_FLOW", *queueing("$.Attributes.queue"))
    basic = rig.start(flow, Attributes={"queue": rig.queue["Arn"]})
    late = rig.start(flow, Attributes={"queue": slow})
    soon = rig.start(flow, Attributes={"queue": urgent})
    rig.available("alice")
    assert list(rig.cards("alice")) == [basic, soon]
    assert rig.contact(late)["state"] == "QUEUED"
    rig.pass_time(31)  # the offers are missed
    rig.available("alice")
    rig.pass_time(29)
    assert rig.contact(late)["state"] == "OFFERED", "60 seconds after it was queued"


def test_agents_get_only_their_queues(rig):
    foreign = rig.provision(
        "Queue",
        Name="Foreign",
        HoursOfOperationArn=rig.api.list_hours_of_operations(InstanceId=INSTANCE_ID)[
            "HoursOfOperationSummaryList"
        ][0]["Arn"],
    )
    flow = rig.add_flow("Inbound", "CONTACT_FLOW", *queueing(foreign))
    contact_id = rig.start(flow)
    rig.available("alice", "bob", "carol")
    assert rig.contact(contact_id)["state"] == "QUEUED"
    rig.serve(foreign)
    assert rig.contact(contact_id)["state"] == "OFFERED"


def whispering(rig, *blocks):
    """An inbound flow with a whisper of these blocks."""
    whisper = rig.add_flow("Whisper", "AGENT_WHISPER", *blocks)
    return rig.add_flow(
        "Inbound",
        "CONTACT_FLOW",
        action(
            "hook",
            "UpdateContactEventHooks",
            {"EventHooks": {"AgentWhisper": whisper}},
            "enqueue",
            {"NoMatchingError": "enqueue"},
        ),
        *queueing(rig.queue["Arn"]),
    )


def calling(rig):
    return action(
        "call",
        "InvokeLambdaFunction",
        {
            "LambdaFunctionARN": rig.function,
            "InvocationTimeLimitSeconds": "8",
            "LambdaInvocationAttributes": {
                "username": "$.Agent.UserName",
                "first": "$.Agent.FirstName",
                "arn": "$.Agent.ARN",
                "method": "$.InitiationMethod",
            },
        },
        "end",
        {"NoMatchingError": "end"},
    )


def test_the_whisper_runs_before_the_contact_is_connected(rig):
    rig.associate()
    seen, release = threading.Event(), threading.Event()

    def answer(event):
        seen.set()
        release.wait(10)
        return {}

    rig.answer = answer
    flow = whispering(rig, calling(rig), action("end", "EndFlowExecution"))
    contact_id = rig.start(flow)
    rig.available("alice")
    status, shown = rig.ask("POST", f"/contacts/{contact_id}/accept", {"agent": "alice"})
    assert (status, shown["state"]) == (200, "ACCEPTED")
    assert seen.wait(10)
    snapshot = rig.ask("GET", "/agents/alice/snapshot")[1]["contacts"][0]
    assert (snapshot["state"], snapshot["acceptedAt"]) == ("connecting", round(rig.now * 1000))
    assert "CONNECTED_TO_AGENT" not in [each["eventType"] for each in rig.published]
    release.set()
    assert rig.contact(contact_id)["state"] == "CONNECTED"
    assert rig.events(contact_id)[-1] == "CONNECTED_TO_AGENT"
    parameters = rig.calls[0]["Details"]["Parameters"]
    assert parameters == {
        "username": "alice",
        "first": "Alice",
        "arn": f"{rig.instance}/agent/{user_id('alice')}",
        "method": None,
    }


def test_a_whisper_that_was_deleted_meanwhile_is_left_out(rig):
    contact_id = rig.start(whispering(rig, action("end", "EndFlowExecution")))
    listed = rig.api.list_contact_flows(InstanceId=INSTANCE_ID, ContactFlowTypes=["AGENT_WHISPER"])
    whisper = listed["ContactFlowSummaryList"][0]["Id"]
    rig.api.delete_contact_flow(InstanceId=INSTANCE_ID, ContactFlowId=whisper)
    rig.available("alice")
    rig.act("accept", contact_id, "alice")
    assert rig.contact(contact_id)["state"] == "CONNECTED"
    assert whisper in rig.desk("GET", "/log")[0]["message"]


def test_a_failing_whisper_does_not_keep_the_agent_waiting(rig):
    rig.associate()
    rig.answer = failing
    contact_id = rig.start(whispering(rig, calling(rig), action("end", "EndFlowExecution")))
    rig.available("alice")
    rig.act("accept", contact_id, "alice")
    assert rig.contact(contact_id)["state"] == "CONNECTED"


def test_a_whisper_longer_than_two_minutes_disconnects(rig):
    rig.associate()
    release = threading.Event()

    def answer(event):
        release.wait(10)
        return {}

    rig.answer = answer
    contact_id = rig.start(whispering(rig, calling(rig), action("end", "EndFlowExecution")))
    rig.available("alice")
    rig.ask("POST", f"/contacts/{contact_id}/accept", {"agent": "alice"})
    rig.now += 120
    rig.connect.tick()
    release.set()
    contact = rig.contact(contact_id)
    assert (contact["state"], contact["disconnect_reason"]) == ("ENDED", "OTHER")


def test_an_agent_who_leaves_during_the_whisper_gives_the_contact_back(rig):
    rig.associate()
    release = threading.Event()
    rig.answer = lambda event: release.wait(10) and {}
    contact_id = rig.start(whispering(rig, calling(rig), action("end", "EndFlowExecution")))
    rig.available("alice")
    rig.ask("POST", f"/contacts/{contact_id}/accept", {"agent": "alice"})
    status, _ = rig.ask("POST", f"/contacts/{contact_id}/end", {"agent": "alice"})
    release.set()
    assert status == 200
    assert rig.contact(contact_id)["state"] == "QUEUED"


def test_the_queue_flow_stops_when_the_contact_is_connected(rig):
    queue_flow = rig.add_flow(
        "Queue",
        "CUSTOMER_QUEUE",
        action(
            "wait",
            "Wait",
            {"TimeLimitSeconds": "10"},
            "end",
            {"NoMatchingError": "end"},
            {"WaitCompleted": "wait"},
        ),
        action("end", "EndFlowExecution"),
    )
    flow = rig.add_flow(
        "Inbound",
        "CONTACT_FLOW",
        action(
            "hook",
            "UpdateContactEventHooks",
            {"EventHooks": {"CustomerQueue": queue_flow}},
            "enqueue",
            {"NoMatchingError": "enqueue"},
        ),
        *queueing(rig.queue["Arn"]),
    )
    contact_id = rig.start(flow)
    rig.pass_time(10)
    rig.available("alice")
    rig.pass_time(10)
    waits = [step for step in rig.trace(contact_id) if step[1] == "Equals WaitCompleted"]
    assert len(waits) == 2, "it goes on while the contact rings"
    rig.act("accept", contact_id, "alice")
    rig.pass_time(60)
    waits = [step for step in rig.trace(contact_id) if step[1] == "Equals WaitCompleted"]
    assert len(waits) == 2


def test_a_queue_flow_may_end_the_task(rig):
    queue_flow = rig.add_flow("Queue", "CUSTOMER_QUEUE", action("end", "DisconnectParticipant"))
    flow = rig.add_flow(
        "Inbound",
        "CONTACT_FLOW",
        action(
            "hook",
            "UpdateContactEventHooks",
            {"EventHooks": {"CustomerQueue": queue_flow}},
            "enqueue",
            {"NoMatchingError": "enqueue"},
        ),
        *queueing(rig.queue["Arn"]),
    )
    assert rig.contact(rig.start(flow))["disconnect_reason"] == "CONTACT_FLOW_DISCONNECT"


def test_an_expired_contact_leaves_the_agent_with_after_contact_work(rig, flow):
    contact_id = rig.start(flow)
    rig.available("alice")
    rig.act("accept", contact_id, "alice")
    rig.pass_time(7 * 86_400)
    assert rig.cards("alice") == {contact_id: "ended"}
    contact = rig.contact(contact_id)
    assert (contact["state"], contact["disconnect_reason"]) == ("ACW", "EXPIRED")


@pytest.mark.parametrize(
    ("verb", "agent", "status"),
    [
        ("accept", "bob", 409),
        ("end", "alice", 409),
        ("clear", "alice", 409),
        ("transfer", "alice", 409),
        ("accept", "nobody", 404),
        ("dance", "alice", 404),
    ],
)
def test_what_is_not_allowed_now_is_refused(rig, flow, verb, agent, status):
    contact_id = rig.start(flow)
    rig.available("alice")
    body = {"agent": agent, "endpointARN": "x"}
    got, answer = rig.ask("POST", f"/contacts/{contact_id}/{verb}", body)
    assert got == status
    assert answer["message"]
    assert rig.cards("alice") == {contact_id: "connecting"}


def test_unknown_contacts_and_paths_are_not_found(rig):
    for method, path in (
        ("POST", "/contacts/none/accept"),
        ("GET", "/contacts/none/trace"),
        ("GET", "/agents/none/snapshot"),
        ("GET", "/nothing"),
    ):
        assert rig.ask(method, path, {"agent": "alice"})[0] == 404
    assert rig.ask("PUT", "/agents/alice/state", {})[0] == 400


def test_contact_events_have_the_published_fields(rig, flow):
    contact_id = rig.start(flow)
    rig.available("alice")
    rig.act("accept", contact_id, "alice")
    rig.now += 60
    rig.act("end", contact_id, "alice")
    rig.now += 10
    rig.act("clear", contact_id, "alice")
    by_type = {each["eventType"]: each for each in rig.published}
    assert by_type["INITIATED"] == {
        "eventType": "INITIATED",
        "eventVersion": "1.0",
        "contactId": contact_id,
        "channel": "TASK",
        "instanceArn": rig.instance,
        "initiationMethod": "API",
        "initiationTimestamp": "2027-01-15T08:00:00.000Z",
        "connectedToSystemTimestamp": "2027-01-15T08:00:00.000Z",
    }
    assert by_type["QUEUED"]["queueInfo"] == {
        "queueArn": rig.queue["Arn"],
        "queueType": "STANDARD",
        "enqueueTimestamp": "2027-01-15T08:00:00.000Z",
    }
    assert by_type["CONNECTED_TO_AGENT"]["agentInfo"] == {
        "agentArn": f"{rig.instance}/agent/{user_id('alice')}",
        "connectedToAgentTimestamp": "2027-01-15T08:00:00.000Z",
    }
    assert by_type["DISCONNECTED"]["disconnectTimestamp"] == "2027-01-15T08:01:00.000Z"
    assert by_type["DISCONNECTED"]["disconnectReason"] == "AGENT_DISCONNECT"
    assert by_type["COMPLETED"]["agentInfo"]["afterContactWorkDuration"] == 10
    assert rig.desk("GET", "/events") == rig.published


def test_updates_are_announced(rig, flow):
    contact_id = rig.start(flow)
    rig.api.update_contact_attributes(
        InstanceId=INSTANCE_ID, InitialContactId=contact_id, Attributes={"a": "1"}
    )
    rig.api.tag_contact(InstanceId=INSTANCE_ID, ContactId=contact_id, Tags={"team": "x"})
    rig.settle()
    updated = [e for e in rig.published if e["eventType"] == "CONTACT_DATA_UPDATED"]
    assert [each["updatedProperties"] for each in updated] == [["Attributes"], ["Tags"]]
    assert updated[1]["tags"] == {"team": "x"}


def test_events_go_out_one_after_another(rig):
    going_out, most, seen = [], [], []

    def publish(account, region, detail):
        going_out.append(detail)
        most.append(len(going_out))
        time.sleep(0.02)
        going_out.remove(detail)
        seen.append(detail["eventType"])

    rig.connect.close()
    rig.connect = Connect(Outside(lambda a: rig.now, lambda *a: {}, lambda *a: True, publish))
    flow = rig.add_flow("Inbound", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))
    contact_id = rig.start(flow)
    rig.api.stop_contact(InstanceId=INSTANCE_ID, ContactId=contact_id)
    rig.settle()
    assert max(most) == 1
    assert seen == ["INITIATED", "QUEUED", "DISCONNECTED", "COMPLETED"]


def test_a_bus_that_fails_stops_nothing(rig, flow):
    def publish(account, region, detail):
        raise OSError("the bus is away")

    connect = Connect(Outside(lambda a: rig.now, lambda *a: {}, lambda *a: True, publish))
    rig.connect.close()
    rig.connect = connect
    flow = rig.add_flow("Inbound", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))
    assert rig.contact(rig.start(flow))["state"] == "QUEUED"
    assert "was not delivered" in rig.desk("GET", "/log")[0]["message"]


def test_a_restart_keeps_everything_and_flows_go_on(rig, flow):
    waiting = rig.add_flow(
        "Waiting",
        "CONTACT_FLOW",
        action(
            "wait",
            "Wait",
            {"TimeLimitSeconds": "60"},
            "enqueue",
            {"NoMatchingError": "enqueue"},
            {"WaitCompleted": "enqueue"},
        ),
        *queueing(rig.queue["Arn"]),
    )
    queued, paused = rig.start(flow, Attributes={"a": "1"}), rig.start(waiting)
    state = json.loads(json.dumps(rig.connect.get_state()))
    rig.connect.forget(rig.account)
    assert rig.desk("GET", "/contacts") == []
    rig.connect.load_state(state)
    assert rig.connect.get_state() == state
    assert rig.contact(queued)["attributes"] == {"a": "1"}
    rig.pass_time(60)
    assert rig.contact(paused)["state"] == "QUEUED"
    rig.available("alice")
    assert set(rig.cards("alice")) == {queued, paused}


def test_a_flow_caught_in_the_middle_of_a_call_goes_on_after_a_restart(rig):
    rig.associate()
    running, release = threading.Event(), threading.Event()

    def answer(event):
        if len(rig.calls) == 1:
            running.set()
            release.wait(10)
        return {"value": "1"}

    rig.answer = answer
    flow = rig.add_flow(
        "Calling",
        "CONTACT_FLOW",
        calling(rig) | {"Transitions": calling(rig)["Transitions"] | {"NextAction": "enqueue"}},
        action("end", "DisconnectParticipant"),
        *queueing(rig.queue["Arn"]),
    )
    contact_id = rig.api.start_task_contact(
        InstanceId=INSTANCE_ID, ContactFlowId=flow.rsplit("/", 1)[-1], Name="A mail"
    )["ContactId"]
    assert running.wait(10)
    state = rig.connect.get_state()
    rig.connect.load_state(state)
    release.set()
    assert rig.contact(contact_id)["state"] == "QUEUED"
    assert len(rig.calls) == 2


def test_accounts_do_not_see_each_other(rig, flow):
    rig.start(flow)
    status, _, body = rig.connect.control("000000000002", "GET", "/contacts", "", b"")
    assert (status, json.loads(body)) == (200, [])
    foreign = instance_arn("000000000002", rig.region)
    status, headers, _ = rig.connect.handle(
        rig.account, rig.region, "GET", f"/instance/{foreign.replace('/', '%2F')}", "", {}, b""
    )
    assert (status, headers["x-amzn-errortype"]) == (404, "ResourceNotFoundException")


def test_the_region_is_that_of_the_first_api_call(rig):
    rig.connect.control("000000000003", "GET", "/agents", "", b"")
    rig.connect.handle("000000000003", "eu-west-1", "GET", "/instance", "", {}, b"")
    _, _, body = rig.connect.control("000000000003", "GET", "/agents", "", b"")
    assert json.loads(body)[0]["arn"].startswith("arn:aws:connect:eu-west-1:000000000003:")


def test_many_tasks_at_once(rig, flow):
    def start(number):
        rig.connect.handle(
            rig.account,
            rig.region,
            "PUT",
            "/contact/task",
            "",
            {},
            json.dumps(
                {"InstanceId": INSTANCE_ID, "ContactFlowId": flow, "Name": f"Mail {number}"}
            ).encode(),
        )

    threads = [threading.Thread(target=start, args=(number,)) for number in range(60)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rig.settle()
    contacts = rig.desk("GET", "/contacts")
    assert [contact["state"] for contact in contacts] == ["QUEUED"] * 60
    assert len({contact["name"] for contact in contacts}) == 60
    assert time.monotonic() - began < 10
