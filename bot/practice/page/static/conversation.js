// The middle of the page: one channel or direct message with its box, or the bot's Home tab; and threads at its side.

import { byId, el, fill, plural } from "./dom.js";
import { deed, directory, look, me, place, shown } from "./link.js";
import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { fieldValues } from "./modal.js";
import { messageList, slackNote } from "./messages.js";
import { openPayload } from "./drawer.js";

let update = () => {};
let box = null;
let drawnFor = "";
let notes = [];
let drawnHome = "";

export const putIntoBox = (text) => box?.put(text);

export function drawConversation(go, openThread) {
  if (me.place === "home") return drawHome(go);
  const where = place(me.place);
  if (!where || shown.place?.id !== me.place || shown.place.for !== me.id) return null;
  byId("main").inert = false;
  const key = `${me.id} ${me.place} ${where.is_member} ${shown.place.may_write}`;
  if (key !== drawnFor) {
    drawnFor = key;
    drawnHome = "";
    notes = [];
    frame(where, go, openThread);
  }
  byId("place-count").textContent = where.kind === "im" ? "" : plural(where.members, "person", "people");
  const empty = shown.place.messages.length ? [] : [emptyNote(where)];
  const older = shown.place.older ? [el("p", { class: "empty" }, `${plural(shown.place.older, "older message")} not shown.`)] : [];
  return update(shown.place.messages, [...older, ...empty, ...notes]);
}

function emptyNote(where) {
  const words = where.is_app
    ? `This is where ${directory.app.name} writes to you: prompts, papers and one digest a day. Nothing yet.`
    : where.kind === "im" ? "Nothing said here yet." : "Nothing said here yet. Type / to see what the bot can do.";
  return el("p", { class: "empty", data: { empty: "true" } }, words);
}

function tabs(where, go) {
  const tab = (id, title) => el("button", { type: "button", class: "tab", "aria-current": me.place === id ? "page" : null, on: { click: () => go(id) } }, title);
  const bot = shown.places.find((one) => one.is_app);
  return el("div", { class: "tabs" }, tab("home", "Home"), tab(bot?.id ?? "app", "Messages"));
}

function frame(where, go, openThread) {
  const sign = { public: "#", private: "◈" }[where.kind];
  const list = el("div", { class: "messages", role: "log", "aria-label": `Messages in ${where.title}`, tabindex: "0" });
  update = messageList(list, { openThread });
  box = shown.place.may_write ? composer({ id: "composer-text", label: `Message ${sign ? `#${where.title}` : where.title}`, where: () => ({ place: me.place }), failed: (words) => { notes.push(slackNote(words)); drawConversation(go, openThread); list.scrollTop = list.scrollHeight; } }) : null;
  fill(byId("main"),
    el("div", { class: "place-head" },
      el("h1", {}, sign && el("span", { class: "sign", "aria-hidden": "true" }, sign), where.title),
      el("span", { class: "topic" }, directory.rooms[where.id] ?? (where.kind === "private" ? "Private" : "")),
      where.shared && el("span", { class: "tag tag-foreign" }, "shared with another workspace"),
      el("span", { class: "count", id: "place-count" }),
      where.is_app && tabs(where, go)),
    list,
    box ? box.node : el("div", { class: "composer not-member" }, el("p", {}, `You are not in #${where.title}.`), el("button", { type: "button", class: "button primary", on: { click: () => deed("join", { place: where.id }) } }, "Join the channel")));
  list.scrollTop = list.scrollHeight;
  if (matchMedia("(min-width: 700px)").matches) box?.focus();
}

function drawHome(go) {
  byId("main").inert = false;
  const view = shown.home;
  const key = `home ${me.id} ${view ? `${view.id} ${view.hash}` : "none"}`;
  if (key === drawnHome) return;
  drawnHome = key;
  drawnFor = "";
  box = null;
  const fields = [];
  const where = { values: view?.values, fields, act: (what) => deed("click", { view: view.id, fields: fieldValues(fields), ...what }) };
  fill(byId("main"),
    el("div", { class: "place-head" }, el("h1", {}, directory.app.name), el("span", { class: "topic" }, "Only you see this"),
      view && el("button", { type: "button", class: "icon-button quiet", "aria-label": "View payload of this Home tab", on: { click: () => openPayload({ view: view.id }) } }, el("span", { "aria-hidden": "true" }, "{ }")),
      tabs(null, go)),
    el("div", { class: "home", tabindex: "0", role: "region", "aria-label": "Home tab" }, view ? blocks(view.blocks, where) : el("p", { class: "empty" }, "The bot is drawing your Home …")));
}

// --- threads -------------------------------------------------------------------------------------------------------

export function threadPanel(close) {
  const list = el("div", { class: "messages", role: "log", "aria-label": "Thread", tabindex: "0" });
  const notesHere = [];
  const draw = messageList(list, { inThread: true });
  const reply = composer({ id: "thread-text", label: "Reply in thread", where: () => ({ place: me.place, thread: me.thread }), failed: (words) => { notesHere.push(slackNote(words)); render(); } });
  function render() {
    draw(shown.place?.thread?.messages ?? [], notesHere);
  }
  const node = el("div", { class: "side-panel" }, el("div", { class: "side-head" }, el("h2", {}, "Thread"), el("button", { type: "button", class: "icon-button", "aria-label": "Close thread", on: { click: () => { me.thread = null; look(); close(); } } }, el("span", { "aria-hidden": "true" }, "×"))), list, reply.node);
  return { node, render, focus: reply.focus };
}
