"""Each flow block, in small flows of its own."""

from __future__ import annotations

import pytest

from tests.local.connect_rig import INSTANCE_ID, Rig, action, failing, queueing, user_id

FAILED = {"NoMatchingError": "failed"}


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.close()


def run(rig, *blocks, name="Flow", **members):
    """Run a flow of these blocks; "ok" and "failed" both keep the task in a queue."""
    flow = rig.add_flow(
        name,
        "CONTACT_FLOW",
        *blocks,
        *queueing(rig.queue["Arn"], "ok"),
        *queueing(rig.queue["Arn"], "failed"),
    )
    return rig.start(flow, **members)


def path(rig, contact_id):
    """Names of the blocks a contact went through."""
    return [step[0] for step in rig.trace(contact_id)]


def test_attributes_are_set_from_references_and_texts(rig):
    contact_id = run(
        rig,
        action(
            "set",
            "UpdateContactAttributes",
            {
                "Attributes": {
                    "copy": "$.Attributes.subject",
                    "text": "Case $.Attributes.case of $.Channel",
                    "$.Attributes.case": "named by a reference",
                    "contact": "$.ContactId",
                    "link": "$.References['Original email'].Value",
                    "method": "$.InitiationMethod",
                },
                "TargetContact": "Current",
            },
            "ok",
            FAILED,
        ),
        Attributes={"subject": "Hello", "case": "c1"},
        References={"Original email": {"Type": "URL", "Value": "https://bucket.example/1"}},
    )
    assert rig.contact(contact_id)["attributes"] == {
        "subject": "Hello",
        "case": "c1",
        "copy": "Hello",
        "text": "Case c1 of TASK",
        "c1": "named by a reference",
        "contact": contact_id,
        "link": "https://bucket.example/1",
        "method": "API",
    }


@pytest.mark.parametrize(
    "value", ["$.External.missing", "$.Agent.UserName", "$.Queue.ARN", "$.Attributes.none"]
)
def test_attributes_with_a_reference_without_value_set_nothing(rig, value):
    contact_id = run(
        rig,
        action(
            "set", "UpdateContactAttributes", {"Attributes": {"a": "1", "b": value}}, "ok", FAILED
        ),
    )
    assert rig.contact(contact_id)["attributes"] == {}
    assert rig.trace(contact_id)[0] == ("set", "NoMatchingError")


def test_more_than_32_kb_of_attributes_is_an_error(rig):
    contact_id = run(
        rig,
        action(
            "set", "UpdateContactAttributes", {"Attributes": {"b": "$.Attributes.a"}}, "ok", FAILED
        ),
        Attributes={"a": "x" * 20_000},
    )
    assert list(rig.contact(contact_id)["attributes"]) == ["a"]
    assert "failed" in path(rig, contact_id)


def test_attributes_and_data_of_the_related_contact(rig):
    first = run(rig, name="First")
    second = run(
        rig,
        action(
            "set",
            "UpdateContactAttributes",
            {"Attributes": {"answered": "yes"}, "TargetContact": "Related"},
            "name",
            FAILED,
        ),
        action(
            "name",
            "UpdateContactData",
            {"Name": "Answered", "TargetContact": "Related"},
            "ok",
            FAILED,
        ),
        name="Second",
        RelatedContactId=first,
    )
    assert rig.contact(first)["attributes"] == {"answered": "yes"}
    assert rig.contact(first)["name"] == "Answered"
    assert rig.contact(second)["attributes"] == {}
    lonely = rig.start(
        rig.api.list_contact_flows(InstanceId=INSTANCE_ID)["ContactFlowSummaryList"][1]["Arn"]
    )
    assert rig.trace(lonely)[0] == ("set", "NoMatchingError")


