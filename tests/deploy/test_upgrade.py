"""A stack of each release is updated to today's, with everything under way, and goes on."""

import zipfile

import pytest

from channel.command import main
from local import deploy, testing
from tests.abuse.world import World, human, read, recipients
from tests.builders import mail, reply_to
from tests.deploy.releases import (
    LASTING,
    NAME,
    RELEASES,
    TODAY,
    Installation,
    broken,
    code_of,
    lost,
)
from tests.deploy.under_way import live


@pytest.fixture(scope="module", params=RELEASES, ids=lambda path: path.stem)
def release(request, tmp_path_factory):
    """A release's folder."""
    folder = tmp_path_factory.mktemp("release")
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def installation():
    """An empty account for every test that asks, by its number."""
    used = set()

    def make(account):
        forget(account)  # another release was in it
        used.add(account)
        return Installation(testing.emulator(), account)

    yield make
    for account in used:
        forget(account)


def forget(account):
    testing.emulator().control("DELETE", f"/_local/{account}")


@pytest.fixture(scope="module")
def upgraded(release, installation):
    """(the world after the update, what was before it)

    Pages were opened before, and a mail waits in its queue meanwhile.
    """
    here = installation("515151515151")
    w = World(here.create(release))
    before = live(w)
    template = here.template(TODAY)
    before.changes = here.changes(template)
    before.types = {name: found["Type"] for name, found in template["Resources"].items()}
    w.s.local("PUT", "event_sources", {"paused": True})
    before.queued = w.person("quinn")
    w.s.deliver(mail(before.queued), before.queued, [w.s.inquiry_address])
    w.s = here.update(template)
    w.s.local("PUT", "event_sources", {"paused": False})
    w.s.settle()
    for page in (before.page, before.stranger_page, before.stale_page):
        page.s = w.s
    return w, before


def test_no_resource_that_holds_something_is_replaced_or_removed(upgraded):
    _, before = upgraded
    assert len(before.changes) > 10
    assert lost(before.changes) == []


def test_what_lasts_is_physically_the_same(upgraded):
    w, before = upgraded
    lasting = {name for name in before.resources if before.types.get(name) in LASTING}
    assert {"Table", "MailBucket", "CaseKey", "RelayKeys", "SendQueue"} <= lasting
    assert {name: w.s.resources[name] for name in lasting} == {
        name: before.resources[name] for name in lasting
    }
    for name in ("PageUrl", "AgentApiUrl", "MailBucketName", "TableName"):
        assert w.s.outputs[name] == before.outputs[name], name


def test_the_customer_s_answer_to_the_old_alias_continues_his_case(upgraded):
    w, before = upgraded
    customer = before.answered.customer
    raw = reply_to(before.answer, "Thank you, it has arrived, but the lid leaks.", customer)
    to = read(before.answer)["From"].addresses[0].addr_spec
    ses_id = w.deliver(raw, customer, to).id
    assert w.case_of(ses_id) == before.answered.id
    assert w.became(ses_id)[0] == "accepted"
    case = w.case(before.answered.id)
    assert (case["status"], case["target_type"]) == ("open", "agent")


def test_the_session_and_the_relay_address_of_an_open_task_still_work(upgraded):
    w, before = upgraded
    assert before.page.view()["case"]["id"] == before.open.id
    sent = human(w.answer(before.open, to=before.relay, text="It is on its way.").sent)
    assert recipients(sent) == [before.open.customer]
    assert w.s.messages(before.open.id)[-1]["delivery"] == "delivered"


def test_a_code_that_nobody_has_used_yet_opens_the_page(upgraded):
    w, before = upgraded
    page = w.session(w.case(before.accepted.id)["contact_id"])
    assert page.view()["case"]["id"] == before.accepted.id


def test_a_task_that_waits_keeps_its_links_and_is_taken(upgraded):
    w, before = upgraded
    assert before.links
    assert {testing.fetch(link)[0] for link in before.links} == {200}
    page = w.api(before.waiting.id, "carol")
    assert page.view()["case"]["id"] == before.waiting.id
    assert recipients(human(w.answer(before.waiting, "carol").sent)) == [before.waiting.customer]


def test_held_mail_is_decided(upgraded):
    w, before = upgraded
    assert before.stranger_page.decide(before.stranger_mail, "admit")[0] == 200
    assert w.became(before.stranger_mail) == ("accepted", "admitted")


def test_a_held_answer_is_sent(upgraded):
    w, before = upgraded
    assert before.stale_page.decide(before.stale_mail, "send")[0] == 200
    [reply] = [m for m in w.s.messages(before.stale.id) if m["kind"] == "reply"]
    assert reply["delivery"] == "queued"


def test_a_mail_of_the_quarantine_is_released(upgraded, sign_in):
    w, before = upgraded
    assert w.quarantined(before.spam) == "spam"
    assert sign_in(w.s)("quarantine", "release", before.spam) == 0
    assert w.case_of(before.spam)


def test_what_was_in_the_outbox_leaves_once(upgraded):
    w, before = upgraded
    already = len(w.s.sent())
    w.later(minutes=6)
    w.later(minutes=6)
    to = [one for one in w.s.sent()[already:] if before.outgoing.customer in one["recipients"]]
    assert len(to) == 1


def test_a_mail_that_was_in_its_queue_makes_a_case(upgraded):
    w, before = upgraded
    [case] = [case for case in w.s.cases() if case["customer"] == before.queued]
    assert w.tasks(case["id"])


def test_new_mail_makes_a_case(upgraded):
    w, _ = upgraded
    matter = w.matter()
    assert w.tasks(matter.id)


