"""Rows of Connect's contacts and of the directory of agents."""

from dataclasses import asdict

from ..case import Agent, Contact
from ..errors import Retryable
from . import items
from .table import EXISTS, Rows

_DIRECTORY = "DIRECTORY"
ENDED = "ended"
_CLAIM_LIFE = 5 * 60 * 1000  # a task starter that died leaves its claim behind for this long


class ContactRows(Rows):
    """Who works on which case."""

    def claim_task(self, case_id: str, token: str, now: int) -> bool:
        claimed = self._table.update(
            items.case_key(case_id),
            "SET task_claim = :token, task_claim_at = :now",
            "attribute_exists(pk) AND (attribute_not_exists(task_claim) OR task_claim = :token"
            " OR task_claim_at < :stale)",
            token=token,
            now=now,
            stale=now - _CLAIM_LIFE,
        )
        return claimed is not None

    def contact_made(self, contact: Contact, now: int) -> tuple[Contact, int]:
        """Keep a new contact; returns it as it is by now, and when (ms) it was first kept."""
        # The flow may have moved the contact already: then its newer row stays.
        values = {name: value for name, value in asdict(contact).items() if value}
        sets = ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in values)
        expression = f"SET {sets}, offered_at = if_not_exists(offered_at, :now)"
        row = self._table.update(items.contact_key(contact.id), expression, now=now, **values)
        return (items.to_contact(row), int(row["offered_at"])) if row else (contact, now)

    def contact_started(self, case_id: str, contact: Contact, token: str) -> None:
        key, values = items.case_key(case_id), {"token": token}
        expression = "REMOVE task_claim, task_claim_at"
        if contact.state != ENDED:
            expression, values = (
                f"SET contact_id = :contact {expression}",
                {
                    **values,
                    "contact": contact.id,
                },
            )
        linked = self._table.update(key, expression, "task_claim = :token", **values)
        head = None if linked else self._table.get(key)
        if head and head.get("task_claim") == token:
            raise Retryable("head refused without a reason")

    def contact_moved(self, contact: Contact) -> None:
        """What a flow or an event says of a contact; one that has ended stays ended."""
        known = {name: value for name, value in asdict(contact).items() if value}
        if contact.state != "connected":  # it never goes back
            del known["state"]
        sets = [f"#{name} = :{name}" for name in known]
        if contact.state != "connected":
            sets.append("#state = if_not_exists(#state, :started)")
            known["started"] = contact.state
        row = self._table.update(
            items.contact_key(contact.id),
            f"SET {', '.join(sets)}",
            "attribute_not_exists(#state) OR #state <> :ended",
            ended=ENDED,
            **known,
        )
        if row is None:
            known_now = self.contact(contact.id)
            if known_now and known_now.state != ENDED:
                raise Retryable("contact refused without a reason")
            return
        values = {"contact_id": contact.id, "agent_id": row.get("agent_id", "")}
        if row.get("queue_arn"):  # in an agent's personal queue a case keeps the one it came from
            values["queue_arn"] = row["queue_arn"]
        expression = "SET " + ", ".join(f"{name} = :{name}" for name in values)
        self._table.change(items.case_key(contact.case_id), expression, **values)
        if contact.agent_id:
            taken = items.case_key(contact.case_id, f"AGENT#{contact.agent_id}")
            self._table.put({**taken, "contact_id": contact.id})

    def contact_ended(self, contact: Contact, *, following: bool = False) -> bool:
        """Free the case of an ended contact, unless another one is `following` (a transfer)."""
        values = {name: value for name, value in asdict(contact).items() if value}
        del values["state"]
        sets = ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in values)
        key = items.contact_key(contact.id)
        self._table.update(key, f"SET {sets}, #state = :ended", ended=ENDED, **values)
        if following:
            return False
        freed = self._table.update(
            items.case_key(contact.case_id),
            "SET last_contact = :contact REMOVE contact_id",
            "contact_id = :contact",
            contact=contact.id,
        )
        return freed is not None

    def contact(self, contact_id: str) -> Contact | None:
        item = self._table.get(items.contact_key(contact_id))
        return items.to_contact(item) if item else None

    def agent_at(self, address: str) -> Agent | None:
        pointer = self._table.get({"pk": f"ADDRESS#{address}", "sk": "AGENT"})
        return self.agent(pointer["id"]) if pointer else None

    def agent(self, agent_id: str) -> Agent | None:
        item = self._table.get({"pk": f"AGENT#{agent_id}", "sk": "AGENT"})
        return items.to_agent(item) if item else None

    def keep_agent(self, agent: Agent) -> None:
        """Everything but the epoch, which only a revocation moves."""
        item = items.agent_item(agent)
        key = {"pk": item.pop("pk"), "sk": item.pop("sk")}
        del item["epoch"]
        sets = ", ".join(f"#{name} = :{name}" for name in item)
        expression = f"SET {sets}, epoch = if_not_exists(epoch, :zero)"
        self._table.update(key, expression, zero=0, **item)
        self._table.put({"pk": _DIRECTORY, "sk": f"AGENT#{agent.id}", "id": agent.id})
        for address in agent.addresses:
            self._table.put({"pk": f"ADDRESS#{address}", "sk": "AGENT", "id": agent.id})

    def agents(self) -> list[Agent]:
        """Everybody the directory knows."""
        found = (self.agent(item["id"]) for item in self._table.query(_DIRECTORY, "AGENT#"))
        return [agent for agent in found if agent]

    def revoke(self, agent_id: str) -> int:
        """All relay addresses of this agent die; returns his new epoch, 0 when he is not known."""
        key = {"pk": f"AGENT#{agent_id}", "sk": "AGENT"}
        item = self._table.update(key, "SET epoch = epoch + :one", EXISTS, one=1)
        return int(item["epoch"]) if item else 0

    def took_case(self, case_id: str, agent_id: str) -> bool:
        return self._table.get(items.case_key(case_id, f"AGENT#{agent_id}")) is not None
