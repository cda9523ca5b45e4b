// A stand-in for amazon-connect-streams on this machine: the part of its interface that concerns
// tasks, with its names, its order of events and its errors, over the agent desktop side of the
// local Amazon Connect. The address comes from initCCP's ccpUrl. In place of Connect's frame it
// draws a small panel: who you are, and whether you are available.
(() => {
  'use strict';

  const POLL_MS = 400;
  const AGENT_KEY = 'local-connect-agent';
  const words = (...names) => Object.fromEntries(names.map((name) => [name.toUpperCase(), name]));

  const connect = (globalThis.connect = globalThis.connect || {});
  connect.ContactStateType = words(
    'init', 'incoming', 'pending', 'connecting', 'connected', 'missed', 'error', 'ended', 'rejected', 'paused',
  );
  connect.ContactStatusType = connect.ContactStateType;
  connect.ContactType = words('voice', 'queue_callback', 'chat', 'task', 'email');
  connect.AgentStateType = words('init', 'routable', 'not_routable', 'offline', 'system', 'error');
  connect.EndpointType = words('phone_number', 'agent', 'queue');
  connect.ConnectionType = words('agent', 'inbound', 'outbound', 'monitoring');
  connect.ReferenceType = { URL: 'URL' };
  connect.ContactEvents = {
    ...words('init', 'refresh', 'incoming', 'pending', 'connecting', 'connected', 'missed', 'acw', 'view', 'ended', 'error', 'accepted'),
    DESTROYED: 'destroyed',
  };
  for (const [key, name] of Object.entries(connect.ContactEvents)) connect.ContactEvents[key] = `contact::${name}`;
  connect.AgentEvents = Object.fromEntries(
    Object.entries(words('init', 'update', 'refresh', 'routable', 'not_routable', 'offline', 'error', 'state_change', 'acw'))
      .map(([key, name]) => [key, `agent::${name}`]),
  );
  connect.EventType = { INIT: 'init', AUTH_FAIL: 'auth_fail', ACCESS_DENIED: 'access_denied', TERMINATED: 'terminated',
    AUTHORIZE_SUCCESS: 'authorize_success', IFRAME_RETRIES_EXHAUSTED: 'iframe_retries_exhausted' };

  class StateError extends Error { get name() { return 'StateError'; } }
  connect.StateError = StateError;

  function present(value, name) {
    if (value === null || value === undefined) throw new Error(`${name} must be provided`);
    return value;
  }

  class EventBus {
    #listeners = new Map();

    subscribe(name, listener) {
      present(name, 'eventName');
      if (typeof listener !== 'function') throw new Error('f must be a function');
      const own = { listener };
      if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
      this.#listeners.get(name).add(own);
      return { unsubscribe: () => this.#listeners.get(name)?.delete(own) };
    }

    // A listener that throws is logged and does not disturb the others, as in Streams.
    trigger(name, data) {
      for (const { listener } of [...(this.#listeners.get(name) ?? [])]) {
        try {
          listener(data ?? null, name, this);
        } catch (error) {
          console.error(`'${name}' event handler failed.`, error);
        }
      }
    }

    drop(name) {
      this.#listeners.delete(name);
    }

    unsubscribeAll() {
      this.#listeners.clear();
    }
  }
  connect.EventBus = EventBus;

  // ---- the desktop side -------------------------------------------------------------------

  let desktop = null; // base URL, from ccpUrl
  let username = null;
  let data = null; // the last snapshot in Streams' shape
  let version = null;

  async function request(method, path, body) {
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

  /**
   * Streams' way of answering: success(data) or failure(err, data), never a throw. Success is told
   * before the next snapshot, as it often is there: nobody may count on seeing the new state yet.
   */
  function call(promise, callbacks) {
    promise.then(
      (result) => {
        callbacks?.success?.(result);
        return poll();
      },
      (error) => callbacks?.failure?.(error.message, null),
    );
  }

  const contactAction = (contactId, action, more) =>
    request('POST', `contacts/${encodeURIComponent(contactId)}/${action}`, { agent: username, ...more });

  // ---- snapshots --------------------------------------------------------------------------

  const KNOWN_STATES = [['Available', 'routable'], ['Break', 'not_routable'], ['Offline', 'offline']];
  const stateOf = (arn, name) => ({
    name,
    type: Object.fromEntries(KNOWN_STATES)[name] ?? 'not_routable',
    agentStateARN: `${String(arn).split('/agent/')[0]}/agent-state/${name.toLowerCase()}`,
  });

  function queueOf(queue) {
    if (!queue) return null;
    return { name: queue.name, queueARN: queue.queueARN, queueId: queue.queueARN };
  }

  function contactData(raw) {
    const since = new Date(raw.stateSince);
    const over = ['ended', 'missed', 'error', 'rejected'].includes(raw.state);
    return {
      contactId: raw.contactId,
      initialContactId: raw.initialContactId ?? raw.contactId,
      relatedContactId: raw.relatedContactId ?? null,
      type: raw.type,
      state: { type: raw.state, timestamp: since },
      name: raw.name ?? null,
      description: raw.description ?? null,
      references: raw.references ?? {},
      attributes: Object.fromEntries(Object.entries(raw.attributes ?? {}).map(([name, value]) => [name, { name, value }])),
      queue: queueOf(raw.queue),
      queueTimestamp: since,
      connections: [
        { connectionId: `${raw.contactId}-agent`, type: 'agent', initial: true,
          state: { type: over ? 'disconnected' : raw.state === 'connected' ? 'connected' : 'connecting', timestamp: since } },
      ],
    };
  }

  function agentData(snapshot, before) {
    const { agent, contacts } = snapshot;
    const unchanged = before?.snapshot.state.name === agent.state;
    return {
      snapshot: {
        state: { ...stateOf(agent.arn, agent.state), startTimestamp: unchanged ? before.snapshot.state.startTimestamp : new Date() },
        contacts: contacts.map(contactData),
      },
      configuration: {
        name: `${agent.first_name} ${agent.last_name}`,
        username: agent.username,
        agentARN: agent.arn,
        agentStates: KNOWN_STATES.map(([name]) => stateOf(agent.arn, name)),
        permissions: [],
        extension: '',
        dialableCountries: [],
        softphoneEnabled: false,
        softphoneAutoAccept: false,
        routingProfile: {
          name: agent.routing_profile?.name ?? agent.routing_profile,
          queues: (agent.queues ?? []).map(queueOf),
          channelConcurrencyMap: { TASK: 5 },
        },
      },
    };
  }

  function getContactData(contactId) {
    const found = getAgentData().snapshot.contacts.find((each) => each.contactId === contactId);
    if (!found) throw new StateError(`Contact ${contactId} no longer exists.`);
    return found;
  }

  function getAgentData() {
    if (data === null) throw new StateError('No agent data is available yet!');
    return data;
  }

  // ---- which events a change of state brings (Streams' contact event graph) ------------------

  const ACTIVE = ['incoming', 'pending', 'connecting', 'connected'];

  function transitions(from, to) {
    if (from === to) return [];
    const events = { incoming: ['INCOMING'], pending: ['PENDING'], connecting: ['CONNECTING'], connected: ['CONNECTED'] }[to] ?? [];
    const offered = from === 'connecting' || from === 'incoming';
    if (to === 'ended') events.push('ACW');
    if (ACTIVE.includes(from) && !ACTIVE.includes(to)) events.push('ENDED');
    if (to === 'error') events.push('ERROR');
    if (offered && ['missed', 'rejected', 'error'].includes(to)) events.push('MISSED');
    return events.map((name) => connect.ContactEvents[name]);
  }

  function announce(event, contact) {
    const bus = connect.core.getEventBus();
    bus.trigger(event, contact);
    bus.trigger(connect.core.getContactEventName(event, contact.getContactId()), contact);
  }

  function announceContact(contactId, from, to) {
    for (const event of transitions(from, to)) announce(event, new connect.Contact(contactId));
    announce(connect.ContactEvents.REFRESH, new connect.Contact(contactId));
  }

  function removeContact(raw) {
    const gone = new connect.ContactSnapshot(raw);
    if (ACTIVE.includes(raw.state.type)) announce(connect.ContactEvents.ENDED, gone);
    announce(connect.ContactEvents.DESTROYED, gone);
    for (const event of Object.values(connect.ContactEvents)) {
      connect.core.getEventBus().drop(connect.core.getContactEventName(event, raw.contactId));
    }
  }

  function announceAgent(before) {
    const bus = connect.core.getEventBus();
    const was = before?.snapshot.state;
    const is = data.snapshot.state;
    if (was?.type !== is.type) bus.trigger(connect.AgentEvents[is.type.toUpperCase()] ?? connect.AgentEvents.ERROR, new connect.Agent());
    if (was?.name !== is.name) {
      bus.trigger(connect.AgentEvents.STATE_CHANGE, { agent: new connect.Agent(), oldState: was?.name ?? 'Init', newState: is.name });
    }
  }

  function update(snapshot) {
    const before = data;
    data = agentData(snapshot, before);
    const bus = connect.core.getEventBus();
    if (!connect.agent.initialized) {
      connect.agent.initialized = true;
      bus.trigger(connect.AgentEvents.INIT, new connect.Agent());
    }
    bus.trigger(connect.AgentEvents.REFRESH, new connect.Agent());
    announceAgent(before);
    const old = new Map((before?.snapshot.contacts ?? []).map((each) => [each.contactId, each]));
    const now = new Map(data.snapshot.contacts.map((each) => [each.contactId, each]));
    for (const [id, contact] of now) {
      if (old.has(id)) continue;
      bus.trigger(connect.ContactEvents.INIT, new connect.Contact(id));
      announceContact(id, 'init', contact.state.type);
    }
    for (const [id, contact] of old) if (!now.has(id)) removeContact(contact);
    for (const [id, contact] of now) if (old.has(id)) announceContact(id, old.get(id).state.type, contact.state.type);
  }

  // One request at a time: an answer that was overtaken must not bring an old state back.
  let polling = Promise.resolve();

  function poll() {
    polling = polling.then(async () => {
      try {
        const snapshot = await request('GET', `agents/${encodeURIComponent(username)}/snapshot`);
        if (snapshot.version !== version) {
          version = snapshot.version;
          update(snapshot);
        }
        panel.show(data, '');
      } catch (error) {
        panel.show(data, `No answer from the local Amazon Connect. ${error.message}`);
      }
    });
    return polling;
  }

  async function watch() {
    for (;;) {
      await poll();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  // ---- Streams' objects -------------------------------------------------------------------

  class Endpoint {
    constructor(raw) {
      Object.assign(this, { endpointARN: null, endpointId: null, type: null, name: null, phoneNumber: null, agentLogin: null, queue: null }, raw);
    }
  }
  connect.Endpoint = Endpoint;

  class Agent {
    getState() { return getAgentData().snapshot.state; }
    getStatus() { return this.getState(); }
    getStateDuration() { return Date.now() - this.getState().startTimestamp.getTime(); }
    getContacts(type) {
      return getAgentData().snapshot.contacts.map(({ contactId }) => new Contact(contactId)).filter((each) => !type || each.getType() === type);
    }
    getConfiguration() { return getAgentData().configuration; }
    getAgentStates() { return this.getConfiguration().agentStates; }
    getPermissions() { return this.getConfiguration().permissions; }
    getRoutingProfile() { return this.getConfiguration().routingProfile; }
    getChannelConcurrency(channel) {
      const map = this.getRoutingProfile().channelConcurrencyMap;
      return channel ? map[channel] || 0 : map;
    }
    getName() { return this.getConfiguration().name; }
    getAgentARN() { return this.getConfiguration().agentARN; }
    getAllQueueARNs() { return this.getRoutingProfile().queues.map(({ queueARN }) => queueARN); }
    setState(state, callbacks) {
      present(state, 'state');
      call(request('PUT', `agents/${encodeURIComponent(username)}/state`, { state: state.name }), callbacks);
    }
    setStatus(state, callbacks) { this.setState(state, callbacks); }
    getEndpoints(_queueARNs, callbacks) {
      present(callbacks, 'callbacks');
      present(callbacks.success, 'callbacks.success');
      request('GET', `agents/${encodeURIComponent(username)}/endpoints`).then(
        (list) => {
          const endpoints = list.map((raw) => new Endpoint(raw));
          callbacks.success({ endpoints, addresses: endpoints });
        },
        (error) => callbacks.failure?.(error.message, null),
      );
    }
    getAddresses(queueARNs, callbacks) { this.getEndpoints(queueARNs, callbacks); }
    toSnapshot() { return new AgentSnapshot(getAgentData()); }
  }
  for (const name of ['Refresh', 'Routable', 'NotRoutable', 'Offline', 'Error', 'StateChange', 'AfterCallWork']) {
    const key = { AfterCallWork: 'ACW' }[name] ?? name.replace(/(?!^)([A-Z])/g, '_$1').toUpperCase();
    Agent.prototype[`on${name}`] = (f) => connect.core.getEventBus().subscribe(connect.AgentEvents[key], f);
  }
  connect.Agent = Agent;

  class AgentSnapshot extends Agent {
    #own;
    constructor(own) { super(); this.#own = own; }
    getState() { return this.#own.snapshot.state; }
    getConfiguration() { return this.#own.configuration; }
    getContacts(type) {
      return this.#own.snapshot.contacts.map((raw) => new ContactSnapshot(raw)).filter((each) => !type || each.getType() === type);
    }
  }
  connect.AgentSnapshot = AgentSnapshot;

  class Contact {
    constructor(contactId) { this.contactId = contactId; }
    _getData() { return getContactData(this.contactId); }
    getEventName(event) { return connect.core.getContactEventName(event, this.contactId); }
    getContactId() { return this.contactId; }
    getOriginalContactId() { return this._getData().initialContactId; }
    getInitialContactId() { return this._getData().initialContactId; }
    getRelatedContactId() { return this._getData().relatedContactId; }
    getType() { return this._getData().type; }
    getState() { return this._getData().state; }
    getStatus() { return this._getData().state; }
    getStateDuration() { return Date.now() - this.getState().timestamp.getTime(); }
    getStatusDuration() { return this.getStateDuration(); }
    getQueue() { return this._getData().queue; }
    getQueueTimestamp() { return this._getData().queueTimestamp; }
    getName() { return this._getData().name; }
    getDescription() { return this._getData().description; }
    getReferences() { return this._getData().references; }
    getAttributes() { return this._getData().attributes; }
    getConnections() { return this._getData().connections.map((raw) => new TaskConnection(this.contactId, raw.connectionId)); }
    getInitialConnection() { return this.getConnections().find((each) => each.isInitialConnection()) ?? null; }
    getAgentConnection() { return this.getConnections().find((each) => each.getType() === 'agent'); }
    isConnected() { return this.getStatus().type === 'connected'; }
    isInbound() { return true; }
    toSnapshot() { return new ContactSnapshot(this._getData()); }
    // Streams tells an accept's caller no more than "error".
    accept(callbacks) {
      call(contactAction(this.contactId, 'accept'), {
        success: (result) => {
          announce(connect.ContactEvents.ACCEPTED, new Contact(this.contactId));
          callbacks?.success?.(result);
        },
        failure: () => callbacks?.failure?.(connect.ContactStateType.ERROR),
      });
    }
    reject(callbacks) { call(contactAction(this.contactId, 'reject'), callbacks); }
    clear(callbacks) { call(contactAction(this.contactId, 'clear'), callbacks); }
    addConnection(endpoint, callbacks) {
      const { endpointARN } = new Endpoint(present(endpoint, 'endpoint'));
      call(contactAction(this.contactId, 'transfer', { endpointARN }), callbacks);
    }
    transfer(endpoint, callbacks) { this.addConnection(endpoint, callbacks); }
  }
  for (const name of ['Refresh', 'Incoming', 'Connecting', 'Pending', 'Accepted', 'Missed', 'Ended', 'Destroy', 'ACW', 'Connected', 'Error']) {
    const event = connect.ContactEvents[{ Destroy: 'DESTROYED' }[name] ?? name.toUpperCase()];
    Contact.prototype[`on${name}`] = function on(f) {
      return connect.core.getEventBus().subscribe(this.getEventName(event), f);
    };
  }
  connect.Contact = Contact;

  class ContactSnapshot extends Contact {
    #own;
    constructor(own) { super(own.contactId); this.#own = own; }
    _getData() { return this.#own; }
  }
  connect.ContactSnapshot = ContactSnapshot;

  class TaskConnection {
    constructor(contactId, connectionId) { Object.assign(this, { contactId, connectionId }); }
    _getData() {
      const found = getContactData(this.contactId).connections.find((each) => each.connectionId === this.connectionId);
      if (!found) throw new StateError(`Connection ${this.connectionId} for contact ${this.contactId} no longer exists.`);
      return found;
    }
    getContactId() { return this.contactId; }
    getConnectionId() { return this.connectionId; }
    getType() { return this._getData().type; }
    getMediaType() { return 'task'; }
    getState() { return this._getData().state; }
    getStatus() { return this._getData().state; }
    isInitialConnection() { return this._getData().initial; }
    isConnected() { return this.getState().type === 'connected'; }
    isActive() { return ['connecting', 'connected'].includes(this.getState().type); }
    destroy(callbacks) { call(contactAction(this.contactId, 'end'), callbacks); }
  }
  connect.TaskConnection = TaskConnection;

  // ---- the panel in place of Connect's frame --------------------------------------------------

  const STYLE = `:host{display:block;font:14px/20px "Open Sans",sans-serif;color:inherit}
    form{display:grid;gap:8px;padding:0 20px 14px} label{display:grid;gap:2px;font-size:12px}
    select,button{font:inherit;font-size:14px;padding:4px 8px;color:inherit;background:transparent;border:1px solid currentColor;border-radius:6px}
    option{color:#0f141a;background:#fff} .states{display:flex;gap:8px} button{flex:1;cursor:pointer}
    button[aria-pressed=true]{font-weight:700;box-shadow:inset 0 0 0 1px currentColor} button:disabled{opacity:.5;cursor:default}
    :focus-visible{outline:2px solid #006ce0;outline-offset:2px} p{margin:0;font-size:12px}`;

  const panel = {
    root: null,
    draw(container) {
      const host = document.createElement('div');
      this.root = host.attachShadow({ mode: 'open' });
      this.root.innerHTML = `<style>${STYLE}</style><form aria-label="Local Connect">
        <label>Local Connect: you are <select name="agent"><option value="">Choose an agent</option></select></label>
        <div class="states"><button type="button" value="Available">Available</button><button type="button" value="Offline">Offline</button></div>
        <p role="status"></p></form>`;
      container.append(host);
      this.root.querySelector('select').onchange = (event) => become(event.target.value);
      for (const button of this.root.querySelectorAll('button')) {
        button.disabled = true;
        button.onclick = () => new Agent().setState(stateOf('', button.value), { failure: (reason) => this.say(reason) });
      }
    },
    async list() {
      const select = this.root.querySelector('select');
      for (const agent of await request('GET', 'agents')) {
        const chosen = agent.username === username;
        select.append(new Option(`${agent.first_name} ${agent.last_name} (${agent.username})`, agent.username, chosen, chosen));
      }
    },
    say(text) {
      this.root.querySelector('p').textContent = text;
    },
    show(current, trouble) {
      this.say(trouble);
      for (const button of this.root.querySelectorAll('button')) {
        button.disabled = current === null;
        button.setAttribute('aria-pressed', String(current?.snapshot.state.name === button.value));
      }
    },
  };

  /** Another agent is another sign-in: the page starts anew. */
  function become(name) {
    if (name) sessionStorage.setItem(AGENT_KEY, name);
    else sessionStorage.removeItem(AGENT_KEY);
    const url = new URL(location.href);
    url.searchParams.delete('agent');
    if (url.href === location.href) location.reload();
    else location.replace(url);
  }

  function chosenAgent() {
    const named = new URL(location.href).searchParams.get('agent');
    if (named) sessionStorage.setItem(AGENT_KEY, named);
    return named || sessionStorage.getItem(AGENT_KEY);
  }

  async function start(container) {
    panel.draw(container);
    username = chosenAgent();
    try {
      await panel.list();
    } catch (error) {
      panel.say(`No answer from the local Amazon Connect. ${error.message}`);
      connect.core.getEventBus().trigger(connect.EventType.IFRAME_RETRIES_EXHAUSTED);
    }
    connect.core.getEventBus().trigger(connect.EventType.INIT);
    if (username) await watch();
  }

  connect.core = {
    initialized: false,
    initCCP(container, params) {
      if (connect.core.initialized) return;
      present(container, 'containerDiv');
      const ccpUrl = typeof params === 'string' ? params : params.ccpUrl;
      // As in Connect: the instance's address and then "/ccp-v2/".
      desktop = present(ccpUrl, 'params.ccpUrl').replace(/\/*$/, '/').replace(/ccp-v2\/$/, '');
      connect.core.eventBus = new EventBus();
      connect.core.initialized = true;
      void start(container);
    },
    // undefined before initCCP, so that subscribing too early throws here as it does in Streams
    getEventBus: () => connect.core.eventBus,
    getContactEventName: (event, contactId) => `${present(event, 'eventName')}::${present(contactId, 'contactId')}`,
    onInitialized: (f) => connect.core.getEventBus().subscribe(connect.EventType.INIT, f),
    onAuthFail: (f) => connect.core.getEventBus().subscribe(connect.EventType.AUTH_FAIL, f),
    onAuthorizeSuccess: (f) => connect.core.getEventBus().subscribe(connect.EventType.AUTHORIZE_SUCCESS, f),
    onAccessDenied: (f) => connect.core.getEventBus().subscribe(connect.EventType.ACCESS_DENIED, f),
    onIframeRetriesExhausted: (f) => connect.core.getEventBus().subscribe(connect.EventType.IFRAME_RETRIES_EXHAUSTED, f),
    viewContact: (contactId) => connect.core.getEventBus().trigger(connect.ContactEvents.VIEW, { contactId }),
    onViewContact: (f) => connect.core.getEventBus().subscribe(connect.ContactEvents.VIEW, f),
    terminate: () => connect.core.getEventBus().unsubscribeAll(),
  };

  connect.agent = (f) => {
    const subscription = connect.core.getEventBus().subscribe(connect.AgentEvents.INIT, f);
    if (connect.agent.initialized) f(new connect.Agent());
    return subscription;
  };
  connect.agent.initialized = false;
  connect.contact = (f) => connect.core.getEventBus().subscribe(connect.ContactEvents.INIT, f);
})();