def test_contact_data(rig):
    contact_id = run(
        rig,
        action(
            "data",
            "UpdateContactData",
            {
                "Name": "$.Attributes.subject",
                "Description": "from $.Attributes.from",
                "LanguageCode": "de-DE",
                "References": {"Case": "https://cases.example/$.Attributes.case"},
            },
            "ok",
            FAILED,
        ),
        Attributes={"subject": "Rechnung", "from": "Ann", "case": "c1"},
    )
    contact = rig.contact(contact_id)
    assert (contact["name"], contact["description"]) == ("Rechnung", "from Ann")
    assert contact["references"] == {"Case": {"Type": "URL", "Value": "https://cases.example/c1"}}


def test_flow_attributes_live_in_their_flow_only(rig):
    def remember(target):
        return action(
            "remember",
            "UpdateFlowAttributes",
            {"FlowAttributes": {"case": {"Value": "$.Attributes.case"}}},
            target,
            FAILED,
        )

    copy = action(
        "copy",
        "UpdateContactAttributes",
        {"Attributes": {"copied": "$.FlowAttributes.case"}},
        "ok",
        FAILED,
    )
    contact_id = run(rig, remember("copy"), copy, Attributes={"case": "c1"})
    assert rig.contact(contact_id)["attributes"]["copied"] == "c1"
    other = rig.add_flow(
        "Other",
        "CONTACT_FLOW",
        copy,
        *queueing(rig.queue["Arn"], "ok"),
        *queueing(rig.queue["Arn"], "failed"),
    )
    moved = run(
        rig,
        remember("move"),
        action("move", "TransferToFlow", {"ContactFlowId": other}, "failed", FAILED),
        name="Moving",
        Attributes={"case": "c1"},
    )
    assert rig.contact(moved)["attributes"] == {"case": "c1"}
    assert ("copy", "NoMatchingError") in rig.trace(moved)


def test_transfer_to_a_flow_that_does_not_exist(rig):
    contact_id = run(
        rig,
        action("move", "TransferToFlow", {"ContactFlowId": "$.Attributes.flow"}, "ok", FAILED),
        Attributes={"flow": "nowhere"},
    )
    assert rig.trace(contact_id)[0] == ("move", "NoMatchingError")


@pytest.mark.parametrize(
    ("operator", "operand", "value", "taken"),
    [
        ("Equals", "es", "es", True),
        ("Equals", "es", "ES", False),
        ("TextStartsWith", "e", "es", True),
        ("TextEndsWith", "e", "es", False),
        ("TextContains", "refund", "my refund now", True),
        ("NumberGreaterThan", "10", "9", False),
        ("NumberGreaterOrEqualTo", "10", "10", True),
        ("NumberLessThan", "10", "9.5", True),
        ("NumberLessOrEqualTo", "10", "11", False),
        ("NumberLessThan", "10", "many", False),
    ],
)
def test_compare(rig, operator, operand, value, taken):
    contact_id = run(
        rig,
        action(
            "which",
            "Compare",
            {"ComparisonValue": "$.Attributes.value"},
            "failed",
            {"NoMatchingCondition": "failed"},
            {operand: "ok"},
            operator,
        ),
        Attributes={"value": value},
    )
    wanted = (f"{operator} {operand}", "ok") if taken else ("NoMatchingCondition", "failed")
    assert (rig.trace(contact_id)[0][1], path(rig, contact_id)[1]) == wanted


def test_compare_without_a_value_matches_nothing(rig):
    contact_id = run(
        rig,
        action(
            "which",
            "Compare",
            {"ComparisonValue": "$.Attributes.none"},
            "failed",
            {"NoMatchingCondition": "failed"},
            {"": "ok"},
        ),
    )
    assert rig.trace(contact_id)[0] == ("which", "NoMatchingCondition")


def test_the_first_true_condition_wins(rig):
    contact_id = run(
        rig,
        action(
            "which",
            "Compare",
            {"ComparisonValue": "$.Attributes.value"},
            "failed",
            {"NoMatchingCondition": "failed"},
            {"a": "ok", "ab": "failed"},
            "TextStartsWith",
        ),
        Attributes={"value": "abc"},
    )
    assert path(rig, contact_id)[1] == "ok"


