"""`make rehearse`, once: the real SAM CLI creates, updates, rolls back, deletes, creates again."""

import re

import pytest

from local.rehearse import command, edits
from local.rehearse.steps import CUSTOM

FOUR = {
    "GeneralInquiryEmailAddress",
    "InquiryEmailAddressDomain",
    "AgentEmailDomains",
    "AmazonConnectInstanceArn",
}
OPTIONAL = {"RoutingProfileId", "AlarmEmail", "Architecture"}


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory):
    """(the steps by name, what sam said by file)."""
    folder = tmp_path_factory.mktemp("said")
    done = command.run(folder, lambda _done: None)
    failed = [f"{step.name}: {step.came}" for step in done if step.failed]
    assert not failed, failed
    return {step.name: step for step in done}, {p.name: p.read_text() for p in folder.iterdir()}


pytestmark = pytest.mark.timeout(600)  # the first test waits for the whole rehearsal


def said(rehearsal, ending: str, nth: int = 0) -> str:
    names = sorted(name for name in rehearsal[1] if name.endswith(ending))
    return rehearsal[1][names[nth]]


def changed(text: str) -> set[str]:
    """Logical ids in the change set as `sam` printed it."""
    shown = text.partition("CloudFormation stack changeset")[2].partition("Changeset created")[0]
    return set(re.findall(r"^[+*-] (?:Add|Modify|Delete)\s+(\S+)", shown, re.MULTILINE))


def test_a_guided_deployment_wants_four_answers_and_enter(rehearsal):
    text = said(rehearsal, "sam-deploy-guided.txt")
    asked = dict(re.findall(r"^\tParameter (\w+) \[([^]\n]*)\]:", text, re.MULTILINE))
    typed = set(re.findall(r"^\tParameter (\w+) \[[^]\n]*\]: *\S", text, re.MULTILINE))
    assert typed - OPTIONAL == FOUR
    assert all(asked[name] == "" for name in FOUR)  # nothing could be offered for them
    assert "Successfully created/updated stack - email-channel" in text


def test_an_optional_resource_that_is_not_wanted_is_not_in_the_change_set(rehearsal):
    added = changed(said(rehearsal, "sam-deploy-guided.txt"))
    assert {"MailBucket", "AlarmTopic"} <= added
    assert not {"EncryptionKey", "WorkspaceApplication", "CanaryAlarm"} & added


def test_building_and_deploying_again_changes_nothing(rehearsal):
    text = said(rehearsal, "sam-deploy.txt", 0)
    assert "No changes to deploy. Stack email-channel is up to date" in text
    assert "Deploy this changeset" not in text


def test_a_line_of_the_page_and_a_flow_are_all_that_is_written(rehearsal):
    steps, _ = rehearsal
    came = steps["One line of the page, and one flow"].came
    assert came.endswith("written: index.html, email-QueueTransfer")
    assert CUSTOM - {"ConnectInstance"} <= changed(said(rehearsal, "sam-deploy.txt", 1))


def test_sam_shows_why_connect_refused_a_flow_and_the_stack_rolls_back(rehearsal):
    text = said(rehearsal, "sam-deploy.txt", 2)
    assert "UPDATE_FAILED" in text
    assert "Amazon Connect" in text.partition("UPDATE_FAILED")[2]
    assert "UPDATE_ROLLBACK_COMPLETE" in text
    steps, _ = rehearsal
    assert edits.UNKNOWN in steps["A flow that Connect refuses"].came


def test_the_case_of_the_first_mail_goes_on_through_all_of_it(rehearsal):
    steps, _ = rehearsal
    order = list(steps)
    updates = ("sam build, sam deploy: nothing new", "One line of the page, and one flow")
    for update in (*updates, "A flow that Connect refuses"):
        assert order.index("Ann writes: a case and a task") < order.index(update)
        assert order.index(update) < order.index("Ann replies: a new, linked case")
    assert steps["Nothing is left over"].came.startswith("4 answers")


def test_deleting_keeps_mail_and_a_new_stack_stands_beside_it(rehearsal):
    steps, _ = rehearsal
    assert "Deleted successfully" in said(rehearsal, "sam-delete-no-prompts.txt")
    assert steps["sam delete"].came.startswith("only mail, table and case key are left")
    assert "beside the kept bucket" in steps["sam deploy beside what was kept"].came
    assert steps["Ann writes to the new stack"].came.startswith("case ")
