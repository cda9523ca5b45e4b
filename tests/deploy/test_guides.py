"""The administrator's guides say what the template, the doctor and the script of costs say."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from channel.doctor import CHECKS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDES = ("parameters.md", "deploying.md", "costs.md")
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
PARAMETERS = TEMPLATE["Parameters"]
GROUPS = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
OF_AWS = {"StartTaskContact", "DescribeUser"}  # operations that the guides name


def sections(document: str) -> dict[str, str]:
    """The text below each heading of the second level."""
    parts = re.split(r"^## (.+)\n", (DOCS / document).read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """The cells of the lines of tables that begin with a name in backquotes."""
    found = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found]


def name_of(row: list[str]) -> str:
    return row[0].strip("`")


def documented() -> dict[str, list[str]]:
    """The rows of all parameters, by name."""
    groups = [group["Label"]["default"] for group in GROUPS]
    known = sections("parameters.md")
    return {name_of(row): row for group in groups for row in rows(known[group])}


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+", text.replace(",", "")))


def test_parameters_stand_in_the_groups_and_the_order_of_the_template():
    known = sections("parameters.md")
    for group in GROUPS:
        names = [name_of(row) for row in rows(known[group["Label"]["default"]])]
        assert names == group["Parameters"]
    assert [name for group in GROUPS for name in group["Parameters"]] == list(documented())
    assert set(documented()) == set(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_is_documented_with_its_default_and_its_limits(name):
    definition = PARAMETERS[name]
    _, default, allowed, what_for, _ = documented()[name]
    if "Default" not in definition:
        assert default == "asked for"
    else:
        assert default == (f"`{definition['Default']}`" if definition["Default"] != "" else "empty")
    for limit in ("MinValue", "MaxValue", "MaxLength"):
        if limit in definition:
            assert str(definition[limit]) in numbers(allowed), limit
    values = [str(value) for value in definition.get("AllowedValues", [])]
    if values:
        assert re.findall(r"[\w-]+", allowed) == values
    if str(definition.get("AllowedPattern", "")).startswith("|"):
        assert "or empty" in allowed
    assert what_for


def test_outputs_are_documented_with_when_they_are_there():
    found = rows(sections("parameters.md")["Outputs"])
    assert [name_of(row) for row in found] == list(TEMPLATE["Outputs"])
    for row in found:
        condition = "Condition" in TEMPLATE["Outputs"][name_of(row)]
        assert row[1].startswith("with `" if condition else "always"), row


def test_what_a_guide_names_is_in_the_template():
    words = set(PARAMETERS) | set(TEMPLATE["Outputs"]) | set(TEMPLATE["Resources"]) | OF_AWS
    for document in GUIDES:
        text = re.sub(r"```.*?```", "", (DOCS / document).read_text(), flags=re.DOTALL)
        text = text.partition("## Rehearsal")[0]  # what was seen there names what it saw
        named = set(re.findall(r"`([A-Z][a-z]+[A-Z]\w+)(?:=[^`]*)?`", text))
        assert named - words == set(), document


def test_each_check_of_the_doctor_has_a_line_on_what_to_do():
    known = rows(sections("deploying.md")["When doctor finds something"])
    assert [name_of(row) for row in known] == [name for part in CHECKS.values() for name in part]
    assert all(len(row) == 3 and row[2] for row in known)


def test_links_lead_somewhere():
    for document in GUIDES:
        text = (DOCS / document).read_text()
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
            path = DOCS / target if target else DOCS / document
            assert path.exists(), target
            if anchor:
                headings = re.findall(r"^#+ (.+)$", path.read_text(), flags=re.MULTILINE)
                slugs = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
                assert anchor in slugs, anchor


@pytest.fixture(scope="module")
def costs():
    spec = importlib.util.spec_from_file_location("costs", ROOT / "bench" / "costs.py")
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["costs"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["costs"]


def test_the_costs_are_those_of_the_script(costs):
    text = (DOCS / "costs.md").read_text()
    figures = text.partition(costs.BEGIN)[2].partition(costs.END)[0].strip()
    assert figures == costs.rendered(), "python bench/costs.py --write"


def test_a_bill_is_measured_units_times_prices(costs):
    listed = costs.read(costs.PRICES)
    bill = costs.Bill(costs.read(costs.MEASURED), listed)
    before = {row.what: row.usd for row in bill.mails()}
    assert before["Amazon Connect"] == 1000 * listed["prices"]["connect.task"]["usd"]
    listed["prices"]["comprehend"]["usd"] *= 2
    after = {row.what: row.usd for row in bill.mails()}
    assert after.pop("Amazon Comprehend") == 2 * before.pop("Amazon Comprehend") > 0
    assert after == before


def test_what_the_stack_has_is_what_the_bill_counts(costs):
    stack = costs.read(costs.MEASURED)["stack"]
    kinds = [resource["Type"] for resource in TEMPLATE["Resources"].values()]
    assert stack["alarms"] == kinds.count("AWS::CloudWatch::Alarm")
    assert stack["dashboards"] == kinds.count("AWS::CloudWatch::Dashboard")
    assert stack["secrets"] == kinds.count("AWS::SecretsManager::Secret")
    sources = [
        resource["Properties"]
        for resource in TEMPLATE["Resources"].values()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping"
    ]  # reading a stream costs nothing, asking a queue does
    assert stack["event_sources"] == sum("StartingPosition" not in one for one in sources)


def test_every_price_has_its_page_and_its_date(costs):
    for name, price in costs.read(costs.PRICES)["prices"].items():
        assert price["source"].startswith("https://aws.amazon.com/"), name
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", price["known"]), name