def waiting(seconds):
    return action(
        "wait",
        "Wait",
        {"TimeLimitSeconds": seconds},
        "failed",
        FAILED,
        {"WaitCompleted": "ok"},
    )


def test_wait_is_not_busy_and_goes_on_when_the_time_is_over(rig):
    contact_id = run(rig, waiting("$.Attributes.pause"), Attributes={"pause": "90"})
    assert rig.contact(contact_id)["state"] == "IN_FLOW"
    assert rig.connect.busy(rig.account) == 0
    rig.pass_time(89)
    assert rig.contact(contact_id)["state"] == "IN_FLOW"
    rig.pass_time(1)
    assert rig.contact(contact_id)["state"] == "QUEUED"
    assert ("wait", "Equals WaitCompleted") in rig.trace(contact_id)


@pytest.mark.parametrize("pause", ["0", "-5", "604801", "soon", "1.5"])
def test_wait_with_a_senseless_time_is_an_error(rig, pause):
    contact_id = run(rig, waiting("$.Attributes.pause"), Attributes={"pause": pause})
    assert rig.trace(contact_id)[0] == ("wait", "NoMatchingError")


def test_loop_counts_and_starts_again(rig):
    def loop(name, count, more, done):
        return action(
            name,
            "Loop",
            {"LoopCount": count},
            done,
            None,
            {"ContinueLooping": more, "DoneLooping": done},
        )

    contact_id = run(rig, loop("outer", "2", "inner", "ok"), loop("inner", "1", "inner", "outer"))
    assert rig.trace(contact_id)[:7] == [
        ("outer", "Equals ContinueLooping"),
        ("inner", "Equals ContinueLooping"),
        ("inner", "Equals DoneLooping"),
        ("outer", "Equals ContinueLooping"),
        ("inner", "Equals ContinueLooping"),
        ("inner", "Equals DoneLooping"),
        ("outer", "Equals DoneLooping"),
    ]


def test_a_flow_that_never_pauses_is_stopped(rig):
    contact_id = run(rig, action("again", "MessageParticipant", {"Text": "Hello"}, "again"))
    contact = rig.contact(contact_id)
    assert (contact["state"], contact["disconnect_reason"]) == ("ENDED", "OTHER")
    assert "without a pause" in rig.trace(contact_id)[-1][1]


@pytest.mark.parametrize(
    ("parameters", "queue"),
    [
        ({"QueueId": "$.Attributes.queue"}, "Invoices"),
        ({"AgentId": "$.Attributes.agent"}, "bob"),
        ({"AgentId": "$.Attributes.agent_arn"}, "bob"),
        ({"QueueId": "$.Attributes.nothing"}, None),
        ({"QueueId": "$.Attributes.agent"}, None),
        ({"AgentId": "$.Attributes.queue"}, None),
        ({"AgentId": "$.Attributes.username"}, None),
    ],
)
def test_target_queue(rig, parameters, queue):
    arn = rig.add_queue("Invoices")
    bob = rig.api.describe_user(InstanceId=INSTANCE_ID, UserId=user_id("bob"))["User"]
    contact_id = run(
        rig,
        action("target", "UpdateContactTargetQueue", parameters, "enqueue", FAILED),
        action(
            "enqueue",
            "TransferContactToQueue",
            {},
            "failed",
            {"QueueAtCapacity": "failed", "NoMatchingError": "failed"},
        ),
        Attributes={
            "queue": arn,
            "agent": bob["Id"],
            "agent_arn": bob["Arn"],
            "username": "bob",
        },
    )
    assert rig.contact(contact_id)["queue"]["name"] == (queue or "BasicQueue")
    assert ("failed" in path(rig, contact_id)) == (queue is None)


