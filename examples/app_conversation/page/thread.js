// The list of messages: what changed is changed in place, so that focus and reading stay.

import * as words from "./words.js";

const byId = (one, other) => (one.id < other.id ? -1 : 1);

export class Thread {
  #list;
  #known = new Map(); // id -> {message, node}

  constructor(list) {
    this.#list = list;
  }

  /** Takes messages in; returns those that are new, and those whose state has turned bad. */
  take(messages) {
    const added = [];
    const failed = [];
    for (const message of messages) {
      const known = this.#known.get(message.id);
      if (!known) added.push(message);
      if (known && words.isBad(message) && !words.isBad(known.message)) failed.push(message);
      if (known) fill(known.node, message);
      this.#known.set(message.id, { message, node: known?.node ?? drawn(message) });
    }
    if (added.length) this.#settle();
    return { added: added.sort(byId), failed };
  }

  /** Whether any of these is here already: pages that do not touch have a gap between them. */
  touches(messages) {
    return messages.some(({ id }) => this.#known.has(id));
  }

  get size() {
    return this.#known.size;
  }

  clear() {
    this.#known.clear();
    this.#list.replaceChildren();
  }

  #settle() {
    let at = this.#list.firstChild;
    for (const node of this.#wanted()) {
      if (node === at) at = at.nextSibling;
      else this.#list.insertBefore(node, at);
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  *#wanted() {
    let day = "";
    const sorted = [...this.#known.values()].sort((one, other) => byId(one.message, other.message));
    for (const { message, node } of sorted) {
      const its = words.day(message.at);
      if (its !== day) yield element("li", "day", its);
      day = its;
      yield node;
    }
  }
}

function drawn(message) {
  const node = element("li", message.own ? "message own" : "message");
  const bubble = element("div", "bubble");
  bubble.append(element("span", "unseen", message.own ? "You wrote: " : `${message.from} wrote: `));
  const text = element("p", "words", message.text);
  text.dir = "auto";
  if (message.text || !message.files.length) bubble.append(text);
  if (!message.text) text.textContent = "No text";
  text.classList.toggle("none", !message.text);
  if (message.files.length) bubble.append(attached(message.files));
  node.append(bubble, element("p", "under"));
  if (!message.own && !message.proven) {
    node.append(element("p", "doubt", `It is not proven that ${message.from} wrote this.`));
  }
  fill(node, message);
  return node;
}

/** What may change: the state, and the links. */
function fill(node, message) {
  const under = node.querySelector(".under");
  const bad = message.own && words.isBad(message);
  const said = message.own ? ` · ${bad ? "⚠ " : ""}${words.state(message)}` : "";
  const line = words.time(message.at) + said;
  if (under.textContent !== line) under.textContent = line;
  under.classList.toggle("bad", bad);
  node.querySelectorAll(".attached a").forEach((link, n) => {
    link.href = message.files[n].link;
  });
}

function attached(files) {
  const list = element("ul", "attached");
  for (const file of files) {
    const link = element("a");
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.append(element("bdi", "", file.name), element("span", "", words.size(file.size)));
    const item = element("li");
    item.append(link);
    list.append(item);
  }
  return list;
}

/** An element with text; nothing here ever reads HTML. */
export function element(name, kind = "", text = "") {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
}
