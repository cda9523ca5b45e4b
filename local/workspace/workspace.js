// A stand-in for Connect's agent workspace on this machine: it frames an application, one frame per
// contact, and speaks the protocol of @amazon-connect/app with it, over the agent desktop side of
// the local Amazon Connect. Its own controls are what the workspace keeps: accept, reject and end.
//
//   workspace.html?app=<access URL>&desktop=<base URL>&agent=<user>&permissions=<a,b>&sandbox=<a b>
//
// It is strict: whatever an application sends that the SDK's types do not know, that the page was
// not granted, or that is about another contact, is refused and written to `workspace.faults`.
'use strict';

const POLL_MS = 300;
const STAGE_MS = 5_000; // the documented default of an application's initialization timeout
const NAMESPACE = 'aws.connect.contact';
const CURRENT_CONTACT = 'CURRENT_CONTACT';
const ERROR_LEVEL = 5;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
// What AWS grants when an application asks for nothing (3p-apps-iframe-permissions).
const SANDBOX = 'allow-forms allow-popups allow-same-origin allow-scripts';

// The fields of each message an application may send (workspace-types, core/messaging).
const MESSAGES = {
  request: ['namespace', 'command', 'requestId', 'messageOrigin'],
  subscribe: ['topic', 'handlerId', 'messageOrigin'],
  unsubscribe: ['topic', 'messageOrigin'],
  log: ['level', 'source', 'time', 'message', 'loggerId', 'context', 'messageOrigin'],
  metric: ['namespace', 'metricName', 'unit', 'value', 'time', 'dimensions', 'messageOrigin'],
  healthCheck: ['messageOrigin'],
  appLifecycleHandlerCompleted: ['stage', 'appInstanceId'],
  closeApp: ['isFatalError'],
};

// The permission each request and each event needs (adminguide 3p-apps-events-requests; "*" from
// the pages of the requests themselves).
const REQUESTS = {
  'agent/getARN': 'User.Details.View',
  'agent/getName': 'User.Details.View',
  'agent/getState': 'User.Status.View',
  'agent/getRoutingProfile': 'User.Configuration.View',
  'agent/listQuickConnects': 'User.Configuration.View',
  'contact/getChannelType': 'Contact.Details.View',
  'contact/getQueue': 'Contact.Details.View',
  'contact/getStateDuration': 'Contact.Details.View',
  'contact/getAttributes': 'Contact.Attributes.View',
  'contact/accept': 'Contact.Details.Edit',
  'contact/clear': 'Contact.Details.Edit',
  'contact/transfer': 'Contact.Details.Edit',
  'contact/listContacts': '*',
  'contact/listParticipants': '*',
  'contact/getParticipantState': '*',
  'contact/disconnectParticipant': '*',
};
const EVENTS = {
  'contact/connected': 'Contact.Details.View',
  'contact/acw': 'Contact.Details.View',
  'contact/missed': 'Contact.Details.View',
  'contact/cleared': 'Contact.Details.View',
  'contact/incoming': '*',
};

const query = new URLSearchParams(location.search);
const app = new URL(query.get('app'));
const desktop = query.get('desktop');
const agent = query.get('agent');
const granted = new Set((query.get('permissions') ?? '').split(',').filter(Boolean));

const workspace = { faults: [], used: new Set(), requests: [], stages: [], opened: new Map() };
globalThis.workspace = workspace;

const fault = (text) => workspace.faults.push(text);

function may(permission) {
  if (!permission || !(granted.has('*') || granted.has(permission))) return false;
  workspace.used.add(permission);
  return true;
}

