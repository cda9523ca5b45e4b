"""Deployment into the emulator: translation, packages, a stack's life, failures in words."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local import deploy
from local.deploy import DeploymentFailed, create_stack, delete_stack, update_stack
from tests.local.conftest import SAMPLE, Account, create_sample, sample_template
from tests.local.test_emulator import function_template
from tests.local.test_emulator_connect import fetch


class TestPackage:
    def test_same_files_same_bytes(self, tmp_path: Path) -> None:
        for name in ("b.py", "a.py", "sub/c.py", "__pycache__/a.pyc"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(name)
        first = deploy.package(tmp_path)
        (tmp_path / "a.py").touch()
        assert deploy.package(tmp_path) == first
        with zipfile.ZipFile(io.BytesIO(first)) as archive:
            assert archive.namelist() == ["a.py", "b.py", "sub/c.py"]

    def test_other_folders_beside_it(self, tmp_path: Path) -> None:
        for name in ("code/a.py", "dist/index.html"):
            (tmp_path / name).parent.mkdir()
            (tmp_path / name).write_text(name)
        packed = deploy.package(tmp_path / "code", {"page/": tmp_path / "dist"})
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert archive.namelist() == ["a.py", "page/index.html"]


class TestTranslate:
    def test_functions_are_plain_and_without_layers(self) -> None:
        resources = sample_template()["Resources"]
        kinds = {resource["Type"] for resource in resources.values()}
        assert not any(kind.startswith("AWS::Serverless") for kind in kinds)
        answerer = resources["Answerer"]["Properties"]
        assert answerer["Code"] == {"S3Bucket": "deployment-packages", "S3Key": "functions.zip"}
        assert "Layers" not in answerer
        assert resources["AnswererMail"]["Type"] == "AWS::Lambda::EventSourceMapping"

    def test_callers_cannot_spoil_it(self) -> None:
        sample_template()["Resources"].clear()
        assert sample_template()["Resources"]


class TestStack:
    def test_its_life(self, account: Account) -> None:
        stack = create_sample(account)
        assert set(stack.outputs) == {"Bucket", "Table", "RuleSet", "Secret"}
        assert stack.resources["MailBucket"] == stack.outputs["Bucket"]
        template = sample_template()
        template["Resources"]["MailQueue"]["Properties"]["VisibilityTimeout"] = 90
        changed = update_stack(account.emulator, account.number, "mail", template)
        attributes = account.client("sqs").get_queue_attributes(
            QueueUrl=changed.resources["MailQueue"], AttributeNames=["VisibilityTimeout"]
        )
        assert attributes["Attributes"] == {"VisibilityTimeout": "90"}
        with pytest.raises(DeploymentFailed, match="Cannot delete active rule set"):
            delete_stack(account.emulator, account.number, "mail")
        account.client("ses").set_active_receipt_rule_set()
        delete_stack(account.emulator, account.number, "mail")
        assert account.client("lambda").list_functions()["Functions"] == []

    def test_a_failure_names_resource_and_reason(self, account: Account) -> None:
        template = sample_template()
        policies = template["Resources"]["AnswererRole"]["Properties"]["Policies"]
        policies[0]["PolicyDocument"]["Statement"].clear()
        for arn in template["Resources"]["AnswererRole"]["Properties"]["ManagedPolicyArns"][:]:
            template["Resources"]["AnswererRole"]["Properties"]["ManagedPolicyArns"].remove(arn)
        with pytest.raises(DeploymentFailed, match=r"AnswererMail \(AWS::Lambda::EventSource.*SQS"):
            deploy_sample(account, template)

    def test_another_region(self, account: Account) -> None:
        template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
        create_stack(account.emulator, account.number, "s", template, region="eu-west-1")
        assert account.client("sqs", "eu-west-1").list_queues()["QueueUrls"]
        assert account.client("sqs").list_queues().get("QueueUrls", []) == []


def deploy_sample(account: Account, template: dict[str, Any]) -> deploy.Stack:
    packages = {"functions.zip": deploy.package(SAMPLE / "functions")}
    deploy.upload_packages(account.emulator, account.number, packages=packages)
    return create_stack(account.emulator, account.number, "mail", template)


API_CODE = "def handler(event, context): return {'statusCode': 200, 'body': event['rawPath']}"


class TestHttpApi:
    def template(self, *, permission: bool) -> dict[str, Any]:
        template = function_template(API_CODE)
        resources = template["Resources"]
        resources["Api"] = {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "api",
                "ProtocolType": "HTTP",
                "CorsConfiguration": {
                    "AllowOrigins": ["https://page.example"],
                    "AllowMethods": ["GET"],
                },
            },
        }
        resources["Integration"] = {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {"Fn::GetAtt": ["Function", "Arn"]},
                "PayloadFormatVersion": "2.0",
            },
        }
        resources["Route"] = {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteKey": "GET /{proxy+}",
                "Target": {"Fn::Sub": "integrations/${Integration}"},
            },
        }
        resources["Stage"] = {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "StageName": "$default",
                "AutoDeploy": True,
            },
        }
        if permission:
            source = "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*"
            resources["Permission"] = {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "FunctionName": {"Ref": "Function"},
                    "Action": "lambda:InvokeFunction",
                    "Principal": "apigateway.amazonaws.com",
                    "SourceArn": {"Fn::Sub": source},
                },
            }
        template["Outputs"] = {"Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}}
        return template

    def get(self, account: Account, *, permission: bool) -> tuple[int, str, str | None]:
        template = self.template(permission=permission)
        stack = create_stack(account.emulator, account.number, "api", template)
        host = stack.outputs["Url"].removeprefix("http://")
        headers = {"Host": host, "Origin": "https://page.example"}
        status, found, body = fetch(account.emulator.endpoint + "/a/b", headers=headers)
        return status, body.decode(), found.get("Access-Control-Allow-Origin")

    def test_it_calls_its_function(self, account: Account) -> None:
        assert self.get(account, permission=True) == (200, "/a/b", "https://page.example")

    def test_not_without_the_permission(self, account: Account) -> None:
        status, body, _origin = self.get(account, permission=False)
        assert (status, json.loads(body)) == (500, {"message": "Internal Server Error"})


def test_a_distribution_serves_its_bucket(account: Account) -> None:
    """Origin access control: the bucket policy must let the distribution read."""
    origin = {
        "Id": "page",
        "DomainName": {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]},
        "OriginAccessControlId": {"Fn::GetAtt": ["Access", "Id"]},
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    template: dict[str, Any] = {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Access": {
                "Type": "AWS::CloudFront::OriginAccessControl",
                "Properties": {
                    "OriginAccessControlConfig": {
                        "Name": "page",
                        "OriginAccessControlOriginType": "s3",
                        "SigningBehavior": "always",
                        "SigningProtocol": "sigv4",
                    }
                },
            },
            "Distribution": {
                "Type": "AWS::CloudFront::Distribution",
                "Properties": {
                    "DistributionConfig": {
                        "Enabled": True,
                        "Origins": [origin],
                        "DefaultCacheBehavior": {
                            "TargetOriginId": "page",
                            "ViewerProtocolPolicy": "allow-all",
                            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
                        },
                    }
                },
            },
        },
        "Outputs": {
            "Domain": {"Value": {"Fn::GetAtt": ["Distribution", "DomainName"]}},
            "Bucket": {"Value": {"Ref": "Bucket"}},
        },
    }
    stack = create_stack(account.emulator, account.number, "page", template)
    bucket = stack.outputs["Bucket"]
    account.client("s3").put_object(Bucket=bucket, Key="a.txt", Body=b"hello")
    url, viewer = account.emulator.endpoint + "/a.txt", {"Host": stack.outputs["Domain"]}
    assert fetch(url, headers=viewer)[0] == 403
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    assert fetch(url, headers=viewer)[::2] == (200, b"hello")
