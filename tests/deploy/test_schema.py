"""The schema of the messages API: sound, documented, and kept for who uses it."""

from pathlib import Path

import pytest
from graphql import build_schema, find_breaking_changes, validate_schema
from graphql.language import ast, parse

from emailchannel.app.values import status_of
from emailchannel.aws import graphql
from emailchannel.track import STRENGTH
from local.testing import ROOT

TEXT = (ROOT / "schema.graphql").read_text()
RELEASED = (Path(__file__).parent / "released" / "schema.graphql").read_text()
# What AppSync itself declares (AWS AppSync developer guide, "Scalar types", "Authorization")
PRELUDE = """
scalar AWSDateTime
scalar AWSURL
directive @aws_api_key on FIELD_DEFINITION | OBJECT
directive @aws_iam on FIELD_DEFINITION | OBJECT
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
"""
ROOTS = ("Query", "Mutation", "Subscription")
SCHEMA = build_schema(PRELUDE + TEXT)
DOCUMENT = parse(TEXT)


def kinds(*which):
    return [node for node in DOCUMENT.definitions if isinstance(node, which)]


def test_it_is_a_schema():
    assert validate_schema(SCHEMA) == []


def test_names_are_written_as_everywhere():
    for node in kinds(ast.ObjectTypeDefinitionNode, ast.InputObjectTypeDefinitionNode):
        assert node.name.value[0].isupper()
        for field in node.fields:
            assert field.name.value[0].islower() and "_" not in field.name.value
    for node in kinds(ast.EnumTypeDefinitionNode):
        assert all(value.name.value.isupper() for value in node.values)


def test_who_may_read_a_type_is_said_of_each():
    """A type without directives is for API keys alone: AppSync's default, which shuts IAM out."""
    for node in kinds(ast.ObjectTypeDefinitionNode):
        names = {directive.name.value for directive in node.directives}
        if node.name.value != "Mutation":
            assert names == {"aws_api_key", "aws_iam"}, node.name.value
            continue
        for field in node.fields:
            allowed = {directive.name.value for directive in field.directives}
            ours = field.name.value.startswith("publish")
            assert allowed == ({"aws_iam"} if ours else {"aws_api_key", "aws_iam"})


def test_each_root_field_has_a_resolver_in_the_template_and_in_the_code():
    from tests.deploy.resolved import Resolved

    resolvers = Resolved().of_type("AWS::AppSync::Resolver").values()
    wired = {(one["TypeName"], one["FieldName"]) for one in resolvers}
    asked = {
        (node.name.value, field.name.value)
        for node in kinds(ast.ObjectTypeDefinitionNode)
        if node.name.value in ROOTS[:2]
        for field in node.fields
    }
    assert wired == asked == set(graphql.FIELDS)


def test_a_subscription_hears_a_mutation_whose_answer_it_gets_and_can_filter():
    [subscription] = [n for n in kinds(ast.ObjectTypeDefinitionNode) if n.name.value == ROOTS[2]]
    for field in subscription.fields:
        [directive] = field.directives
        [mutation] = [value.value for value in directive.arguments[0].value.values]
        heard = SCHEMA.mutation_type.fields[mutation].type.of_type
        assert SCHEMA.subscription_type.fields[field.name.value].type == heard
        for argument in field.arguments:  # a filter compares it with the answer's field
            assert argument.name.value in heard.fields
        given = SCHEMA.mutation_type.fields[mutation].args["event"].type.of_type
        assert set(given.fields) == set(heard.fields)


@pytest.mark.parametrize("word", [*STRENGTH, "unknown", "undone", "failed: why", ""])
def test_each_word_of_our_records_is_a_status(word):
    assert status_of(word) in SCHEMA.type_map["DeliveryStatus"].values


def test_each_error_is_named_in_it():
    for name in graphql.ERRORS:
        assert name in TEXT.partition("schema {")[0], name


def test_what_others_use_is_not_broken():
    """Meant all the same? Say so in CHANGELOG.md, and copy the schema to tests/deploy/released."""
    released = build_schema(PRELUDE + RELEASED)
    assert [change.description for change in find_breaking_changes(released, SCHEMA)] == []
