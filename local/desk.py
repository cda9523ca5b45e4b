"""An account of the emulated world from outside, and the agents' desks in its Connect."""

import time
from http import HTTPStatus
from typing import Any, cast

from .emulator import Emulator


class Refused(RuntimeError):
    """The emulated world said no: (status, message)."""


class Desk:
    """What agents do, and what an administrator of Connect would do for them."""

    def __init__(self, world: Emulator, account: str, instance_arn: str) -> None:
        self.world = world
        self.account = account
        self.instance_id = instance_arn.rpartition("/")[2]

    def settle(self, timeout: float = 120) -> None:
        """Wait until nothing visible or running is left. Raises TimeoutError with what is busy."""
        deadline = time.monotonic() + timeout
        while True:
            state = self.local("GET", "quiet")
            if state["quiet"]:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"still busy: {state['busy']}\n{self.logs()[-3000:]}")
            time.sleep(0.02)

    def logs(self) -> str:
        """What all functions logged."""
        found = cast("dict[str, str]", self.local("GET", "logs"))
        return "\n".join(f"== {group}\n{text}" for group, text in sorted(found.items()))

    def client(self, service: str) -> Any:
        """A boto3 client with an administrator's rights in this account."""
        return self.world.client(service, self.account)

    def local(self, method: str, path: str, body: object = None) -> Any:
        """A control endpoint of this account; raises Refused."""
        return self._ask(method, f"/_local/{self.account}/{path}", body)

    def connect(self, method: str, path: str, body: object = None) -> Any:
        """The agent desktop side of this account's Connect; raises Refused."""
        return self._ask(method, f"/_local/connect/{self.account}/{path}", body)

    def _ask(self, method: str, path: str, body: object) -> Any:
        reply = self.world.control(method, path, body)
        if reply.status >= HTTPStatus.BAD_REQUEST:
            raise Refused(reply.status, (reply.body or {}).get("message", ""))
        return reply.body

    @property
    def agents(self) -> list[dict[str, Any]]:
        """The agents of the local Connect."""
        return cast("list[dict[str, Any]]", self.connect("GET", "agents"))

    def _agent(self, username: str) -> dict[str, Any]:
        return next(a for a in self.agents if username in (a["username"], a["email"]))

    def tasks(self) -> list[dict[str, Any]]:
        """Every contact of the local Connect, oldest first."""
        return cast("list[dict[str, Any]]", self.connect("GET", "contacts"))

    def task(self, contact_id: str) -> dict[str, Any]:
        """One contact."""
        return next(task for task in self.tasks() if task["id"] == contact_id)

    def accept(self, contact_id: str, agent: str) -> None:
        """The agent becomes available, is offered the task and takes it; the whisper runs."""
        self.connect("PUT", f"agents/{agent}/state", {"state": "Available"})
        deadline = time.monotonic() + 30
        while (self.task(contact_id)["state"], self.task(contact_id)["agent"]) != (
            "OFFERED",
            agent,
        ):
            holder = self.task(contact_id)["agent"]
            if holder and self.task(contact_id)["state"] == "OFFERED":
                self.connect("PUT", f"agents/{holder}/state", {"state": "Offline"})
                self.connect("POST", f"contacts/{contact_id}/reject", {"agent": holder})
            if time.monotonic() > deadline:
                raise TimeoutError(f"not offered to {agent}: {self.task(contact_id)}")
            time.sleep(0.02)
        self.connect("POST", f"contacts/{contact_id}/accept", {"agent": agent})
        self.connect("PUT", f"agents/{agent}/state", {"state": "Offline"})
        self.settle()

    def transfer(self, contact_id: str, to: str) -> str:
        """Hand a task on by quick connect to an agent or a queue; returns the new contact's id."""
        holder = self.task(contact_id)["agent"]
        endpoint = self._endpoint(holder, to) or self.quick_connect(holder, to)
        self.connect(
            "POST",
            f"contacts/{contact_id}/transfer",
            {"agent": holder, "endpointARN": endpoint},
        )
        self.settle()
        return str(
            next(task["id"] for task in self.tasks() if task["previous_contact_id"] == contact_id)
        )

    def _endpoint(self, holder: str, to: str) -> str:
        found = cast("list[dict[str, str]]", self.connect("GET", f"agents/{holder}/endpoints"))
        named = [entry["endpointARN"] for entry in found if entry["name"].lower() == to.lower()]
        return named[0] if named else ""

    def quick_connect(self, holder: str, to: str) -> str:
        """An administrator gives the holder's queue a way to an agent or a queue; its ARN."""
        connect, instance = self.client("connect"), self.instance_id
        flows = {
            flow["Name"].rpartition(" ")[2]: flow["Id"]
            for flow in connect.list_contact_flows(InstanceId=instance)["ContactFlowSummaryList"]
        }
        users = {agent["username"]: agent["id"] for agent in self.agents}
        if to in users:
            flow = flows["email-AgentTransfer"]
            how: dict[str, Any] = {"UserId": users[to], "ContactFlowId": flow}
            config = {"QuickConnectType": "USER", "UserConfig": how}
        else:
            flow = flows["email-QueueTransfer"]
            how = {"QueueId": self.queue_arn(to).rpartition("/")[2], "ContactFlowId": flow}
            config = {"QuickConnectType": "QUEUE", "QueueConfig": how}
        made = connect.create_quick_connect(InstanceId=instance, Name=to, QuickConnectConfig=config)
        connect.associate_queue_quick_connects(
            InstanceId=instance,
            QueueId=self._agent(holder)["queues"][0]["queueARN"].rpartition("/")[2],
            QuickConnectIds=[made["QuickConnectId"]],
        )
        return self._endpoint(holder, to)

    def queue_arn(self, name: str) -> str:
        """A queue of the local Connect by its name."""
        found = self.client("connect").list_queues(InstanceId=self.instance_id)
        return str(
            next(
                queue["Arn"]
                for queue in found["QueueSummaryList"]
                if name in (queue.get("Name"), queue["Arn"], queue["Id"])
            )
        )

    def complete(self, contact_id: str) -> None:
        """End the task and leave after-contact work."""
        agent = self.task(contact_id)["agent"]
        self.connect("POST", f"contacts/{contact_id}/end", {"agent": agent})
        self.connect("POST", f"contacts/{contact_id}/clear", {"agent": agent})
        self.settle()