def test_a_full_queue_and_no_queue_have_branches_of_their_own(rig):
    small = rig.add_queue("Small", MaxContacts=1)
    enqueue = action(
        "enqueue",
        "TransferContactToQueue",
        {},
        "ok",
        {"QueueAtCapacity": "ok", "NoMatchingError": "failed"},
    )
    target = action("target", "UpdateContactTargetQueue", {"QueueId": small}, "enqueue", FAILED)
    first = run(rig, target, enqueue)
    assert rig.contact(first)["queue"]["name"] == "Small"
    flow = rig.api.list_contact_flows(InstanceId=INSTANCE_ID)["ContactFlowSummaryList"][0]["Arn"]
    second = rig.start(flow)
    assert ("enqueue", "QueueAtCapacity") in rig.trace(second)
    assert rig.contact(second)["queue"]["name"] == "BasicQueue"
    third = run(rig, enqueue, name="No queue")
    assert rig.trace(third)[0] == ("enqueue", "NoMatchingError")


def test_a_disabled_queue_takes_nothing(rig):
    closed = rig.add_queue("Closed", Status="DISABLED")
    contact_id = run(
        rig,
        action("target", "UpdateContactTargetQueue", {"QueueId": closed}, "enqueue", FAILED),
        action(
            "enqueue",
            "TransferContactToQueue",
            {},
            "ok",
            {"QueueAtCapacity": "ok", "NoMatchingError": "failed"},
        ),
    )
    assert ("enqueue", "NoMatchingError") in rig.trace(contact_id)


def hours_check(parameters=None):
    return action(
        "open",
        "CheckHoursOfOperation",
        parameters,
        "failed",
        FAILED,
        {"True": "ok", "False": "failed"},
    )


@pytest.mark.parametrize(
    ("zone", "end", "taken"),
    [("UTC", 17, "True"), ("UTC", 7, "False"), ("America/New_York", 17, "False")],
)
def test_hours_of_operation_in_their_time_zone(rig, zone, end, taken):
    hours = rig.provision(
        "HoursOfOperation",
        Name="Fridays",
        TimeZone=zone,
        Config=[
            {
                "Day": "FRIDAY",
                "StartTime": {"Hours": 7, "Minutes": 0},
                "EndTime": {"Hours": end, "Minutes": 30},
            }
        ],
    )
    contact_id = run(rig, hours_check({"HoursOfOperationId": hours}))
    assert rig.trace(contact_id)[0] == ("open", f"Equals {taken}")


def test_hours_of_the_working_queue(rig):
    target = action(
        "target", "UpdateContactTargetQueue", {"QueueId": rig.queue["Arn"]}, "open", FAILED
    )
    assert rig.trace(run(rig, target, hours_check()))[1] == ("open", "Equals True")
    assert rig.trace(run(rig, hours_check(), name="No queue"))[0] == ("open", "NoMatchingError")


def test_metrics_of_a_queue(rig):
    run(rig, name="Filling")
    rig.now += 90
    rig.add_queue("Elsewhere")

    def check(metric, operator, operand, name):
        return run(
            rig,
            action(
                "check",
                "CheckMetricData",
                {"MetricType": metric, "QueueId": rig.queue["Arn"]},
                "failed",
                {"NoMatchingError": "failed", "NoMatchingCondition": "failed"},
                {operand: "ok"},
                operator,
            ),
            name=name,
        )

    oldest = check("OldestContactInQueueAgeSeconds", "NumberGreaterOrEqualTo", "90000", "a")
    assert rig.trace(oldest)[0][1] == "NumberGreaterOrEqualTo 90000", "milliseconds"
    waiting_now = check("NumberOfContactsInQueue", "NumberGreaterOrEqualTo", "2", "b")
    assert rig.trace(waiting_now)[0][1] == "NumberGreaterOrEqualTo 2"
    nobody = check("NumberOfAgentsAvailable", "NumberGreaterThan", "0", "c")
    assert rig.trace(nobody)[0][1] == "NoMatchingCondition"
    rig.available("alice")
    somebody = check("NumberOfAgentsStaffed", "NumberGreaterThan", "0", "d")
    assert rig.trace(somebody)[0][1] == "NumberGreaterThan 0"


