"""The rehearsal, step by step: each is done as an administrator does it, and checked."""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from local import deploy, testing
from local.demo import deployment, letters
from local.demo.journey import Journey, Step, expect
from local.rehearse import edits
from local.rehearse.account import Account, Changes
from local.rehearse.sam import PROGRAM, Sam, copy_sources
from local.smtp import Inbox

STACK = "email-channel"  # as samconfig.toml says
DEPLOY = "Deploy this changeset?"
CUSTOM = {
    "ConnectInstance",
    "ContactFlows",
    "PageFiles",
    "MessagesApiKey",
    "QueueOffer",
    "QuickConnectOffer",
    "ReceiptRules",
}
_KEPT = ("MailBucket", "Table", "CaseKey")


class Rehearsal(Journey):
    """One account, one administrator, and the story of a case that goes on through it all."""

    def __init__(self, running: ExitStack, folder: Path, said: Path) -> None:
        super().__init__(running)
        self._tree, self._said = folder / "tree", said

    # The account as it was before us

    def start(self) -> str:
        super().start()
        self._parameters = {
            **testing.defaults(self._world, deployment.ACCOUNT),
            "AlarmEmail": "operations@corp.example",
            "Architecture": "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64",
        }
        instance = self._parameters["AmazonConnectInstanceArn"].rpartition("/")[2]
        self._account = Account(self._world, deployment.ACCOUNT, instance)
        self._account.live()
        copy_sources(self._tree)
        self._sam = Sam(self._tree, self._said, self._world, deployment.ACCOUNT)
        self._before = self._account.things()
        return f"{len(self._before)} things in the account that are not ours"

    # Create

    def build(self) -> str:
        self._sam("build")
        return _sizes(self._tree / ".aws-sam" / "build")

    def deploy(self) -> str:
        """`sam deploy --guided`: what nobody can guess is typed, all else is Enter."""
        said = self._sam("deploy", "--guided", answers={**self._parameters, DEPLOY: "y"})
        expect(set(self._parameters) - set(said.asked), set(), "the parameters not asked for")
        self._meet()
        typed = sum(bool(answer) for answer in said.asked.values())
        return f"{len(self._s.resources)} resources; {len(said.asked)} questions, {typed} answered"

    def account_is_respected(self) -> str:
        now = self._account.things()
        expect(self._before - now, set(), "what is gone")
        deployment.administer(self._s)
        self._centre = self._account.things() - now
        return "all that was there is there; a queue and quick connects added by hand"

    # Again, and changed

    def deploy_unchanged(self) -> str:
        self._sam("build")
        said = self._sam("deploy")
        expect("No changes to deploy" in said.text, True, "the news that nothing changes")
        return "No changes to deploy"

    def change_page_and_flow(self) -> str:
        page, flow = edits.change_page(self._tree), edits.change_flow(self._tree)
        bucket = self._s.resources["PageBucket"]
        files, flows = self._account.objects(bucket), self._account.flows()
        code, cases = self._account.code(), self._s.cases()
        self._sam("build")
        seen: list[Changes] = []
        self._sam("deploy", answers={DEPLOY: lambda: self._look(seen)})
        others = {n for n in seen[0].direct if not n.startswith("DeploymentFunction")} - CUSTOM
        expect(others, set(), "what else the change set changes")
        self._meet()
        expect(_differing(files, self._account.objects(bucket)), {page}, "the files written")
        expect(_differing(flows, self._account.flows()), {f"{STACK} {flow}"}, "the flows written")
        functions = _differing(code, self._account.code())
        expect(functions, {self._s.resources["DeploymentFunction"]}, "the functions changed")
        expect(self._s.cases(), cases, "the cases")
        counts = f"{len(seen[0].direct)} changes, {len(seen[0].may_follow)} may follow"
        return f"{counts}; written: {page}, {flow}"

    def _look(self, seen: list[Changes]) -> str:
        """Read the change set, as one should before saying yes."""
        seen.append(self._account.changes(STACK))
        return "y"

    # Broken

    def deploy_broken(self) -> str:
        whole = edits.break_flow(self._tree)
        flows, code = self._account.flows(), self._account.code()
        self._sam("build")
        said = self._sam("deploy", answers={DEPLOY: "y"}, fails=True)
        edits.mend_flow(self._tree, whole)
        expect("UPDATE_ROLLBACK_COMPLETE" in said.text, True, "the rollback in what sam says")
        cloudformation = self._account.client("cloudformation")
        [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        expect(stack["StackStatus"], "UPDATE_ROLLBACK_COMPLETE", "the stack")
        expect(self._account.flows(), flows, "the flows")
        expect(self._account.code(), code, "the functions")
        self._meet()
        return self._reason()

    def _reason(self) -> str:
        """Why the flows failed, in the words of the stack's event."""
        events = self._account.client("cloudformation").describe_stack_events(StackName=STACK)
        [reason] = [
            event["ResourceStatusReason"]
            for event in events["StackEvents"]
            if (event["LogicalResourceId"], event["ResourceStatus"])
            == ("ContactFlows", "UPDATE_FAILED")
        ]
        expect(edits.FLOW in reason and edits.UNKNOWN in reason, True, f"the reason: {reason}")
        return str(reason)

    # Deleted, and again

    def delete(self) -> str:
        kept = [self._s.resources[name] for name in _KEPT]
        self._held = (kept, self._account.kept(*kept))
        self._sam("delete", "--no-prompts")
        expect(self._account.kept(*kept), self._held[1], "mail, table and case key")
        left = self._account.things() - self._before - self._centre
        ours = {f"bucket {kept[0]}", f"table {kept[1]}"}
        strange = {thing for thing in left - ours if "aws-sam-cli-managed" not in thing}
        expect(strange, set(), "what is left over")
        expect(self._before - self._account.things(), set(), "what is gone")
        return "only mail, table and case key are left of it; the account is as it was"

    def deploy_again(self) -> str:
        self._sam("build")
        self._sam("deploy", answers={DEPLOY: "y"})
        self._meet()
        fresh = [self._s.resources[name] for name in _KEPT]
        expect(set(fresh) & set(self._held[0]), set(), "what both deployments use")
        expect(self._account.kept(*self._held[0]), self._held[1], "what the first one left")
        return f"{len(self._s.resources)} resources beside the kept bucket and table"

    def customer_writes_again(self) -> str:
        self._post(letters.SAMPLES["angry"])
        [case] = self._s.cases()
        expect(self._s.task(case["contact_id"])["state"], "QUEUED", "its task")
        return f"case {case['id']}"

    def _meet(self) -> None:
        """Drive the stack as it is deployed now."""
        made = deploy.describe(self._world, deployment.ACCOUNT, STACK)
        self._s = testing.Stack(self._world, made, self._parameters)
        if not hasattr(self, "_smtp"):
            inbox = Inbox(self._world.endpoint, deployment.ACCOUNT)
            self._smtp = self._running.enter_context(inbox).port


def _differing(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before | after if before.get(name) != after.get(name)}


def _sizes(built: Path) -> str:
    """Unzipped megabytes of what one function loads: its package and its layer."""
    sizes = {
        folder.name: sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6
        for folder in built.iterdir()
        if folder.is_dir()
    }
    layers = ", ".join(f"{n} {mb:.0f} MB" for n, mb in sorted(sizes.items()) if n.startswith("Dep"))
    return f"{layers}; a function {sizes['GatewayFunction']:.1f} MB"


@dataclass(frozen=True)
class Done:
    """A step that was done: its name, its seconds, and what came of it; `failed` says why."""

    name: str
    seconds: float
    came: str
    failed: bool


def steps(rehearsal: Rehearsal) -> list[Step]:
    """What happens, in order."""
    return [
        ("An account that lives", rehearsal.start),
        ("sam build", rehearsal.build),
        ("sam deploy --guided", rehearsal.deploy),
        ("The account is respected", rehearsal.account_is_respected),
        ("Ann writes: a case and a task", rehearsal.customer_writes),
        ("Alice accepts the task", rehearsal.alice_accepts),
        ("Alice transfers it to Bob", rehearsal.alice_transfers),
        ("Bob accepts it", rehearsal.bob_accepts),
        ("Bob answers, to keep the case", rehearsal.bob_answers_and_keeps),
        ("sam build, sam deploy: nothing new", rehearsal.deploy_unchanged),
        ("Ann replies: same case, to Bob", rehearsal.ann_reaches_bob),
        ("One line of the page, and one flow", rehearsal.change_page_and_flow),
        ("Bob transfers it to Billing, to Carol", rehearsal.bob_transfers_to_billing),
        ("Carol answers, for her queue", rehearsal.carol_answers_for_her_queue),
        ("A flow that Connect refuses", rehearsal.deploy_broken),
        ("Ann replies: same case, that queue", rehearsal.ann_reaches_the_queue),
        ("Carol answers, for everybody", rehearsal.carol_answers_for_all),
        ("Ann replies: same case, default", rehearsal.ann_reaches_the_default),
        ("Alice answers and closes the case", rehearsal.alice_rejects),
        ("Ann replies: a new, linked case", rehearsal.ann_opens_a_linked_case),
        ("Nothing is left over", rehearsal.nothing_is_left_over),
        ("sam delete", rehearsal.delete),
        ("sam deploy beside what was kept", rehearsal.deploy_again),
        ("Ann writes to the new stack", rehearsal.customer_writes_again),
    ]


def rehearse(story: Iterable[Step], tell: Callable[[Done], object]) -> list[Done]:
    """Do the steps up to the first that fails; `tell` hears of each."""
    done: list[Done] = []
    for name, step in story:
        begun = time.monotonic()
        try:
            came, failed = step(), False
        except Exception as error:  # whatever went wrong is what the administrator must see
            came, failed = f"{type(error).__name__}: {error}", True
        done.append(Done(name, time.monotonic() - begun, came, failed))
        tell(done[-1])
        if failed:
            break
    return done


def what_is_missing() -> str:
    """Why the rehearsal cannot begin, or an empty text."""
    if not PROGRAM.exists():
        return "The SAM CLI is missing: run `make setup`."
    if not (testing.ROOT / "agent_ccp" / "dist" / "index.html").exists():
        return "The agent page is not built: run `make setup`."
    return "" if shutil.which("make") else "`make` is missing; `sam build` needs it."
