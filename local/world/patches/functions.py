"""Lambda: workers forked from the zygote, rights of event source mappings, what failed."""

from __future__ import annotations

from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from local.world import activity
from local.world.policies import role_allows
from local.world.workers import Worker

_POLLING_ACTIONS = {
    "sqs": ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"),
    "dynamodb": ("DescribeStream", "GetRecords", "GetShardIterator"),
}


def apply() -> None:
    fork_workers()
    count_invocations()
    check_mapping_role()


def fork_workers() -> None:
    """Workers are forks of a process that has boto3 loaded; ministack starts an interpreter each.

    A cold start takes some 20 ms in place of 700 ms, a failed invocation leaves the environment
    warm, and the caller sees the exception's own type, as on AWS.
    """
    lambda_runtime._worker_class_for = lambda _config: Worker
    lambda_svc._execute_function_warm = execute


def execute(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    """Run the function in a leased worker; ministack's result: body, log, `error` if it failed."""
    config = func.get("config") or func
    qualifier = config.get("Version", "$LATEST")
    worker, _ = lambda_runtime.acquire_worker(
        config["FunctionName"], config, func["code_zip"], qualifier=qualifier
    )
    try:
        answer = worker.invoke(
            event, request_id, invoked_function_arn=config.get("FunctionArn", "")
        )
    except Exception as error:  # the module could not be loaded
        fault = {"errorMessage": str(error), "errorType": "Runtime.ImportModuleError"}
        return {"body": fault, "error": True, "log": str(error)}
    finally:
        lambda_runtime.release_worker(worker)
    if answer["status"] == "ok":
        return {"body": answer["result"], "log": answer["log"]}
    return {"body": answer["fault"], "error": True, "log": answer["log"]}


def count_invocations() -> None:
    """A running function counts as activity of its account."""
    run = lambda_svc._execute_function

    def run_counted(func: dict[str, Any], event: Any) -> dict[str, Any]:
        with activity.running(get_account_id(), "lambda"):
            result: dict[str, Any] = run(func, event)
            return result

    lambda_svc._execute_function = run_counted


def check_mapping_role() -> None:
    """Creating an event source mapping needs the function's role to be allowed to poll it.

    ministack polls without the role; AWS refuses the mapping with InvalidParameterValueException.
    """
    create = lambda_svc._create_esm
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]
    provision = handlers["create"]

    def create_allowed(data: dict[str, Any]) -> Any:
        refusal = _mapping_refusal(data)
        if refusal:
            return lambda_svc.error_response_json("InvalidParameterValueException", refusal, 400)
        return create(data)

    def provision_allowed(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        refusal = _mapping_refusal(properties)
        if refusal:
            raise ValueError(f"InvalidParameterValueException: {refusal}")
        return provision(logical_id, properties, stack)

    lambda_svc._create_esm = create_allowed
    handlers["create"] = provision_allowed


def _mapping_refusal(mapping: dict[str, Any]) -> str:
    """What AWS says when the function's role may not poll the source ("" when it may)."""
    source = str(mapping.get("EventSourceArn", ""))
    _func, config, _name = lambda_svc._get_func_record_for_ref(mapping.get("FunctionName", ""))
    service = source.split(":")[2] if source.count(":") > 2 else ""
    needed = [(f"{service}:{operation}", source) for operation in _POLLING_ACTIONS.get(service, ())]
    failed = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    if failed:
        needed.append(("sns:Publish" if ":sns:" in failed else "sqs:SendMessage", failed))
    for action, resource in needed if config else []:
        if not role_allows(config["Role"], action, resource, via="lambda.amazonaws.com"):
            used, operation = action.split(":")
            return (
                "The provided execution role does not have permissions to call "
                f"{operation} on {used.upper()}"
            )
    return ""
