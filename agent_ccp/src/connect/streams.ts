/// <reference types="amazon-connect-streams" />
// The only module that touches the global `connect` (amazon-connect-streams).
import type { Config } from '../config';
import type { Agent, Desk, DeskView, QuickConnect, Reference, Task, TaskState, Trouble } from './types';

const SCRIPT = 'vendor/connect-streams.js';

const STATES: Partial<Record<string, TaskState>> = {
  incoming: 'offered',
  connecting: 'offered',
  connected: 'connected',
  paused: 'connected',
  ended: 'after-contact',
  missed: 'missed',
  rejected: 'missed',
  error: 'error',
};

type CallbackPair = { success: () => void; failure: (reason?: unknown) => void };

function loadStreams(): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL(SCRIPT, document.baseURI).href;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${SCRIPT} could not be loaded.`));
    document.head.append(script);
  });
}

function reasonText(reason: unknown): string {
  if (reason instanceof Error) return reason.message;
  if (typeof reason === 'string' && reason !== 'error') return reason;
  return 'Amazon Connect refused. The task may have moved on in the meantime.';
}

/** Turns Streams' pair of callbacks into a promise. */
function settle(call: (callbacks: CallbackPair) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call({ success: () => resolve(), failure: (reason) => reject(new Error(reasonText(reason))) });
  });
}

function attributesOf(contact: connect.Contact): Record<string, string> {
  // null while a supervisor is only monitoring the contact
  const entries = Object.entries(contact.getAttributes() ?? {});
  return Object.fromEntries(entries.flatMap(([key, entry]) => (entry ? [[key, entry.value]] : [])));
}

function referencesOf(contact: connect.Contact): Record<string, Reference> {
  const entries = Object.entries(contact.getReferences() ?? {});
  return Object.fromEntries(
    entries.flatMap(([key, entry]) => (entry ? [[key, { type: entry.type, value: entry.value }]] : [])),
  );
}

function taskOf(contact: connect.Contact): Task | null {
  const { type, timestamp } = contact.getState();
  const state = STATES[type];
  if (!state) return null;
  return {
    id: contact.getContactId(),
    state,
    since: timestamp.getTime(),
    name: contact.getName() ?? '',
    description: contact.getDescription() ?? '',
    queue: contact.getQueue()?.name ?? '',
    attributes: attributesOf(contact),
    references: referencesOf(contact),
  };
}

function agentOf(agent: connect.Agent): Agent {
  const { name, username } = agent.getConfiguration();
  const state = agent.getState();
  return {
    name,
    username,
    state: { name: state.name, type: state.type },
    states: agent.getAgentStates().map((each) => ({ name: each.name, type: each.type })),
  };
}

/** Keeps the objects that did not change, so that nothing is drawn again for an idle snapshot. */
function keepUnchanged<T>(before: T, after: T): T {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after;
}

class StreamsDesk implements Required<Desk> {
  private current: DeskView = { agent: null, tasks: [], trouble: null };
  private readonly listeners = new Set<() => void>();

  constructor(config: Config, container: HTMLElement) {
    // Streams has no event bus before initCCP: subscribing first would throw.
    connect.core.initCCP(container, {
      ccpUrl: config.ccpUrl,
      region: config.region,
      loginPopup: true,
      loginPopupAutoClose: true,
      softphone: { allowFramedSoftphone: true },
      pageOptions: { enableAudioDeviceSettings: true, enablePhoneTypeSettings: true },
    });
    connect.core.onAuthFail(() => this.fail('signed-out'));
    connect.core.onAccessDenied(() => this.fail('denied'));
    connect.core.onIframeRetriesExhausted(() => this.fail('unreachable'));
    connect.agent((agent) => {
      agent.onRefresh(() => this.refresh());
      this.refresh();
    });
    connect.contact((contact) => {
      contact.onRefresh(() => this.refresh());
      contact.onDestroy(() => this.refresh());
    });
  }

  view(): DeskView {
    return this.current;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private publish(view: DeskView): void {
    if (view === this.current) return;
    this.current = view;
    for (const listener of this.listeners) listener();
  }

  private fail(trouble: Trouble): void {
    this.publish({ ...this.current, trouble });
  }

  private refresh(): void {
    const agent = new connect.Agent();
    const known = new Map(this.current.tasks.map((task) => [task.id, task]));
    const tasks = agent.getContacts(connect.ContactType.TASK).flatMap((contact) => {
      const task = taskOf(contact);
      return task ? [keepUnchanged(known.get(task.id) ?? task, task)] : [];
    });
    this.publish(keepUnchanged(this.current, { agent: agentOf(agent), tasks, trouble: null }));
  }

  /** Contact objects are not kept: they go stale with the next snapshot. */
  private contact(taskId: string): connect.Contact {
    const contacts = new connect.Agent().getContacts(connect.ContactType.TASK);
    const found = contacts.find((contact) => contact.getContactId() === taskId);
    if (!found) throw new Error('This task is no longer with you.');
    return found;
  }

  async setState(name: string): Promise<void> {
    const agent = new connect.Agent();
    const state = agent.getAgentStates().find((each) => each.name === name);
    if (!state) throw new Error(`There is no agent state named ${name}.`);
    await settle((callbacks) => agent.setState(state, callbacks));
  }

  async accept(taskId: string): Promise<void> {
    await settle((callbacks) => this.contact(taskId).accept(callbacks));
  }

  async reject(taskId: string): Promise<void> {
    await settle((callbacks) => this.contact(taskId).reject(callbacks));
  }

  async end(taskId: string): Promise<void> {
    await settle((callbacks) => this.contact(taskId).getAgentConnection().destroy(callbacks));
  }

  async close(taskId: string): Promise<void> {
    await settle((callbacks) => this.contact(taskId).clear(callbacks));
  }

  quickConnects(): Promise<QuickConnect[]> {
    const agent = new connect.Agent();
    return new Promise((resolve, reject) => {
      agent.getEndpoints(agent.getAllQueueARNs(), {
        success: ({ endpoints }) =>
          resolve(
            endpoints
              .filter((each) => each.type !== connect.EndpointType.PHONE_NUMBER)
              .map((each) => ({ arn: each.endpointARN, name: each.name, type: each.type })),
          ),
        failure: (reason) => reject(new Error(reasonText(reason))),
      });
    });
  }

  async transfer(taskId: string, to: QuickConnect): Promise<void> {
    const agent = new connect.Agent();
    const endpoint = await new Promise<connect.Endpoint>((resolve, reject) => {
      agent.getEndpoints(agent.getAllQueueARNs(), {
        success: ({ endpoints }) => {
          const found = endpoints.find((each) => each.endpointARN === to.arn);
          if (found) resolve(found);
          else reject(new Error(`${to.name} is no longer among your quick connects.`));
        },
        failure: (reason) => reject(new Error(reasonText(reason))),
      });
    });
    await settle((callbacks) => this.contact(taskId).addConnection(endpoint, callbacks));
  }
}

/**
 * Loads Streams and starts the Contact Control Panel in `container`.
 * Call once per window; rejects when the library cannot be loaded.
 */
export async function openDesk(config: Config, container: HTMLElement): Promise<Desk> {
  await loadStreams();
  return new StreamsDesk(config, container);
}