def test_the_table_says_what_the_bucket_says(upgraded, sign_in):
    w, _ = upgraded
    w.later(minutes=10)
    assert sign_in(w.s)("verify") == 0


def test_the_page_is_today_s_and_no_work_is_left(upgraded):
    w, _ = upgraded
    body = w.s.client("s3").get_object(Bucket=w.s.resources["PageBucket"], Key="index.html")["Body"]
    today = (TODAY / "agent_ccp" / "dist" / "index.html").read_text()
    assert body.read().decode().endswith(today.partition("<head>")[2])
    assert set(w.s.queues().values()) == {0}


@pytest.fixture
def sign_in(monkeypatch):
    """The command line with the credentials of a stack's account."""

    def signed_in(s):
        monkeypatch.setenv("AWS_ENDPOINT_URL", s.world.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", s.account)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", testing.REGION)
        return lambda *words: main(["--stack", s.name, *words])

    return signed_in


def test_an_update_that_fails_is_undone_and_the_channel_goes_on(release, installation):
    here = installation("525252525252")
    w = World(here.create(release))
    matter = w.matter()
    page = w.api(matter.id)
    relay = w.address(matter)
    was = code_of(w.s)
    with pytest.raises(deploy.DeploymentFailed, match=r"UPDATE_ROLLBACK_COMPLETE.*Broken"):
        here.update(broken(here.template(TODAY)))
    again = deploy.describe(here.world, here.account, NAME)
    assert again.resources == w.s.resources
    assert code_of(w.s) == was
    assert page.view()["case"]["id"] == matter.id
    assert recipients(human(w.answer(matter, to=relay).sent)) == [matter.customer]
    assert w.tasks(w.matter().id)
    w.s = here.update(here.template(TODAY))
    assert code_of(w.s) != was
    assert w.tasks(w.matter().id)


def test_nobody_has_to_say_more_than_before(release):
    """An update with the parameters that were given then, and outputs that somebody reads."""
    then, now = (deploy.translate(folder / "template.yaml") for folder in (release, TODAY))
    assert set(then["Parameters"]) <= set(now["Parameters"])
    added = set(now["Parameters"]) - set(then["Parameters"])
    assert [name for name in added if "Default" not in now["Parameters"][name]] == []
    for name, definition in then["Parameters"].items():
        allowed = set(definition.get("AllowedValues", []))
        assert allowed <= set(now["Parameters"][name].get("AllowedValues", allowed)), name
    assert set(then["Outputs"]) <= set(now["Outputs"])


# Another value for each parameter that has a choice of its own
OTHERS = {
    "GeneralInquiryEmailAddress": "support@example.com",
    "InquiryEmailAddressDomain": "mail.example.com",
    "MailFromDomain": "bounce.support.example.com",
    "ReceiptRulePosition": "first",
    "DefaultQueueArn": f"{testing.instance_arn('535353535353')}/queue/{'1' * 8}-{'1' * 27}",
    "TasksPerSecond": "3",
    "DefaultLanguage": "de",
    "AgentExtraAddresses": "alice=alice@corp.example",
    "PageOrigin": "https://mail.example.com",
    "AlarmEmail": "ops@example.com",
    "PermissionsBoundaryArn": "arn:aws:iam::535353535353:policy/boundary",
    "EmailDisclaimer": "Example Ltd",
    "DefaultEmailFrom": "Example <support@support.example.com>",
    "AgentEmailDomains": "corp.example, other.example",
    "RoutingProfileId": "",
    "AmazonConnectTaskContactFlowId": "11111111-1111-1111-1111-111111111111",
    "LogRetentionDays": "30",
    "OidcIssuer": "https://login.example.com",
    "OidcAudience": "desk",
    "EventBusName": "other",
    "SmsSender": "+12065550100",
    "SmsRegion": "eu-west-1",
}
TOGETHER = ("OidcIssuer", "OidcAudience")  # a rule of the template: both or neither
# docs/parameters.md warns of these
COSTLY = {
    "InquiryEmailAddressDomain": ["DomainIdentity"],
    "CreateDomainIdentity": ["DomainIdentity"],
    "DefaultQueueArn": ["EmailQueue"],
}


def other(name: str, definition: dict, now: str) -> str:
    if name in OTHERS:
        return OTHERS[name]
    if "AllowedValues" in definition:
        return next(value for value in map(str, definition["AllowedValues"]) if value != now)
    return str(int(now) + 1)


def test_parameters_changed_later_replace_nothing_but_what_the_document_says(installation):
    here = installation("535353535353")
    here.create(TODAY)
    template = here.template(TODAY)
    found = {}
    for name, definition in template["Parameters"].items():
        if name != "AmazonConnectInstanceArn":
            now = here.values.get(name, str(definition.get("Default")))
            names = TOGETHER if name in TOGETHER else (name,)
            changes = here.changes(
                template, **{one: other(one, template["Parameters"][one], now) for one in names}
            )
            assert changes, name
            found[name] = lost(changes)
    assert {name: gone for name, gone in found.items() if gone} == COSTLY


def test_going_back_to_the_release_before_loses_nothing(release, installation):
    here = installation("545454545454")
    w = World(here.create(TODAY))
    matter = w.matter()
    page = w.api(matter.id)
    w.s = here.update(here.template(release))
    page.s = w.s
    assert page.view()["case"]["id"] == matter.id
    assert recipients(human(w.answer(matter).sent)) == [matter.customer]
    assert w.tasks(w.matter().id)
