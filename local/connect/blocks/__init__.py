"""The flow blocks, one function each, by their action type in the flow language."""

from __future__ import annotations

from collections.abc import Callable

from local.connect.blocks import control, data, integration, queueing
from local.connect.blocks.outcome import Outcome, Run

Block = Callable[[Run], Outcome]

BLOCKS: dict[str, Block] = {
    "CheckHoursOfOperation": queueing.check_hours_of_operation,
    "CheckMetricData": queueing.check_metric_data,
    "Compare": control.compare,
    "CreateTask": integration.create_task,
    "DisconnectParticipant": control.disconnect_participant,
    "EndFlowExecution": control.end_flow_execution,
    "GetMetricData": queueing.get_metric_data,
    "InvokeLambdaFunction": integration.invoke_lambda_function,
    "Loop": control.loop,
    "MessageParticipant": control.message_participant,
    "MessageParticipantIteratively": control.message_participant_iteratively,
    "TagContact": data.tag_contact,
    "TransferContactToQueue": queueing.transfer_contact_to_queue,
    "TransferToFlow": control.transfer_to_flow,
    "UntagContact": data.untag_contact,
    "UpdateContactAttributes": data.update_contact_attributes,
    "UpdateContactData": data.update_contact_data,
    "UpdateContactEventHooks": data.update_contact_event_hooks,
    "UpdateContactRoutingBehavior": data.update_contact_routing_behavior,
    "UpdateContactTargetQueue": queueing.update_contact_target_queue,
    "UpdateFlowAttributes": data.update_flow_attributes,
    "UpdateFlowLoggingBehavior": data.update_flow_logging_behavior,
    "Wait": control.wait,
}
