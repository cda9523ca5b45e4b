import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inWorkspace } from './desk';
import { WorkspaceDesk, type Clients } from './workspace';

type Handler = (event: { contactId: string }) => Promise<void>;

/** The clients of an SDK that answers at once, and what was asked of it. */
class Workspace {
  readonly attributes: Record<string, Record<string, string>> = { 'c-1': { subject: 'Lamp' }, 'c-2': { subject: 'Kettle' } };
  readonly types: Record<string, string> = {};
  readonly asked: string[] = [];
  refusal: unknown = null;
  private readonly handlers: [string, Handler, string | undefined][] = [];

  private on = (name: string) => (handler: unknown, id?: string): void => {
    this.handlers.push([name, handler as Handler, id]);
  };

  private does = (name: string) => async (...args: unknown[]): Promise<void> => {
    this.asked.push([name, ...args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg)))].join(' '));
    if (this.refusal) throw this.refusal;
  };

  readonly clients = {
    contacts: {
      getAttributes: async (id: string) => {
        if (this.refusal) throw this.refusal;
        return { ...this.attributes[id] };
      },
      getChannelType: async (id: string) => ({ type: this.types[id] ?? 'task', subtype: '' }),
      accept: this.does('accept'),
      clear: this.does('clear'),
      transfer: this.does('transfer'),
      onConnected: this.on('connected'),
      onStartingAcw: this.on('acw'),
      onMissed: this.on('missed'),
      onCleared: this.on('cleared'),
    },
    agent: {
      getName: async () => 'Alice Archer',
      getRoutingProfile: async () => ({ queues: [{ queueARN: 'q-1' }, { queueARN: 'q-2' }] }),
      listQuickConnects: async (arns: string[], { nextToken }: { nextToken?: string }) => {
        this.asked.push(`list ${arns.join(' ')}`);
        return nextToken
          ? { quickConnects: [{ type: 'agent', endpointARN: 'a-2', name: 'Bob' }], nextToken: null }
          : { quickConnects: [{ type: 'phone_number', endpointARN: 'a-0', name: 'Phone', phoneNumber: '+1' },
                              { type: 'queue', endpointARN: 'a-1', name: 'Returns' }], nextToken: 'more' };
      },
    },
  } as unknown as Clients;

  /** An event of the workspace: only who asked for this contact, or for all, hears of it. */
  async tells(name: string, contactId: string): Promise<void> {
    for (const [of, handler, id] of this.handlers) {
      if (of === name && (id === undefined || id === contactId)) await handler({ contactId });
    }
  }
}

const soon = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1);
const states = (desk: WorkspaceDesk): string[] => desk.view().tasks.map(({ id, state }) => `${id} ${state}`);

async function started(contactId: string | null, workspace = new Workspace()) {
  const desk = new WorkspaceDesk(workspace.clients);
  desk.start(contactId);
  await soon();
  return { desk, workspace };
}

describe('the desk in the agent workspace', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('document', { visibilityState: 'visible' });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('begins with the contact it was opened at', async () => {
    const { desk } = await started('c-1');
    expect(desk.view().agent).toMatchObject({ name: 'Alice Archer', state: null });
    expect(desk.view().tasks).toMatchObject([{ id: 'c-1', state: 'connected', attributes: { subject: 'Lamp' }, references: {} }]);
  });

  it('hears of no other contact when it was opened at one', async () => {
    const { desk, workspace } = await started('c-1');
    await workspace.tells('connected', 'c-2');
    expect(states(desk)).toEqual(['c-1 connected']);
  });

  it('takes up each task that is connected when it was opened at none', async () => {
    const { desk, workspace } = await started(null);
    workspace.types['call'] = 'voice';
    for (const id of ['c-1', 'call', 'c-2']) await workspace.tells('connected', id);
    expect(states(desk)).toEqual(['c-1 connected', 'c-2 connected']);
  });

  it('follows a task to its end', async () => {
    const { desk, workspace } = await started('c-1');
    await workspace.tells('acw', 'c-1');
    expect(states(desk)).toEqual(['c-1 after-contact']);
    await workspace.tells('cleared', 'c-1');
    expect(states(desk)).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states(desk)).toEqual([]);
  });

  it('believes the event when it overtakes the first reading', async () => {
    const workspace = new Workspace();
    const desk = new WorkspaceDesk(workspace.clients);
    desk.start('c-1');
    void workspace.tells('acw', 'c-1');
    await soon();
    expect(states(desk)).toEqual(['c-1 after-contact']);
  });

  it('reads the attributes again, since no event tells of them', async () => {
    const { desk, workspace } = await started('c-1');
    workspace.attributes['c-1'] = { subject: 'Lamp', warning: 'returned' };
    await vi.advanceTimersByTimeAsync(15_000);
    expect(desk.view().tasks[0]?.attributes.warning).toBe('returned');
    desk.stop();
    workspace.attributes['c-1'] = {};
    await vi.advanceTimersByTimeAsync(60_000);
    expect(desk.view().tasks[0]?.attributes.warning).toBe('returned');
  });

  it('draws nothing again while nothing changes', async () => {
    const { desk } = await started('c-1');
    const before = desk.view();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(desk.view()).toBe(before);
  });

  it('says so while the attributes are kept from it, and goes on when they are not', async () => {
    const workspace = new Workspace();
    workspace.refusal = { errorKey: 'x', reason: 'no' };
    const { desk } = await started('c-1', workspace);
    expect(desk.view().trouble).toBe('no-attributes');
    workspace.refusal = null;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(desk.view().trouble).toBeNull();
    expect(states(desk)).toEqual(['c-1 connected']);
  });

  it('lists the quick connects of all queues and all pages, but no telephones', async () => {
    const { desk, workspace } = await started('c-1');
    expect(await desk.quickConnects()).toEqual([
      { arn: 'a-1', name: 'Returns', type: 'queue' },
      { arn: 'a-2', name: 'Bob', type: 'agent' },
    ]);
    expect(workspace.asked).toEqual(['list q-1 q-2', 'list q-1 q-2']);
  });

  it('has its actions carried out by the workspace and passes on its reasons', async () => {
    const { desk, workspace } = await started('c-1');
    await desk.transfer('c-1', { arn: 'a-1', name: 'Returns', type: 'queue' });
    await desk.close('c-1');
    expect(workspace.asked).toEqual(['transfer c-1 {"endpointARN":"a-1","name":"Returns","type":"queue"}', 'clear c-1']);
    workspace.refusal = { reason: 'Contact is not in ACW' };
    await expect(desk.close('c-1')).rejects.toThrow('Contact is not in ACW');
    workspace.refusal = 'anything';
    await expect(desk.accept('c-1')).rejects.toThrow('The agent workspace refused.');
  });
});

describe('where the page is', () => {
  const config = { workspaceOrigin: 'https://corp.my.connect.aws' };
  const framed = { framed: true, asked: false, framer: 'https://corp.my.connect.aws' };
  it.each([
    ['the workspace frames it', framed, true],
    ['the browser keeps who frames it', { ...framed, framer: '' }, true],
    ['another page frames it', { ...framed, framer: 'https://intranet.corp.example' }, false],
    ['another page frames it and asks', { ...framed, framer: 'https://intranet.corp.example', asked: true }, true],
    ['it is alone in its window', { ...framed, framed: false, framer: '' }, false],
    ['it is alone in its window and asked', { framed: false, framer: '', asked: true }, false],
  ])('%s', (_name, place, expected) => {
    expect(inWorkspace(config, place)).toBe(expected);
  });
});
