"""Blocks that write to the contact or the flow."""

from __future__ import annotations

from local.connect import contacts, lookup
from local.connect.blocks.outcome import Failed, Next, Outcome, Run
from local.connect.model import Contact

FLOW_ATTRIBUTES_BYTES = 32_768


def update_flow_logging_behavior(run: Run) -> Outcome:
    run.contact.logging = run.parameters["FlowLoggingBehavior"] == "Enabled"
    return Next()


def update_contact_attributes(run: Run) -> Outcome:
    """All or nothing; a reference without value and more than 32 KB take the error branch.

    What AWS does with a missing reference is not documented; the stricter reading is taken.
    """
    new = run.texts("Attributes")
    if new is None:
        return Failed(why="a reference has no value")
    target = _target(run)
    if target is None:
        return Failed(why="there is no related contact")
    if not contacts.set_attributes(run.centre, target, new):
        return Failed(why="more than 32,768 bytes of attributes")
    return Next()


def _target(run: Run) -> Contact | None:
    if run.parameters.get("TargetContact") == "Related":
        return run.centre.instance.contacts.get(run.contact.related_contact_id or "")
    return run.contact


def update_contact_data(run: Run) -> Outcome:
    contact = _target(run)
    if contact is None:
        return Failed(why="there is no related contact")
    contact.name = run.text("Name") or contact.name
    contact.description = run.text("Description") or contact.description
    contact.language_code = run.text("LanguageCode") or contact.language_code
    contact.customer_id = run.text("CustomerId") or contact.customer_id
    references = run.texts("References")
    if references is None:
        return Failed(why="a reference has no value")
    for name, value in references.items():
        # The action takes plain values; that they become URL references is assumed.
        contact.references[name] = {"Type": "URL", "Value": value}
    contacts.tell_updated(run.centre, contact, "Data")
    return Next()


def update_flow_attributes(run: Run) -> Outcome:
    scope = run.scope
    new = dict(run.execution.flow_attributes)
    for key, wrapped in run.parameters["FlowAttributes"].items():
        value = scope.text(str(wrapped["Value"]))
        if value is None:
            return Failed(why=f"{key} has no value")
        new[key] = value
    if contacts.attributes_size(new) > FLOW_ATTRIBUTES_BYTES:
        return Failed(why="more than 32,768 bytes of flow attributes")
    run.execution.flow_attributes = new
    return Next()


def tag_contact(run: Run) -> Outcome:
    tags = run.texts("Tags")
    if tags is None or len(run.contact.tags | tags) > 6:
        return Failed(why="a tag has no value, or more than six tags")
    run.contact.tags.update(tags)
    contacts.tell_updated(run.centre, run.contact, "Tags")
    return Next()


def untag_contact(run: Run) -> Outcome:
    for key in run.parameters["TagKeys"]:
        run.contact.tags.pop(run.scope.text(str(key)) or "", None)
    contacts.tell_updated(run.centre, run.contact, "Tags")
    return Next()


def update_contact_event_hooks(run: Run) -> Outcome:
    ((hook, value),) = run.parameters["EventHooks"].items()
    if "Hold" in hook:
        return Failed(why="a task has no hold")
    reference = run.scope.text(value)
    flow = lookup.by_id_or_arn(run.centre.instance.flows, reference) if reference else None
    if flow is None or not flow.is_live:
        return Failed(why=f"flow {reference} does not exist or is not published")
    run.contact.hooks[hook] = flow.id
    return Next()


def update_contact_routing_behavior(run: Run) -> Outcome:
    if "QueuePriority" in run.parameters:
        run.contact.priority = int(run.parameters["QueuePriority"])
    else:
        run.contact.age_adjustment = int(run.parameters["QueueTimeAdjustmentSeconds"])
    return Next()
