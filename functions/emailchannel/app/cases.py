"""Cases by the ids that other systems give."""

from ..case import Case
from ..mail import alias
from ..ports import Channel


def known(channel: Channel, case_id: str) -> Case | None:
    """The case; None also where the text cannot be the id of one."""
    return channel.cases.case(case_id) if alias.is_token(case_id, alias.CASE_ID_LENGTH) else None