async function call(method, path, body) {
  const answer = await fetch(desktop + path, {
    method,
    cache: 'no-store',
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const payload = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(payload?.message || `${method} ${path}: ${answer.status}`);
  return payload;
}

const act = (contactId, action, more) =>
  call('POST', `contacts/${encodeURIComponent(contactId)}/${action}`, { agent, ...more });

// ---- an opened application ----------------------------------------------------------------

class Refusal extends Error {
  constructor(key, reason) {
    super(reason);
    this.key = key;
  }
}

/** One application at one contact: its frame, its port, what it has subscribed to. */
class Instance {
  constructor(contact) {
    this.id = crypto.randomUUID();
    this.contact = contact;
    this.port = null;
    this.handlers = []; // of { topic, handlerId }
    this.counter = 0;
    this.frame = document.createElement('iframe');
    this.frame.title = `Application at ${contact.contactId}`;
    this.frame.setAttribute('sandbox', query.get('sandbox') || SANDBOX);
    this.frame.src = app.href;
    document.querySelector('main').append(this.frame);
  }

  /** The application's first message, with the port of its channel. */
  connect(event) {
    const { type, sdkVersion, providerId, ...more } = event.data;
    if (this.port) fault('a second init from the same frame');
    if (event.ports.length !== 1) return fault('init must come with one port');
    if (!/^\d+\.\d+\.\d+/.test(sdkVersion) || !UUID.test(providerId) || Object.keys(more).length) {
      fault(`not an init message: ${JSON.stringify(event.data)}`);
    }
    this.providerId = providerId;
    [this.port] = event.ports;
    this.port.onmessage = ({ data }) => this.hear(data);
    this.send({
      type: 'acknowledge',
      connectionId: crypto.randomUUID(),
      status: { initialized: true, startTime: new Date() },
      healthCheckInterval: 1_000,
    });
    this.enter('create');
  }

  send(message) {
    this.port?.postMessage(message);
  }

  config() {
    const iframeConfig = { allow: [], sandbox: this.frame.getAttribute('sandbox').split(' ') };
    return {
      _type: 'iframe', arn: 'arn:aws:app-integrations:us-east-1:111122223333:application/a', id: 'a', name: 'mail',
      namespace: 'email-channel', description: 'mail', accessUrl: app.href, initializationTimeout: STAGE_MS,
      contactHandling: { scope: 'PER_CONTACT' }, permissions: [...granted], iframeConfig,
    };
  }

  enter(stage) {
    const scope = { type: 'contact', contactId: this.contact.contactId };
    workspace.stages.push(stage);
    if (stage === 'create' || stage === 'destroy') {
      this.waiting = setTimeout(() => fault(`no completion of ${stage} in time`), STAGE_MS);
    }
    this.send({
      type: 'appLifecycle', stage, appInstanceId: this.id, instanceId: this.id, appConfig: this.config(),
      config: this.config(), scope, contactScope: scope, launchedBy: { type: 'internal', name: undefined }, region: 'us-east-1',
    });
  }

  hear(message) {
    const fields = MESSAGES[message.type];
    const missing = fields?.filter((name) => !(name in message));
    if (!fields || missing.length) return fault(`unknown message: ${JSON.stringify(message)}`);
    const origin = message.messageOrigin;
    if (fields.includes('messageOrigin') && (origin._type !== 'app' || origin.providerId !== this.providerId || origin.origin !== app.origin)) {
      fault(`message of another origin: ${JSON.stringify(origin)}`);
    }
    this[`on_${message.type}`](message);
  }

  async on_request({ namespace, command, requestId, data }) {
    workspace.requests.push(command);
    const about = { type: 'response', namespace, requestId };
    try {
      this.send({ ...about, isError: false, data: await this.answer(namespace, command, data) });
    } catch (error) {
      const details = { command, requestData: data };
      this.send({ ...about, isError: true, errorKey: error.key ?? 'error', reason: error.message, details });
    }
  }

  async answer(namespace, command, data) {
    if (namespace !== NAMESPACE || !(command in REQUESTS)) {
      fault(`no such request: ${namespace} ${command}`);
      throw new Refusal('handlerNotFound', 'No handler for command');
    }
    if (!may(REQUESTS[command])) {
      fault(`${command} needs ${REQUESTS[command]}`);
      throw new Refusal('accessDenied', 'The application has no permission for this.');
    }
    const [of, name] = command.split('/');
    if (of === 'contact' && name !== 'listContacts' && ![CURRENT_CONTACT, this.contact.contactId].includes(data.contactId)) {
      fault(`${command} of another contact: ${JSON.stringify(data)}`);
      throw new Refusal('notFound', 'There is no such contact.');
    }
    const answers = of === 'agent' ? AGENT : CONTACT;
    return answers[name](this.contact, data);
  }

  on_subscribe({ topic, handlerId }) {
    const { namespace, key, parameter } = topic;
    if (namespace !== NAMESPACE || !(key in EVENTS)) return fault(`no such event: ${namespace} ${key}`);
    if (!may(EVENTS[key])) return fault(`${key} needs ${EVENTS[key]}`);
    if (parameter && parameter !== this.contact.contactId) fault(`${key} of another contact: ${parameter}`);
    this.handlers.push({ topic, handlerId });
  }

  on_unsubscribe({ topic }) {
    this.handlers = this.handlers.filter((one) => JSON.stringify(one.topic) !== JSON.stringify(topic));
  }

  on_log({ level, message, data }) {
    if (level >= ERROR_LEVEL) fault(`the application logs: ${message} ${JSON.stringify(data)}`);
  }

  on_metric() {}

  on_healthCheck() {
    this.counter += 1;
    this.send({ type: 'healthCheckResponse', time: Date.now(), counter: this.counter });
  }

  on_appLifecycleHandlerCompleted({ stage, appInstanceId }) {
    clearTimeout(this.waiting);
    if (appInstanceId !== this.id) fault('completion of another instance');
    workspace.stages.push(`${stage} completed`);
    if (stage === 'create') this.enter('start');
    if (stage === 'destroy') this.remove();
  }

  on_closeApp({ isFatalError, message }) {
    if (isFatalError) fault(`the application gave up: ${message}`);
    this.remove();
  }

  publish(key) {
    const data = {
      contactId: this.contact.contactId, initialContactId: this.contact.initialContactId,
      type: 'task', subtype: 'connect:Task',
    };
    for (const { topic, handlerId } of this.handlers.filter((one) => one.topic.key === key)) {
      this.send({ type: 'publish', topic, data, handlerId });
    }
  }

  remove() {
    clearTimeout(this.waiting);
    this.port?.close();
    this.frame.remove();
    workspace.opened.delete(this.contact.contactId);
  }
}

const AGENT = {
  getARN: async () => ({ ARN: desk.agent.arn }),
  getName: async () => ({ name: `${desk.agent.first_name} ${desk.agent.last_name}` }),
  getState: async () => ({ name: desk.agent.state, type: 'routable' }),
  getRoutingProfile: async () => ({
    name: 'profile', routingProfileARN: 'arn', routingProfileId: 'id', channelConcurrencyMap: { task: 5 },
    queues: desk.agent.queues.map((queue) => ({ name: queue.name, queueARN: queue.queueARN, queueId: queue.queueARN })),
  }),
  /** In pages of one, so that whoever reads only the first notices. */
  listQuickConnects: async (_contact, { queueARNs, options }) => {
    if (!queueARNs?.length) throw new Refusal('invalid', 'queueARNs must name a queue');
    const all = await call('GET', `agents/${encodeURIComponent(agent)}/endpoints`);
    const from = Number(options?.nextToken ?? 0);
    const quickConnects = all.slice(from, from + 1).map(({ type, endpointARN, name }) => ({ type, endpointARN, name }));
    return { quickConnects, nextToken: from + 1 < all.length ? String(from + 1) : null };
  },
};

const CONTACT = {
  getChannelType: async (contact) => ({ type: contact.type, subtype: 'connect:Task' }),
  getQueue: async ({ queue }) => ({ name: queue.name, queueARN: queue.queueARN, queueId: queue.queueARN }),
  getStateDuration: async ({ stateSince }) => ({ stateDuration: Date.now() - new Date(stateSince).getTime() }),
  getAttributes: async ({ attributes }, { attributes: wanted }) =>
    wanted === '*' ? attributes : Object.fromEntries(wanted.flatMap((name) => (name in attributes ? [[name, attributes[name]]] : []))),
  accept: async ({ contactId }) => void (await act(contactId, 'accept')),
  clear: async ({ contactId }) => void (await act(contactId, 'clear')),
  transfer: async ({ contactId }, { quickConnect }) => {
    if (!['agent', 'queue'].includes(quickConnect?.type)) throw new Refusal('invalid', 'not a place to transfer to');
    await act(contactId, 'transfer', { endpointARN: quickConnect.endpointARN });
  },
  listContacts: async () => desk.contacts.map(({ contactId, type }) => ({ contactId, type, subtype: 'connect:Task' })),
};

// ---- the workspace's own view of the agent's contacts ---------------------------------------

let desk = { agent: null, contacts: [] };
const TOPICS = { connected: 'contact/connected', ended: 'contact/acw', missed: 'contact/missed' };

function control(contactId, label, action) {
  const button = document.createElement('button');
  button.textContent = label;
  button.onclick = () => act(contactId, action).catch((error) => fault(error.message));
  return button;
}

/** The agent's own state is the workspace's matter. */
function drawAgent() {
  const button = document.createElement('button');
  button.textContent = 'Go available';
  button.hidden = desk.agent.state === 'Available';
  button.onclick = () =>
    call('PUT', `agents/${encodeURIComponent(agent)}/state`, { state: 'Available' }).catch((error) => fault(error.message));
  document.querySelector('nav').replaceChildren(button, document.querySelector('nav ul'));
}

function drawContacts() {
  const list = document.querySelector('nav ul');
  list.replaceChildren(
    ...desk.contacts.map(({ contactId, name, state }) => {
      const item = document.createElement('li');
      item.textContent = `${name} (${state}) `;
      if (state === 'connecting') item.append(control(contactId, 'Accept', 'accept'), control(contactId, 'Reject', 'reject'));
      if (state === 'connected') item.append(control(contactId, 'End task', 'end'));
      return item;
    }),
  );
}

/** An application opens when its contact is accepted, and is destroyed when that is cleared. */
function follow(contact, before) {
  const opened = workspace.opened.get(contact.contactId);
  if (opened) {
    opened.contact = contact;
    if (before?.state !== contact.state) opened.publish(TOPICS[contact.state]);
  } else if (contact.state === 'connected') {
    workspace.opened.set(contact.contactId, new Instance(contact));
  }
}

async function poll() {
  const snapshot = await call('GET', `agents/${encodeURIComponent(agent)}/snapshot`);
  if (snapshot.version === desk.version) return;
  const before = new Map(desk.contacts.map((one) => [one.contactId, one]));
  desk = snapshot;
  for (const contact of desk.contacts) {
    follow(contact, before.get(contact.contactId));
    before.delete(contact.contactId);
  }
  for (const contactId of before.keys()) {
    const opened = workspace.opened.get(contactId);
    opened?.publish('contact/cleared');
    opened?.enter('destroy');
  }
  drawAgent();
  drawContacts();
}

addEventListener('message', (event) => {
  const opened = [...workspace.opened.values()].find(({ frame }) => frame.contentWindow === event.source);
  if (event.data?.type !== 'connect-app-host-init') return;
  if (!opened || event.origin !== app.origin) fault(`init of a stranger: ${event.origin}`);
  else opened.connect(event);
});

for (;;) {
  try {
    await poll();
  } catch (error) {
    fault(error.message);
  }
  await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
