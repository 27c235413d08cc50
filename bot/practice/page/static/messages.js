// Messages of a conversation or thread. A message that has not changed keeps its node, and with it focus and state.

import { el, plural } from "./dom.js";
import { deed, directory, me, person, shown } from "./link.js";
import { blocks } from "./blocks.js";
import { mrkdwn } from "./mrkdwn.js";
import { dayName, full, time } from "./times.js";
import { openPayload } from "./drawer.js";

const COLOURS = 8;
export const initials = (name) => name.split(/\s+/).map((part) => part[0]).slice(0, 2).join("").toUpperCase();

export function avatar(id, name) {
  if (id === directory.app.id) return el("img", { class: "avatar", src: "/page/static/mark.svg", alt: "", width: 34, height: 34 });
  if (id === "slackbot") return el("span", { class: "avatar tone-7", "aria-hidden": "true" }, "!");
  const tone = [...(id ?? "?")].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS;
  return el("span", { class: `avatar tone-${tone}`, "aria-hidden": "true" }, initials(name));
}

const KINDS = { docx: ["Word document", "W"], xlsx: ["Excel workbook", "X"], ics: ["Calendar entry", "C"], pdf: ["PDF", "P"] };

function fileCard(file) {
  const [kind, letter] = KINDS[file.name.split(".").pop().toLowerCase()] ?? ["File", "F"];
  const size = file.size < 1024 ? plural(file.size, "byte") : `${Math.round(file.size / 1024)} kB`;
  return el("a", { class: "file", href: `/page/file/${encodeURIComponent(file.id)}/${encodeURIComponent(file.name)}?as=${encodeURIComponent(me.id)}`, download: file.name },
    el("span", { class: `file-kind file-${letter}`, "aria-hidden": "true" }, letter),
    el("span", { class: "file-words" }, el("strong", {}, file.title), el("small", {}, `${file.name} · ${kind}, ${size}`)),
    el("span", { class: "file-get" }, "Download"));
}

function attachment(one) {
  return el("div", { class: "attachment" }, one.pretext && el("p", {}, mrkdwn(one.pretext)), one.title && el("strong", {}, one.title), one.text && el("p", {}, mrkdwn(one.text)), blocks(one.blocks, { act: () => {} }));
}

function toolbar(message, openThread, inThread) {
  const close = (menu) => { menu.open = false; };
  const shortcuts = message.ephemeral ? [] : directory.shortcuts.filter((one) => one.kind === "message");
  const menu = el("details", { class: "overflow" }, el("summary", { class: "icon-button", "aria-label": `More actions on the message of ${time(Number(message.ts))}` }, el("span", { "aria-hidden": "true" }, "⋯")),
    el("div", { class: "menu menu-right" },
      shortcuts.map((one) => el("button", { type: "button", on: { click: () => { close(menu); deed("shortcut", { callback_id: one.callback_id, channel: message.channel, ts: message.ts }); } } }, one.name, el("small", {}, one.description))),
      el("button", { type: "button", on: { click: (event) => { close(menu); openPayload({ channel: message.channel, ts: message.ts }, event.target); } } }, "View payload", el("small", {}, "What this message is on the wire"))));
  return el("div", { class: "message-tools" },
    !inThread && !message.ephemeral && el("button", { type: "button", class: "icon-button", on: { click: () => openThread(message.ts) }, "aria-label": "Reply in thread" }, el("span", { "aria-hidden": "true" }, "↳")),
    menu);
}

function draw(message, openThread, inThread) {
  const where = { act: (what) => deed("click", { channel: message.channel, ts: message.ts, ...what }) };
  const at = Number(message.ts);
  const who = person(message.user);
  const body = message.blocks.length ? blocks(message.blocks, where) : message.text ? el("div", { class: "block-text" }, mrkdwn(message.text)) : null;
  const thread = !inThread && message.replies > 0 && el("button", { type: "button", class: "thread-link", on: { click: () => openThread(message.ts) } }, plural(message.replies, "reply", "replies"), el("small", {}, ` last ${time(Number(message.latest_reply))}`));
  return el("article", { class: `message${message.ephemeral ? " ephemeral" : ""}`, data: { ts: message.ts }, "aria-label": `${message.name}, ${full(at)}` },
    avatar(message.user, message.name),
    el("div", { class: "message-body" },
      el("div", { class: "message-head" }, el("strong", {}, message.name), message.is_bot && el("span", { class: "tag" }, "app"), who?.is_foreign && el("span", { class: "tag tag-foreign" }, who.team), el("time", { datetime: new Date(at * 1000).toISOString(), title: full(at) }, time(at)), message.edited && el("small", {}, "(edited)")),
      message.ephemeral && el("p", { class: "only-you" }, "Only visible to you"),
      body,
      message.attachments.map(attachment),
      message.files.length > 0 && el("div", { class: "files" }, message.files.map(fileCard)),
      thread),
    toolbar(message, openThread, inThread));
}

// Keeps a list element in step with messages; returns a function that takes the newest ones.
export function messageList(list, { openThread = () => {}, inThread = false } = {}) {
  const drawn = new Map();
  return (messages, after = []) => {
    const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    const wanted = [];
    let day = null;
    let before = null;
    for (const message of messages) {
      const name = dayName(Number(message.ts));
      if (name !== day) {
        const key = `day ${name} ${message.ts}`;
        if (!drawn.has(key)) drawn.set(key, { node: el("div", { class: "day" }, el("span", {}, name)) });
        wanted.push(drawn.get(key).node);
        before = null;
        day = name;
      }
      const written = JSON.stringify(message);
      const key = `${message.ephemeral ? "e" : "m"} ${message.ts}`;
      if (drawn.get(key)?.written !== written) drawn.set(key, { written, node: draw(message, openThread, inThread) });
      const node = drawn.get(key).node;
      const follows = before && before.user === message.user && before.ephemeral === message.ephemeral && Number(message.ts) - Number(before.ts) < 300;
      node.classList.toggle("follows", Boolean(follows));
      wanted.push(node);
      before = message;
    }
    place(list, [...wanted, ...after]);
    if (wasAtEnd) list.scrollTop = list.scrollHeight;
  };
}

// Puts nodes in order and moves none that stands right: moving a node would lose its focus.
function place(list, wanted) {
  const keep = new Set(wanted);
  for (const node of [...list.children]) if (!keep.has(node)) node.remove();
  let next = list.firstElementChild;
  for (const node of wanted) {
    if (node === next) next = next.nextElementSibling;
    else list.insertBefore(node, next);
  }
}

// What Slack itself answers to a command that never reached the bot: a note that only its reader sees.
export function slackNote(words) {
  return el("article", { class: "message ephemeral slack-note" }, avatar("slackbot", "Slack"), el("div", { class: "message-body" },
    el("div", { class: "message-head" }, el("strong", {}, "Slack"), el("time", {}, shown.clock ? time(Date.now() / 1000 + shown.clock.ahead) : "")),
    el("p", { class: "only-you" }, "Only visible to you"), el("div", { class: "block-text" }, words)));
}
