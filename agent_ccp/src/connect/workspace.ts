// The only module that touches the agent workspace's SDK (@amazon-connect/app and .../contact).
//
// It does with the permissions an application can be given one by one. Listing contacts, rejecting
// and ending one need the permission for everything ("*"), so these stay with the workspace, which
// has them in view beside this page anyway.
import { AmazonConnectApp } from '@amazon-connect/app';
import { AgentClient, ContactClient } from '@amazon-connect/contact';
import type { AgentQuickConnect, QueueQuickConnect } from '@amazon-connect/contact';
import type { Agent, Desk, DeskView, QuickConnect, Task, TaskState, Trouble } from './types';

const READ_EVERY_MS = 15_000; // no event tells that attributes have changed
const PAGE_SIZE = 500;

/** What is used of the SDK's clients. */
export interface Clients {
  readonly contacts: Pick<
    ContactClient,
    'getAttributes' | 'getChannelType' | 'accept' | 'clear' | 'transfer' | 'onConnected' | 'onStartingAcw' | 'onMissed' | 'onCleared'
  >;
  readonly agent: Pick<AgentClient, 'getName' | 'getRoutingProfile' | 'listQuickConnects'>;
}

/** The workspace shows the agent's state, and is where it is changed. */
const NAMELESS: Agent = { name: '', username: '', state: null, states: [] };

/** The SDK rejects with ConnectError, or with a plain object after its own timeout. */
function problem(reason: unknown): Error {
  const said = (reason as { reason?: unknown } | null)?.reason;
  return new Error(
    typeof said === 'string' && said ? said : 'The agent workspace refused. The task may have moved on in the meantime.',
  );
}

async function settle<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (reason) {
    throw problem(reason);
  }
}

function taskOf(id: string, state: TaskState, attributes: Record<string, string>): Task {
  return { id, state, since: Date.now(), name: '', description: '', queue: '', attributes, references: {} };
}

export class WorkspaceDesk implements Desk {
  private current: DeskView = { agent: null, tasks: [], trouble: null };
  private readonly listeners = new Set<() => void>();
  /** What is known of each task's state, also while it is being read for the first time. */
  private readonly states = new Map<string, TaskState>();
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly clients: Clients) {}

  /** Begins with the contact the application was opened at; null when it was opened at none. */
  start(contactId: string | null): void {
    const { contacts } = this.clients;
    const own = contactId ?? undefined;
    this.publish({ ...this.current, agent: NAMELESS, trouble: null });
    void this.readAgent();
    contacts.onConnected(async (event) => this.enter(event.contactId, 'connected'), own);
    contacts.onStartingAcw(async (event) => this.enter(event.contactId, 'after-contact'), own);
    contacts.onMissed(async (event) => this.enter(event.contactId, 'missed'), own);
    contacts.onCleared(async (event) => this.leave(event.contactId), own);
    if (contactId) void this.enter(contactId, 'connected');
    this.timer = setInterval(() => this.refresh(), READ_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.listeners.clear();
  }

  fail(trouble: Trouble): void {
    this.publish({ ...this.current, trouble });
  }

  view(): DeskView {
    return this.current;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private publish(view: DeskView): void {
    this.current = view;
    for (const listener of this.listeners) listener();
  }

  private async readAgent(): Promise<void> {
    const name = await this.clients.agent.getName().catch(() => '');
    this.publish({ ...this.current, agent: { ...NAMELESS, name } });
  }

  private find(id: string): Task | undefined {
    return this.current.tasks.find((task) => task.id === id);
  }

  private put(task: Task): void {
    const others = this.current.tasks.filter(({ id }) => id !== task.id);
    this.publish({ ...this.current, tasks: [...others, task] });
  }

  /** A task came to the agent, or into another state. */
  private async enter(id: string, state: TaskState): Promise<void> {
    this.states.set(id, state);
    const known = this.find(id);
    if (known) this.put({ ...known, state, since: Date.now() });
    else if (!(await this.isTask(id))) this.states.delete(id);
    await this.read(id);
  }

  private leave(id: string): void {
    this.states.delete(id);
    this.publish({ ...this.current, tasks: this.current.tasks.filter((task) => task.id !== id) });
  }

  private async isTask(id: string): Promise<boolean> {
    const { type } = await this.clients.contacts.getChannelType(id).catch(() => ({ type: 'task' }));
    return type === 'task';
  }

  private async read(id: string): Promise<void> {
    if (!this.states.has(id)) return;
    const attributes = await this.clients.contacts.getAttributes(id, '*').catch(() => null);
    const state = this.states.get(id); // it may have changed, or gone, meanwhile
    if (!state) return;
    if (attributes === null) {
      this.fail('no-attributes');
      return;
    }
    const known = this.find(id);
    if (this.current.trouble === 'no-attributes') this.publish({ ...this.current, trouble: null });
    if (!known) this.put(taskOf(id, state, attributes));
    else if (JSON.stringify(known.attributes) !== JSON.stringify(attributes)) this.put({ ...known, attributes });
  }

  private refresh(): void {
    if (document.visibilityState !== 'visible') return;
    for (const id of this.states.keys()) void this.read(id);
  }

  async accept(taskId: string): Promise<void> {
    await settle(this.clients.contacts.accept(taskId));
  }

  async close(taskId: string): Promise<void> {
    await settle(this.clients.contacts.clear(taskId));
  }

  async quickConnects(): Promise<QuickConnect[]> {
    const { queues } = await settle(this.clients.agent.getRoutingProfile());
    const arns = queues.map(({ queueARN }) => queueARN);
    const found: QuickConnect[] = [];
    let token: string | null | undefined;
    do {
      const options = { maxResults: PAGE_SIZE, ...(token ? { nextToken: token } : {}) };
      const page = await settle(this.clients.agent.listQuickConnects(arns, options));
      const places = page.quickConnects.filter(({ type }) => type !== 'phone_number');
      found.push(...places.map(({ endpointARN, name, type }) => ({ arn: endpointARN, name, type })));
      token = page.nextToken;
    } while (token);
    return found;
  }

  async transfer(taskId: string, to: QuickConnect): Promise<void> {
    const place = { endpointARN: to.arn, name: to.name, type: to.type } as AgentQuickConnect | QueueQuickConnect;
    await settle(this.clients.contacts.transfer(taskId, place));
  }
}

/** Joins the agent workspace that frames this page. Call once per window. */
export function openWorkspace(): Desk {
  // The workspace waits for both handlers: neither may wait for the workspace.
  const { provider } = AmazonConnectApp.init({
    onCreate: async ({ context: { scope } }) => desk.start(scope && 'contactId' in scope ? scope.contactId : null),
    onDestroy: async () => desk.stop(),
  });
  const desk = new WorkspaceDesk({ contacts: new ContactClient({ provider }), agent: new AgentClient({ provider }) });
  provider.onError(({ isFatal }) => {
    if (isFatal) desk.fail('no-workspace');
  });
  return desk;
}
