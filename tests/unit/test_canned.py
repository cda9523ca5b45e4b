"""Canned replies: filled in for a case, and harmless whoever the customer says he is."""

import json

import pytest

from emailchannel.desk.canned import (
    Canned,
    Fault,
    Filled,
    NotReplies,
    check,
    fill,
    filled,
    read,
    variables,
    written,
)

VALUES = variables(
    customer="Ann <b>Bold</b>",
    agent="Mo Reed",
    case_id="c1",
    subject="Tom & I",
    today="3 May 2026",
)


def reply(html: str, subject: str = "", name: str = "thanks") -> Canned:
    return Canned(name, "Thanks", subject, html)


def test_every_variable_is_filled_in():
    html = (
        "<p>{{ customer.first_name }} {{ agent.first_name }} {{ agent.name }} {{ case.id }}"
        " {{ today }}</p>"
    )
    done = fill(reply(html, "About {{ case.subject }}"), VALUES)
    assert isinstance(done, Filled)
    assert done.html == "<p>Ann Mo Mo Reed c1 3 May 2026</p>"
    assert done.text == "Ann Mo Mo Reed c1 3 May 2026"
    assert done.subject == "About Tom & I"


def test_a_name_is_text_and_never_markup():
    done = fill(reply("<p>{{ customer.name }}</p>"), VALUES)
    assert isinstance(done, Filled)
    assert done.html == "<p>Ann &lt;b&gt;Bold&lt;/b&gt;</p>"


def test_a_customer_s_template_in_his_name_is_not_run():
    values = variables(customer="{{ 7 * 6 }}", agent="Mo", case_id="c", subject="", today="")
    done = fill(reply("<p>{{ customer.name }}</p>"), values)
    assert isinstance(done, Filled)
    assert "42" not in done.html


def test_a_subject_stays_on_one_line():
    values = variables(customer="A", agent="M", case_id="c", subject="a\r\nBcc: b@c", today="")
    done = fill(reply("<p>x</p>", "{{ case.subject }}"), values)
    assert isinstance(done, Filled)
    assert not {"\r", "\n"} & set(done.subject)


@pytest.mark.parametrize(
    ("name", "first"), [("Ann Lee", "Ann"), ("Lee, Ann", "Ann"), ("", ""), ("Ann", "Ann")]
)
def test_the_first_name(name, first):
    values = variables(customer=name, agent="M", case_id="c", subject="", today="")
    assert values["customer"]["first_name"] == first


@pytest.mark.parametrize(
    "html",
    [
        "{{ custommer.name }}",
        "{{ customer.phone }}",
        "{% if %}",
        "{{ ''.__class__.__mro__ }}",
        "{{ range(9) }}",
        "{{ 1 / 0 }}",
        "{% include 'x' %}",
        "{{ customer.update({'name': 'x'}) }}",
        "{{ 'a' * 9999999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%9999999999d' % 1 }}",
        "{{ 'a'.center(9999999999) }}",
        "{{ 'a' | center(9999999999) }}",
        "{% for a in today %}" * 6 + "x" + "{% endfor %}" * 6,
    ],
)
def test_a_template_that_fails_is_named_and_left_out(html):
    good, bad = reply("<p>Hello</p>", name="good"), reply(html, name="bad")
    assert isinstance(fill(bad, VALUES), Fault)
    assert [fault.id for fault in check((good, bad))] == ["bad"]
    assert [done.id for done in filled((good, bad), VALUES)] == ["good"]


def test_what_is_written_is_read_again():
    replies = (reply("<p>ü</p>"), reply("<p>b</p>", name="other"))
    assert read(written(replies)) == replies
    assert read(None) == ()


@pytest.mark.parametrize(
    "document",
    [
        "x",
        "[]",
        "[" * 100_000,
        '{"version":2,"replies":[]}',
        '{"version":1,"replies":{}}',
        '{"version":1,"replies":[1]}',
    ],
)
def test_another_document_is_refused(document):
    with pytest.raises(NotReplies):
        read(document.encode())


@pytest.mark.parametrize(
    "wrong",
    [{"id": "A b"}, {"title": " "}, {"html": ""}, {"html": 1}, {"subject": "x" * 251}, {"x": "y"}],
)
def test_a_reply_of_another_shape_is_refused(wrong):
    entry = {"id": "a", "title": "t", "subject": "", "html": "<p>x</p>"} | wrong
    with pytest.raises(NotReplies):
        read(json.dumps({"version": 1, "replies": [entry]}).encode())


def test_two_of_one_id_are_refused():
    with pytest.raises(NotReplies):
        read(written((reply("a"), reply("b"))))
