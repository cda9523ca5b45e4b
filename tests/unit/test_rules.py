"""Rules of notifications: read, checked, matched, filled in."""

import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
import yaml

from emailchannel.happened import Row
from emailchannel.notify import render
from emailchannel.notify.check import checked, main
from emailchannel.notify.conditions import all_hold, fits
from emailchannel.notify.rules import OPERATORS, Condition, NotRules, read
from local.testing import ROOT

GOOD = "rules:\n  - {name: a, changes: [INSERT], to: new.email, subject: S, text: T}\n"


def row(new=None, old=None):
    return Row("1", 0, old or {}, new or {})


def rule(**more):
    fields = {"name": "a", "changes": "[INSERT]", "to": "new.email", "subject": "S", "text": "T"}
    lines = [f"    {name}: {value}" for name, value in (fields | more).items() if value]
    return "rules:\n  -\n" + "\n".join(lines) + "\n"


def test_the_file_that_comes_with_us_has_no_rules():
    assert checked((ROOT / "functions" / "notifications.yaml").read_text()) == ()


def test_a_rule_is_read():
    [found] = checked(GOOD)
    assert (found.name, found.changes, found.recipient_path, found.table) == (
        "a",
        ("INSERT",),
        "new.email",
        "ours",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "one entry, rules"),
        ("rules: 1", "one entry, rules"),
        ("rules: []\nmore: 1", "one entry, rules"),
        ("rules: [", "no YAML"),
        ("rules: [1]", "rule 1: a rule has fields"),
        (rule(name="A B"), "rule 1|A B: name has small letters"),
        (rule(changes="[ADD]"), "a: changes lists some of INSERT"),
        (rule(changes="INSERT"), "a: changes lists"),
        (rule(on="[INSERT]"), "a: True is no field. Did you mean changes?"),
        (rule(colour="red"), "a: colour is no field"),
        (rule(to=""), "a: to is missing"),
        (rule(subject=""), "a: subject is missing"),
        (rule(entity="shoe"), "a: entity is one of case"),
        (rule(table="t", entity="case"), "a: entity"),
        (rule(when="1"), "a: when is a list"),
        (rule(when="[{path: new.a}]"), "a: a condition of when"),
        (rule(when="[{path: a, equals: 1}]"), "a: a in when is no path"),
        (rule(when="[{path: new.a, greater: x}]"), "a: greater of when is a number"),
        (rule(when="[{path: new.a, in: 1}]"), "a: in of when is a list"),
        (rule(when="[{path: new.a, exists: 1}]"), "a: exists of when is true or false"),
        (rule(attachments="[{bucket: b}]"), "a: an attachment has bucket"),
        (rule(text='"{{ new.a"'), "a: text is no template"),
        (rule(html='"{% if %}"'), "a: html is no template"),
        (GOOD + GOOD.removeprefix("rules:\n"), "a: two rules have this name"),
    ],
)
def test_a_mistake_is_told_with_rule_and_field(text, words):
    with pytest.raises(NotRules) as found:
        checked(text)
    assert any(one in str(found.value) for one in words.split("|")), found.value.faults


SCHEMA = json.loads((ROOT / "functions" / "notifications.schema.json").read_text())


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        rule(changes="[ADD]"),
        rule(colour="red"),
        rule(to=""),
        rule(entity="shoe"),
        rule(when="[{path: new.a}]"),
        rule(when="[{path: a, equals: 1}]"),
        rule(when="[{path: new.a, greater: x}]"),
        rule(when="[{path: new.a, greater: 1}]"),
        rule(attachments="[{bucket: b}]"),
        rule(attachments="[{bucket: b, key: k, filename: f}]"),
    ],
)
def test_the_schema_for_editors_says_the_same(text):
    try:
        good = bool(checked(text))
    except NotRules:
        good = False
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(yaml.safe_load(text)) is good


def test_all_mistakes_are_told_at_once():
    with pytest.raises(NotRules) as found:
        read(rule(to="", subject="", changes="[X]"))
    assert len(found.value.faults) == 3


