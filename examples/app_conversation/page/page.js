// The page: the way in, the conversation, and what is new in it, asked for every second while seen.

import * as calls from "./calls.js";
import { Composer } from "./composer.js";
import { Thread } from "./thread.js";

const EVERY = 1_000; // ms between two looks
const SLOWEST = 8_000; // ms, while nobody answers
const by = (id) => document.getElementById(id);
const thread = new Thread(by("thread"));
const composer = new Composer(sent, ended);
let tag = null;
let after = null; // cursor to what is earlier
let pause = EVERY;
let timer = 0;
let looking = false;
let startKey = crypto.randomUUID();

// The way in

async function begin(event) {
  event.preventDefault();
  const form = by("start");
  const { to, subject, code } = Object.fromEntries(new FormData(form));
  await attempt(form, async () => {
    await calls.start({ to, subject, code, key: startKey });
    by("start-code").value = "";
    open();
  });
}

/** Does it once at a time; what is wrong is said in the form. */
async function attempt(form, act) {
  const button = form.querySelector(".main");
  const wrong = form.querySelector(".wrong");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", true);
  wrong.textContent = "";
  try {
    await act();
  } catch (refusal) {
    wrong.textContent = refusal.message;
    if (refusal.kind === "WrongCode") form.querySelector("[type=password]").select();
  } finally {
    button.setAttribute("aria-disabled", false);
  }
}

function open() {
  by("start").hidden = true;
  by("talk").hidden = by("leave").hidden = false;
  composer.restore();
  composer.focus();
  look();
}

/** Begins anew: what is still under way ends with the page. */
function leave() {
  calls.token.forget();
  location.reload();
}

function ended() {
  if (!by("again").open) by("again").showModal();
}

async function goOn(event) {
  event.preventDefault();
  await attempt(by("again"), async () => {
    await calls.letInAgain(by("again-code").value);
    by("again-code").value = "";
    by("again").close();
    composer.again();
    look();
  });
}

// The conversation

/** Asks for what is new, shows it, and comes again. */
async function look() {
  clearTimeout(timer);
  if (looking || document.hidden || !calls.token.get() || by("again").open) return;
  looking = true;
  try {
    const found = await calls.newest(tag);
    if (found) show(found);
    trouble("");
    pause = EVERY;
  } catch (refusal) {
    missed(refusal);
  } finally {
    looking = false;
  }
  timer = setTimeout(look, pause);
}

function missed(refusal) {
  pause = Math.min(pause * 2, SLOWEST);
  if (refusal.status === 401) ended();
  else if (refusal.passing) trouble(`${refusal.message} New messages will come later.`);
  else trouble(refusal.message ?? "This did not work.");
}

function trouble(words) {
  if (by("trouble").textContent !== words) by("trouble").textContent = words;
}

function show(found) {
  const first = thread.size === 0;
  if (!thread.touches(found.messages)) {
    thread.clear();
    after = found.earlier;
  }
  tag = found.tag;
  composer.most = found.fileBytes;
  head(found);
  const low = atEnd();
  const { added, failed } = thread.take(found.messages);
  by("empty").hidden = thread.size > 0;
  by("earlier").hidden = !after;
  const came = added.filter((message) => !message.own);
  if (low) toEnd();
  else by("newest").hidden = by("newest").hidden && !came.length;
  if (!first) announce(came, failed);
}

function head(found) {
  by("subject").textContent = document.title = found.subject || "Conversation";
  by("subject").title = found.subject;
  by("to").textContent = by("to").title = found.to;
  by("people").hidden = false;
  by("closed").hidden = found.open;
}

function announce(came, failed) {
  const said = came.map(({ from, text }) => `${from} wrote: ${text.slice(0, 300)}`);
  if (failed.length) said.push("A message of yours did not arrive.");
  if (said.length) by("said").textContent = said.join(" ");
}

function sent(message) {
  thread.take([message]);
  by("empty").hidden = true;
  toEnd();
  look();
}

async function loadEarlier() {
  const button = by("earlier");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", true);
  try {
    const found = await calls.earlier(after);
    const scroll = by("scroll");
    const below = scroll.scrollHeight - scroll.scrollTop;
    after = found.earlier;
    thread.take(found.messages);
    if (!after) scroll.focus({ preventScroll: true }); // the button goes
    button.hidden = !after;
    scroll.scrollTop = scroll.scrollHeight - below;
    by("said").textContent = `${found.messages.length} earlier messages`;
  } catch (refusal) {
    if (refusal.status === 401) ended();
    else trouble(refusal.message);
  } finally {
    button.setAttribute("aria-disabled", false);
  }
}

const atEnd = () => {
  const { scrollHeight, scrollTop, clientHeight } = by("scroll");
  return scrollHeight - scrollTop - clientHeight < 80;
};

function toEnd() {
  by("scroll").scrollTop = by("scroll").scrollHeight;
  by("newest").hidden = true;
}

by("start").addEventListener("submit", begin);
by("start").addEventListener("input", () => {
  startKey = crypto.randomUUID();
});
by("again").querySelector("form").addEventListener("submit", goOn);
by("again").addEventListener("cancel", (event) => event.preventDefault());
by("again-leave").addEventListener("click", leave);
by("leave").addEventListener("click", () => by("sure").showModal());
by("sure").addEventListener("close", () => {
  if (by("sure").returnValue === "leave") leave();
  by("sure").returnValue = "";
});
by("earlier").addEventListener("click", loadEarlier);
by("newest").addEventListener("click", () => {
  toEnd();
  composer.focus();
});
by("scroll").addEventListener("scroll", () => {
  if (atEnd()) by("newest").hidden = true;
});
document.addEventListener("visibilitychange", look);
addEventListener("online", look);
if (calls.token.get()) {
  open();
} else {
  by("start").hidden = false;
  by("start-to").focus();
}
