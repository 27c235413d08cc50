// The message box: completes commands, their verbs, people and channels, and shows how a command is used.

import { announce, el, fill, freshId, plural } from "./dom.js";
import { deed, directory, shown } from "./link.js";
import { inline } from "./mrkdwn.js";

const LIMIT = 9;
const history = [];

// What can stand where the caret is: entries with the text they put in, and from where.
export function completions(text, caret) {
  const head = text.slice(0, caret);
  const command = /^\/(\S*)$/.exec(head);
  if (command) {
    return { from: 0, exact: false, entries: directory.commands.filter((one) => one.name.startsWith(`/${command[1]}`)).map((one) => ({ put: `${one.name} `, title: one.name, words: one.summary })) };
  }
  const verb = /^(\/\S+)\s+(\S*)$/.exec(head);
  const known = verb && directory.commands.find((one) => one.name === verb[1]);
  if (known) {
    const entries = [...known.verbs, { name: "help", usage: "", summary: "all it can do" }]
      .filter((one) => one.name.startsWith(verb[2].toLowerCase()))
      .map((one) => ({ put: `${one.name}${one.usage ? " " : ""}`, title: `${one.name} ${one.usage}`.trim(), words: one.summary }));
    if (entries.length === 1 && entries[0].put.trim() === verb[2]) return { from: 0, entries: [] };
    return { from: head.length - verb[2].length, entries };
  }
  const mention = /(^|\s)([@#])([\p{L}\p{N}._-]*)$/u.exec(head);
  if (!mention) return { from: 0, entries: [] };
  const wanted = mention[3].toLowerCase();
  const from = head.length - mention[3].length - 1;
  const found = mention[2] === "@"
    ? shown.people.filter((one) => !one.is_bot && !one.deleted && (one.name.startsWith(wanted) || one.real_name.toLowerCase().split(/\s+/).some((part) => part.startsWith(wanted))))
        .map((one) => ({ put: `@${one.name} `, title: `@${one.name}`, words: one.real_name }))
    : shown.places.filter((one) => one.kind === "public" && one.title.startsWith(wanted)).map((one) => ({ put: `#${one.title} `, title: `#${one.title}`, words: "" }));
  // A name that is written out is no question any more: Enter then sends.
  return { from, entries: found, eager: !found.some((one) => one.put.trim() === head.slice(from)) };
}

// How the command in the box is used, once its verb is known.
export function usage(text) {
  const [name, word] = text.trimStart().split(/\s+/);
  const command = directory.commands.find((one) => one.name === name);
  if (!command) return null;
  const verb = command.verbs.find((one) => one.name === word);
  if (!verb) return { line: `${command.name} …`, words: command.summary, example: "" };
  return { line: `${command.name} ${verb.name} ${verb.usage}`.trim(), words: verb.summary, example: verb.example ? `${command.name} ${verb.name} ${verb.example}` : "" };
}

export function composer({ label, where, failed, id }) {
  const listId = freshId("completions");
  const box = el("textarea", { id, class: "composer-text", rows: 1, "aria-label": label, placeholder: label, "aria-autocomplete": "list", "aria-controls": listId, autocomplete: "off", spellcheck: "true", maxlength: 4000 });
  const list = el("div", { id: listId, class: "completions", role: "listbox", "aria-label": "Completions", hidden: true });
  const help = el("p", { class: "usage" });
  const send = el("button", { type: "submit", class: "button primary send", disabled: true }, "Send");
  const form = el("form", { class: "composer" }, list, el("div", { class: "composer-row" }, box, send), help);
  let found = { entries: [] };
  let active = -1;
  let recalled = 0;

  function refresh() {
    box.style.height = "auto";
    if (box.isConnected) box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
    send.disabled = !box.value.trim();
    found = completions(box.value, box.selectionStart);
    found.entries = found.entries.slice(0, LIMIT);
    active = found.eager && found.entries.length ? 0 : -1;
    drawList();
    const shownUsage = box.value.startsWith("/") && usage(box.value);
    fill(help, shownUsage ? [el("code", {}, shownUsage.line), " ", inline(shownUsage.words), shownUsage.example && [" · e.g. ", el("code", {}, shownUsage.example)]] : "Type / for commands, @ for people. Enter sends, Shift+Enter starts a line.");
  }

  function drawList() {
    list.hidden = found.entries.length === 0;
    fill(list, found.entries.map((one, index) => el("div", { id: `${listId}-${index}`, class: "completion", role: "option", "aria-selected": String(index === active), on: { mousedown: (event) => { event.preventDefault(); take(index); } } }, el("strong", {}, one.title), one.words && el("small", {}, inline(one.words)))));
    if (active >= 0) box.setAttribute("aria-activedescendant", `${listId}-${active}`);
    else box.removeAttribute("aria-activedescendant");
    list.children[active]?.scrollIntoView({ block: "nearest" });
    if (!list.hidden && document.activeElement === box) announce(`${plural(found.entries.length, "completion")}. Arrow keys choose, Tab takes.`);
  }

  function take(index) {
    const entry = found.entries[index];
    const caret = box.selectionStart;
    box.value = box.value.slice(0, found.from) + entry.put + box.value.slice(caret);
    box.setSelectionRange(found.from + entry.put.length, found.from + entry.put.length);
    refresh();
  }

  async function say() {
    const line = box.value.trim();
    if (!line || form.dataset.sending) return;
    form.dataset.sending = "true";
    history.push(line);
    recalled = history.length;
    box.value = "";
    refresh();
    const told = await deed("say", { ...where(), line }, { quiet: true });
    delete form.dataset.sending;
    // As in Slack the box stays empty; the arrow upwards brings the line back.
    if (told.error) failed(told.error);
  }

  box.addEventListener("input", refresh);
  box.addEventListener("click", refresh);
  box.addEventListener("blur", () => { list.hidden = true; });
  box.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const count = found.entries.length;
      active = event.key === "ArrowDown" ? (active + 1) % count : (active - 1 + count) % count;
      drawList();
    } else if (open && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      take(Math.max(active, 0));
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      list.hidden = true;
      active = -1;
      box.removeAttribute("aria-activedescendant");
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (open && active >= 0) take(active);
      else say();
    } else if (event.key === "ArrowUp" && (box.value === "" || box.value === history[recalled]) && history.length) {
      event.preventDefault();
      recalled = Math.max(0, recalled - 1);
      box.value = history[recalled];
      refresh();
    }
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); say(); });
  refresh();
  list.hidden = true;
  return {
    node: form,
    focus: () => box.focus(),
    put(text) {
      box.value = text;
      box.focus();
      box.setSelectionRange(text.length, text.length);
      refresh();
      list.hidden = true;
    },
  };
}