def test_metrics_become_references(rig):
    run(rig, name="Filling")
    contact_id = run(
        rig,
        action("get", "GetMetricData", {"QueueId": rig.queue["Arn"]}, "set", FAILED),
        action(
            "set",
            "UpdateContactAttributes",
            {
                "Attributes": {
                    "size": "$.Metrics.Queue.Size",
                    "online": "$.Metrics.Agents.Online.Count",
                }
            },
            "ok",
            FAILED,
        ),
    )
    assert rig.contact(contact_id)["attributes"] == {"size": "1", "online": "0"}


def test_metrics_tell_what_agents_do(rig):
    in_work, connected = run(rig, name="a"), run(rig, name="b")
    rig.one_task_at_once()
    for username, contact_id in (("alice", in_work), ("bob", connected)):
        rig.available(username)
        rig.act("accept", contact_id, username)
    rig.act("end", in_work, "alice")
    kinds = ("Online", "Available", "AfterContactWork", "Busy")
    contact_id = run(
        rig,
        action("get", "GetMetricData", {"QueueId": rig.queue["Arn"]}, "set", FAILED),
        action(
            "set",
            "UpdateContactAttributes",
            {"Attributes": {kind: f"$.Metrics.Agents.{kind}.Count" for kind in kinds}},
            "ok",
            FAILED,
        ),
        name="c",
    )
    assert rig.contact(contact_id)["attributes"] == {
        "Online": "2",
        "Available": "0",
        "AfterContactWork": "1",
        "Busy": "1",
    }


def test_priority_and_tags_and_logging(rig):
    contact_id = run(
        rig,
        action("log", "UpdateFlowLoggingBehavior", {"FlowLoggingBehavior": "Enabled"}, "urgent"),
        action("urgent", "UpdateContactRoutingBehavior", {"QueuePriority": "1"}, "tag"),
        action(
            "tag",
            "TagContact",
            {"Tags": {"team": "$.Attributes.team", "old": "1"}},
            "untag",
            FAILED,
        ),
        action("untag", "UntagContact", {"TagKeys": ["old"]}, "ok", FAILED),
        Attributes={"team": "billing"},
    )
    contact = rig.contact(contact_id)
    assert contact["priority"] == 1
    assert contact["tags"] == {"team": "billing"}


def test_a_hook_names_a_flow_that_exists(rig):
    queue_flow = rig.add_flow("Queue", "CUSTOMER_QUEUE", action("end", "EndFlowExecution"))
    hook = action(
        "hook",
        "UpdateContactEventHooks",
        {"EventHooks": {"CustomerQueue": "$.Attributes.flow"}},
        "ok",
        FAILED,
    )
    good = run(rig, hook, Attributes={"flow": queue_flow})
    assert ("end", "end") in rig.trace(good)
    assert rig.contact(good)["state"] == "QUEUED", "the end of a queue flow leaves it queued"
    bad = run(rig, hook, name="Bad", Attributes={"flow": "nowhere"})
    assert rig.trace(bad)[0] == ("hook", "NoMatchingError")


def test_hold_hooks_fail_for_tasks(rig):
    hold = rig.add_flow(
        "Hold",
        "AGENT_HOLD",
        action("log", "UpdateFlowLoggingBehavior", {"FlowLoggingBehavior": "Disabled"}, "log"),
    )
    contact_id = run(
        rig,
        action(
            "hook", "UpdateContactEventHooks", {"EventHooks": {"AgentHold": hold}}, "ok", FAILED
        ),
    )
    assert rig.trace(contact_id)[0] == ("hook", "NoMatchingError")


