"""`python -m channel replies`: what agents put into their answers."""

import pytest

from tests.abuse.desk import desk_of, page_world


@pytest.fixture
def w():
    with page_world(SendAcknowledgement="false") as world:
        yield world


@pytest.fixture
def cli(w, sign_in):
    return sign_in(w.s)


def written(folder, text):
    file = folder / "text.html"
    file.write_text(text)
    return str(file)


def test_a_prepared_reply_reaches_the_agent_filled_in(w, cli, tmp_path):
    html = "<p>Dear {{ customer.first_name }},</p><p>thank you. {{ agent.name }}</p>"
    said = cli("replies", "set", "thanks", "Thank you", written(tmp_path, html))
    assert (said.status, said.out) == (0, "thanks is written.\n")
    said = cli("replies", "list")
    assert "Thank you" in said.out
    assert "1 prepared reply." in said.out
    [reply] = desk_of(w, w.matter()).composer()["replies"]
    assert (reply["id"], reply["title"]) == ("thanks", "Thank you")
    assert reply["text"] == "Dear Ann,\n\nthank you. Alice Archer"

    again = written(tmp_path, "<p>Thanks</p>")
    assert cli("replies", "set", "thanks", "Thanks", again).status == 0
    assert "1 prepared reply." in cli("replies", "list").out
    assert cli("replies", "remove", "thanks").status == 0
    assert cli("replies", "remove", "thanks").status == 1


def test_what_cannot_be_filled_in_is_not_written(cli, tmp_path):
    for text in ("<p>{{ customer.nickname }}</p>", "<p>{{ </p>", "<p>{{ 'a' * 9 }}</p>"):
        said = cli("replies", "set", "bad", "Bad", written(tmp_path, text))
        assert said.status == 1
        assert said.out.startswith("Not written: ")
    said = cli("replies", "set", "Not An Id", "Bad", written(tmp_path, "<p>x</p>"))
    assert (said.status, "a-z" in said.out) == (1, True)
    assert cli("replies", "set", "none", "None", str(tmp_path / "missing.html")).status == 2


def test_a_broken_document_is_named_and_agents_go_on(w, cli):
    w.s.channel.mails.write("settings/replies.json", b"{", "application/json")
    said = cli("replies", "check")
    assert said.status == 1
    assert "settings/replies.json" in said.out + said.err
    assert desk_of(w, w.matter()).composer()["replies"] == []


def test_the_usual_signature_is_of_everybody_without_his_own(w, cli, tmp_path):
    usual = written(tmp_path, "<p>{{ agent.name }}<br>Example Ltd</p>")
    assert cli("replies", "signature", usual).status == 0
    desk = desk_of(w, w.matter())
    assert desk.composer()["signature"]["text"] == "Alice Archer\nExample Ltd"
    assert desk("PUT", "/signature", {"html": "<p>A. {{ agent.name }}</p>"})[0] == 200
    assert desk.composer()["signature"]["text"] == "A. {{ agent.name }}"
    assert cli("replies", "signature", written(tmp_path, "{{ x }}")).status == 1
