// What the page asks of its back end. A Refusal has the sentence to show.

/** `status` is 0 where nobody answered. */
export class Refusal extends Error {
  constructor(status, kind, message, wait) {
    super(message);
    Object.assign(this, { status, kind, wait });
  }

  /** Whether the same may do later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const PATIENCE = 30_000; // ms
const TOKEN = "token";

/** The token of this tab's conversation; it survives a reload, not the tab. */
export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  set: (value) => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.clear(),
};

/** {status, body, tag}; throws a Refusal, with status 0 where nobody answers. */
async function ask(method, path, body, more = {}) {
  const headers = { ...more };
  const known = token.get();
  if (known) headers.Authorization = `Bearer ${known}`;
  if (body) headers["Content-Type"] = "application/json";
  const how = { method, headers, cache: "no-store", credentials: "omit", redirect: "error" };
  let answer;
  let read = {};
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    answer = await fetch(path, { ...how, signal, body: body && JSON.stringify(body) });
    if (answer.status !== 304) read = await answer.json();
  } catch {
    throw new Refusal(0, "Away", navigator.onLine ? "Nobody answers." : "You are offline.", 0);
  }
  const wait = Number(answer.headers.get("Retry-After"));
  if (answer.status >= 400) throw new Refusal(answer.status, read.error, read.message, wait);
  const next = answer.headers.get("Conversation-Token");
  if (next && known === token.get()) token.set(next);
  return { status: answer.status, body: read, tag: answer.headers.get("ETag") };
}

export async function start(wish) {
  token.set((await ask("POST", "conversations", wish)).body.token);
}

export async function letInAgain(code) {
  token.set((await ask("POST", "token", { code })).body.token);
}

/** The newest messages; null when they are as they were at `tag`. */
export async function newest(tag) {
  const answer = await ask("GET", "conversation", null, tag ? { "If-None-Match": tag } : {});
  return answer.status === 304 ? null : { ...answer.body, tag: answer.tag };
}

export async function earlier(after) {
  return (await ask("GET", `conversation?after=${encodeURIComponent(after)}`)).body;
}

export async function say(message) {
  return (await ask("POST", "messages", message)).body;
}
