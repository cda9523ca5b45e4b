// Where the user writes. What is written is kept until the back end has it, under one key, so that
// it is sent once however often it is tried.

import { say, token } from "./calls.js";
import { element } from "./thread.js";
import { size } from "./words.js";

const DRAFT = "draft";
const AGAIN = 4_000; // ms between tries while nobody answers
const by = (id) => document.getElementById(id);

export class Composer {
  #text = by("text");
  #fate = by("fate");
  #files = [];
  #key = crypto.randomUUID();
  #sending = false;
  #waiting = 0; // the timer of the next try, while one is wanted
  #most = Infinity;
  #sent;
  #ended;

  /** sent(message): it is there. ended(): the token is; `again()` goes on then. */
  constructor(sent, ended) {
    this.#sent = sent;
    this.#ended = ended;
    by("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    by("send").addEventListener("click", (event) => {
      if (event.detail > 1) event.preventDefault(); // the second click of a double click
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#send();
    });
    this.#text.addEventListener("input", () => this.#changed());
    by("pick").addEventListener("change", (event) => {
      this.#add([...event.target.files]);
      event.target.value = "";
    });
    addEventListener("online", () => this.again());
  }

  /** What was being written in this tab. */
  restore() {
    const kept = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
    this.#text.value = kept?.text ?? "";
    if (kept && !kept.files) this.#key = kept.key;
    this.#files = [];
    this.#show();
    this.#say(kept?.files ? "Choose the files again: a reload does not keep them." : "");
  }

  set most(octets) {
    this.#most = octets;
  }

  focus() {
    this.#text.focus();
  }

  /** Tries again what waits to be sent. */
  again() {
    if (!this.#waiting) return;
    this.#rest();
    this.#send();
  }

  /** Other words than those that were tried have another key. */
  #changed() {
    this.#rest();
    if (!this.#sending) this.#key = crypto.randomUUID();
    this.#say("");
    this.#show();
    this.#keep();
  }

  #rest() {
    clearTimeout(this.#waiting);
    this.#waiting = 0;
  }

  #keep() {
    if (!token.get()) return; // the conversation has been left
    const kept = { text: this.#text.value, key: this.#key, files: this.#files.length };
    sessionStorage.setItem(DRAFT, JSON.stringify(kept));
  }

  #add(files) {
    const total = [...this.#files, ...files].reduce((sum, file) => sum + file.size, 0);
    if (total > this.#most) {
      this.#say(`All files of a message together may have ${size(this.#most)}.`, true);
      return;
    }
    this.#files.push(...files);
    this.#changed();
  }

  #show() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
    const items = this.#files.map((file) => {
      const item = element("li");
      const remove = element("button", "plain", "Remove");
      remove.type = "button";
      remove.setAttribute("aria-label", `Remove ${file.name}`);
      remove.addEventListener("click", () => {
        if (this.#sending) return;
        this.#files = this.#files.filter((other) => other !== file);
        this.#changed();
        this.focus();
      });
      item.append(element("bdi", "", file.name), element("span", "quiet", size(file.size)), remove);
      return item;
    });
    by("files").replaceChildren(...items);
    by("files").hidden = !items.length;
  }

  #say(words, bad = false) {
    this.#fate.textContent = words;
    this.#fate.classList.toggle("bad", bad);
  }

  async #send() {
    if (this.#sending) return;
    this.#rest();
    if (!this.#text.value.trim() && !this.#files.length) {
      this.#say("Write something first.", true);
      this.focus();
      return;
    }
    this.#busy(true);
    try {
      const files = await Promise.all(this.#files.map(inBase64));
      const message = await say({ text: this.#text.value, files, key: this.#key });
      this.#done(message);
    } catch (refusal) {
      this.#refused(refusal);
    } finally {
      this.#busy(false);
    }
  }

  /** While it is being sent it cannot be changed. */
  #busy(sending) {
    this.#sending = sending;
    this.#text.readOnly = sending;
    by("pick").disabled = sending;
    by("send").setAttribute("aria-disabled", sending);
    by("send").textContent = sending ? "Sending" : "Send";
  }

  #done(message) {
    this.#text.value = "";
    this.#files = [];
    this.#key = crypto.randomUUID();
    sessionStorage.removeItem(DRAFT);
    this.#say("");
    this.#show();
    this.#sent(message);
    this.focus();
  }

  #refused(refusal) {
    this.#keep();
    if (refusal.status === 401) {
      this.#later();
      this.#ended();
    } else if (refusal.passing) {
      this.#say(`${refusal.message} Not sent yet: it is kept, and tried again by itself.`, true);
      this.#later(Math.max(AGAIN, 1000 * (refusal.wait || 0)));
    } else {
      this.#key = crypto.randomUUID(); // it was not taken: another try is another message
      this.#say(refusal.message ?? "This did not work.", true);
    }
  }

  /** Without a time it waits for `again()`. */
  #later(ms = 2 ** 31 - 1) {
    this.#waiting = setTimeout(() => this.again(), ms);
  }
}

async function inBase64(file) {
  const octets = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < octets.length; at += 32_768) {
    text += String.fromCharCode(...octets.subarray(at, at + 32_768));
  }
  return { name: file.name, type: file.type, content: btoa(text) };
}