@pytest.mark.parametrize(
    ("operator", "value", "found", "holds"),
    [
        ("equals", 5, Decimal(5), True),
        ("equals", "5", Decimal(5), False),
        ("equals", True, True, True),
        ("equals", 1, True, False),
        ("equals", "a", "a", True),
        ("not_equals", "a", "b", True),
        ("not_equals", "a", None, True),
        ("greater", 0, Decimal("0.1"), True),
        ("greater", 0, Decimal(0), False),
        ("greater", 0, "9", False),
        ("greater", 0, True, False),
        ("greater", 0, None, False),
        ("at_least", 5, Decimal(5), True),
        ("less", 5, Decimal(5), False),
        ("at_most", 5, Decimal(5), True),
        ("in", ["a", 2], Decimal(2), True),
        ("in", ["a", 2], "b", False),
    ],
)
def test_a_condition_holds_or_not(operator, value, found, holds):
    condition = Condition("new.a", operator, value)
    image = {} if found is None else {"a": found}
    assert all_hold([condition], row(image)) is holds


def test_paths_lead_into_maps_and_changes_are_seen():
    deep = row({"c": {"x": Decimal(6)}}, {"c": {"x": Decimal(5)}})
    assert all_hold([Condition("new.c.x", "greater", 5)], deep)
    assert all_hold([Condition("old.c.x", "at_most", 5)], deep)
    assert all_hold([Condition("new.c.x", "changed", True)], deep)
    assert not all_hold([Condition("new.c.y", "changed", True)], deep)
    assert all_hold([Condition("new.c.y", "exists", False)], deep)
    assert all_hold([], deep)
    assert set(OPERATORS) >= {"changed", "exists"}


def test_a_rule_fits_its_table_its_change_and_its_entity():
    [ours] = read(rule(entity="message"))
    [foreign] = read(rule(table="t"))
    message = row({"sk": "MSG#1"})
    assert fits(ours, "ours", message) and not fits(ours, "t", message)
    assert not fits(ours, "ours", row({"sk": "CASE"}))
    assert not fits(ours, "ours", row({"sk": "MSG#1"}, {"sk": "MSG#1"}))
    assert fits(foreign, "t", row({"x": 1})) and not fits(foreign, "ours", row({"sk": "CASE"}))
    [any_of_ours] = read(rule())
    assert not fits(any_of_ours, "ours", row({"sk": "OUTBOX"}))
    assert fits(any_of_ours, "ours", row({"sk": "APP", "sender_id": "billing"}))
    assert not fits(any_of_ours, "ours", row({"sk": "APP", "sender_id": "rule:welcome"}))
    assert fits(foreign, "t", row({"sender_id": "rule:welcome"}))


def test_html_is_escaped_and_text_is_not():
    values = row({"name": "<b>&"})
    assert render.fill("html", "{{ new.name }}", values, html=True) == "&lt;b&gt;&amp;"
    assert render.fill("text", "{{ new.name }}", values) == "<b>&"


@pytest.mark.parametrize(
    "source",
    [
        "{{ new.missing }}",
        "{{ old.name }}",
        "{{ ''.__class__ }}",
        "{{ new.__class__.__mro__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ range(3) }}",
        "{{ lipsum() }}",
        "{{ new.clear() }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ 'x' * 300000 }}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_template_sees_the_images_and_nothing_else(source):
    with pytest.raises(render.NotRendered) as found:
        render.fill("text", source, row({"name": "Ann"}))
    assert found.value.words.startswith("text: ") and "Ann" not in found.value.words


def test_the_build_stops_at_a_mistake(tmp_path: Path, capsys):
    file = tmp_path / "notifications.yaml"
    file.write_text(GOOD)
    assert main(str(file)) == 0
    file.write_text(rule(to=""))
    assert main(str(file)) == 1
    assert "a: to is missing." in capsys.readouterr().err
