// The modal on top of a person's screen: fields, errors under them, pushed and updated views.

import { announce, byId, el, fill } from "./dom.js";
import { deed, on, shown } from "./link.js";
import { plainText } from "./mrkdwn.js";
import { blocks } from "./blocks.js";
import { openPayload } from "./drawer.js";
import { example } from "./examples.js";

const dialog = byId("modal");
let top = null;
let fields = [];
let sent = {}; // what the fields held when the bot last heard of them
let returnTo = null;

export const fieldValues = (list) => Object.fromEntries(list.map((field) => [field.key, field.read()]));

function current() {
  return shown.modals.at(-1) ?? null;
}

function close(whole = false) {
  return deed("close", { view: top.id, whole });
}

function wrong(errors) {
  let first = null;
  for (const row of dialog.querySelectorAll("[data-block]")) {
    const sentence = errors[row.dataset.block];
    const note = row.querySelector(".wrong");
    const field = fields.find((one) => one.block_id === row.dataset.block);
    note.hidden = !sentence;
    note.textContent = sentence ?? "";
    if (sentence) field?.control.setAttribute("aria-invalid", "true");
    else field?.control.removeAttribute("aria-invalid");
    if (sentence && !first) first = row;
  }
  if (!first) return;
  first.scrollIntoView({ block: "center" });
  first.querySelector("input, select, textarea, summary")?.focus();
  announce(Object.values(errors).join(" "));
}

function foot(words) {
  const note = dialog.querySelector(".modal-trouble");
  note.textContent = words;
  note.hidden = !words;
}

async function submit(event) {
  event.preventDefault();
  const button = dialog.querySelector("button[type=submit]");
  if (button.getAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  button.classList.add("waiting");
  foot("");
  const told = await deed("submit", { view: top.id, fields: fieldValues(fields) }, { quiet: true });
  button.removeAttribute("aria-disabled");
  button.classList.remove("waiting");
  if (!dialog.open) return;
  wrong(told.errors ?? {});
  if (told.error) foot(told.error);
}

function draw(view, isUpdate) {
  const scroll = dialog.querySelector(".modal-body")?.scrollTop ?? 0;
  const before = isUpdate ? fields : [];
  const held = before.find((one) => one.control === document.activeElement)?.key;
  fields = [];
  const where = {
    values: view.values,
    fields,
    act: async (what) => {
      foot("");
      sent = fieldValues(fields);
      const told = await deed("click", { view: view.id, fields: sent, ...what }, { quiet: true });
      if (told.error) foot(told.error);
    },
  };
  const deep = shown.modals.length > 1;
  const filled = example(view.callback_id);
  const form = el("form", { class: "modal-form", novalidate: true, on: { submit } },
    el("div", { class: "modal-head" },
      deep && el("button", { type: "button", class: "icon-button", on: { click: () => close() }, "aria-label": "Back" }, el("span", { "aria-hidden": "true" }, "←")),
      el("h2", { id: "modal-title" }, plainText(view.title)),
      el("button", { type: "button", class: "icon-button quiet", "aria-label": "View payload of this form", on: { click: (event) => openPayload({ view: view.id }, event.target) } }, el("span", { "aria-hidden": "true" }, "{ }")),
      el("button", { type: "button", class: "icon-button", "aria-label": "Close", on: { click: () => close(deep) } }, el("span", { "aria-hidden": "true" }, "×"))),
    el("div", { class: "modal-body", tabindex: "-1" },
      filled && el("p", { class: "example" }, "Practising? ", el("button", { type: "button", class: "button small", on: { click: () => fillIn(filled) } }, "Fill in an example")),
      blocks(view.blocks, where)),
    el("p", { class: "modal-trouble wrong", role: "alert", hidden: true }),
    el("div", { class: "modal-foot" },
      el("button", { type: "button", class: "button", on: { click: () => close() } }, view.close ? plainText(view.close) : "Close"),
      view.submit && el("button", { type: "submit", class: "button primary", disabled: view.submit_disabled }, plainText(view.submit))));
  fill(dialog, form);
  if (!dialog.open) {
    returnTo = document.activeElement;
    dialog.showModal();
  }
  const body = dialog.querySelector(".modal-body");
  if (isUpdate) {
    keepTyped(before);
    body.scrollTop = scroll;
    (fields.find((one) => one.key === held)?.control ?? body).focus({ preventScroll: true });
    announce(dialog.querySelector(".block-text")?.textContent ?? "");
  } else {
    (dialog.querySelector("[data-first]") ?? body.querySelector("input:not([type=search]), textarea, select, .modal-body summary, .modal-body button") ?? body).focus({ preventScroll: true });
  }
}

// What was typed while the bot drew the form again stays, as in Slack, in fields whose names stay the same.
function keepTyped(before) {
  for (const one of before) {
    if (!one.control.matches?.("input, textarea, select") || one.read() === sent[one.key]) continue;
    const now = fields.find((other) => other.key === one.key);
    if (now?.control.matches?.("input, textarea, select")) now.control.value = one.control.value;
  }
}

function fillIn(values) {
  for (const field of fields) {
    const value = values[field.key.split("~")[0]]; // a form that comes back numbers its fields: "kind~1"
    if (value === undefined) continue;
    if (field.set) field.set(value);
    else if (!field.control.value) field.control.value = value;
  }
  dialog.querySelector("button[type=submit]")?.focus();
}

export function watchModals() {
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); if (top) close(); });
  on("modals", () => {
    const view = current();
    if (!view) {
      top = null;
      if (dialog.open) {
        dialog.close();
        if (returnTo?.isConnected) returnTo.focus();
        else byId("composer-text")?.focus();
      }
      return;
    }
    // What is typed lives in the fields: the same version of the same view is left alone.
    if (top?.id === view.id && top.hash === view.hash) return;
    const isUpdate = top?.id === view.id;
    top = view;
    draw(view, isUpdate);
  });
}