def test_create_task(rig):
    other = rig.add_flow("Other", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))
    contact_id = run(
        rig,
        action(
            "create",
            "CreateTask",
            {
                "Name": "Call $.Attributes.name",
                "ContactFlowId": other,
                "Attributes": {"reason": "escalated"},
                "References": {"Mail": "https://bucket.example/1"},
                "DelaySeconds": "60",
            },
            "set",
            FAILED,
        ),
        action(
            "set",
            "UpdateContactAttributes",
            {"Attributes": {"task": "$.Task.ContactId"}},
            "ok",
            FAILED,
        ),
        Attributes={"name": "Ann"},
    )
    task = rig.contact(rig.contact(contact_id)["attributes"]["task"])
    assert (task["name"], task["state"]) == ("Call Ann", "CREATED")
    assert task["related_contact_id"] == contact_id
    assert task["attributes"] == {"name": "Ann", "reason": "escalated"}
    rig.pass_time(60)
    assert rig.contact(task["id"])["state"] == "QUEUED"


@pytest.mark.parametrize("missing", ["Name", "ContactFlowId"])
def test_create_task_with_a_reference_without_value(rig, missing):
    other = rig.add_flow("Other", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))
    parameters = {"Name": "A task", "ContactFlowId": other, missing: "$.Attributes.none"}
    contact_id = run(rig, action("create", "CreateTask", parameters, "ok", FAILED))
    assert rig.trace(contact_id)[0] == ("create", "NoMatchingError")
    assert len(rig.desk("GET", "/contacts")) == 1


def test_messages_have_no_effect_on_a_task(rig):
    contact_id = run(rig, action("say", "MessageParticipant", {"Text": "Hello"}, "ok"))
    assert rig.trace(contact_id)[0] == ("say", "Next")


def test_disconnect_ends_the_task(rig):
    flow = rig.add_flow("End", "CONTACT_FLOW", action("end", "DisconnectParticipant"))
    contact = rig.contact(rig.start(flow))
    assert (contact["state"], contact["disconnect_reason"]) == ("ENDED", "CONTACT_FLOW_DISCONNECT")


def test_the_disconnect_flow_gets_a_new_contact_on_expiry(rig):
    rescue = rig.add_flow("Rescue", "CONTACT_FLOW", *queueing(rig.queue["Arn"]))
    contact_id = run(
        rig,
        action(
            "hook",
            "UpdateContactEventHooks",
            {"EventHooks": {"CustomerRemaining": rescue}},
            "ok",
            FAILED,
        ),
        Attributes={"case": "c1"},
    )
    rig.pass_time(7 * 86_400)
    assert rig.contact(contact_id)["disconnect_reason"] == "EXPIRED"
    rescued = [c for c in rig.desk("GET", "/contacts") if c["id"] != contact_id]
    assert [(c["state"], c["initiation_method"]) for c in rescued] == [("QUEUED", "DISCONNECT")]
    assert rescued[0]["previous_contact_id"] == contact_id
    assert rescued[0]["attributes"] == {"case": "c1"}


def test_an_edit_does_not_reach_flows_that_run(rig):
    contact_id = run(rig, waiting("60"))
    flow = rig.api.list_contact_flows(InstanceId=INSTANCE_ID)["ContactFlowSummaryList"][0]["Id"]
    rig.api.delete_contact_flow(InstanceId=INSTANCE_ID, ContactFlowId=flow)
    rig.pass_time(60)
    assert rig.contact(contact_id)["state"] == "QUEUED"


def test_a_failing_function_takes_the_error_branch(rig):
    rig.associate()
    rig.answer = failing
    contact_id = run(
        rig,
        action(
            "call",
            "InvokeLambdaFunction",
            {"LambdaFunctionARN": rig.function, "InvocationTimeLimitSeconds": "8"},
            "ok",
            FAILED,
        ),
    )
    assert rig.trace(contact_id)[0] == ("call", "NoMatchingError")
    assert rig.contact(contact_id)["state"] == "QUEUED"
