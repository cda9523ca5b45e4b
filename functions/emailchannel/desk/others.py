"""The other cases that an agent may read while he works on one."""

from ..case import Agent, Case
from ..mail.address import same_mailbox
from ..ports import Channel


def readable(channel: Channel, own: Case, agent: Agent, case_id: str) -> Case | None:
    """A case of the same customer, a linked one, or one of the agent's queues; else None."""
    case = channel.cases.case(case_id)
    if case is None:
        return None
    customer = own.customer.address
    same = bool(customer) and same_mailbox(customer, case.customer.address)
    linked = case.id in own.linked or own.id in case.linked
    queue = case.queue_arn or channel.settings.default_queue_arn
    return case if case.id == own.id or same or linked or queue in agent.queues else None


def of_his_queues(channel: Channel, agent: Agent, case_id: str) -> Case | None:
    """A case of one of the agent's queues; else None."""
    case = channel.cases.case(case_id)
    if case is None:
        return None
    queue = case.queue_arn or channel.settings.default_queue_arn
    return case if queue in agent.queues else None


def beside(channel: Channel, own: Case, before: str) -> tuple[list[Case], str]:
    """A page of the customer's other cases, newest first; the first begins with linked ones."""
    address = own.customer.address  # those who name none have no cases in common
    found, older = channel.cases.cases_of(address, 20, before) if address else ([], "")
    cases = [case for case in found if case.id != own.id]
    if not before:
        known = {case.id for case in cases}
        linked = (channel.cases.case(case_id) for case_id in own.linked if case_id not in known)
        cases = [*filter(None, linked), *cases]
    return cases, older
