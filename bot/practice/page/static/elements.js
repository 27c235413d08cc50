// Interactive elements into form controls. `where` says what happens when one is used and what a field holds.

import { el, freshId } from "./dom.js";
import { shown } from "./link.js";
import { plainText, textOf } from "./mrkdwn.js";
import { gap } from "./blocks.js";
import { askFirst } from "./confirm.js";
import { multiChooser } from "./chooser.js";
import { isoDay } from "./times.js";

const OPTION_VALUES = (one) => one?.value;

// The value a field holds now: from the view's state, else what the element starts with.
function held(one, block, where) {
  const value = where.values?.[block.block_id]?.[one.action_id];
  if (value) {
    for (const key of ["value", "selected_option", "selected_options", "selected_user", "selected_users", "selected_channel", "selected_channels", "selected_conversation", "selected_conversations", "selected_date", "selected_time", "selected_date_time", "rich_text_value"]) {
      if (key in value) return value[key];
    }
  }
  for (const key of ["initial_value", "initial_option", "initial_options", "initial_user", "initial_users", "initial_channel", "initial_channels", "initial_conversation", "initial_conversations", "initial_date", "initial_time", "initial_date_time"]) {
    if (key in one) return one[key];
  }
  return null;
}

async function use(one, block, where, value, source) {
  if (one.confirm && !(await askFirst(one.confirm))) return false;
  await where.act({ action_id: one.action_id, block_id: block.block_id, value }, source);
  return true;
}

// Whether using the element tells the bot at once; inputs in a form wait for its submit button.
const dispatches = (block) => block.type !== "input" || block.dispatch_action;

function button(one, block, where) {
  if (one.url) {
    return el("a", { class: `button ${one.style ?? ""}`, href: /^https?:/.test(one.url) ? one.url : "#", target: "_blank", rel: "noreferrer noopener", on: { click: () => where.act({ action_id: one.action_id, block_id: block.block_id, value: one.value }) } }, plainText(one.text));
  }
  const made = el("button", { type: "button", class: `button ${one.style ?? ""}`, "aria-label": one.accessibility_label, data: { action: one.action_id } }, plainText(one.text));
  made.addEventListener("click", async () => {
    if (made.getAttribute("aria-disabled")) return;
    made.setAttribute("aria-disabled", "true");
    made.classList.add("waiting");
    try {
      await use(one, block, where, one.value, made);
    } finally {
      made.removeAttribute("aria-disabled");
      made.classList.remove("waiting");
    }
  });
  return made;
}

function overflow(one, block, where) {
  const menu = el("details", { class: "overflow" }, el("summary", { class: "button", "aria-label": "More actions" }, "⋯"),
    el("div", { class: "menu" }, one.options.map((option) =>
      el("button", { type: "button", on: { click: () => { menu.open = false; use(one, block, where, option.value, menu); } } }, plainText(option.text)))));
  return menu;
}

function options(one) {
  const made = (option) => el("option", { value: option.value }, option.text.text);
  if (one.option_groups) return one.option_groups.map((group) => el("optgroup", { label: group.label.text }, group.options.map(made)));
  return (one.options ?? []).map(made);
}

const people = () => shown.people.filter((one) => !one.is_bot && !one.deleted).map((one) => ({ value: one.id, label: one.real_name })).sort((a, b) => a.label.localeCompare(b.label));
const channels = () => shown.places.filter((one) => one.kind === "public" || one.kind === "private").map((one) => ({ value: one.id, label: `#${one.title}` }));
const everywhere = () => [...channels(), ...shown.places.filter((one) => one.kind === "im").map((one) => ({ value: one.id, label: one.title }))];
const LISTS = { users: people, channels, conversations: everywhere };

function single(one, block, where, choices, value) {
  const control = el("select", { class: "field" }, el("option", { value: "" }, one.placeholder?.text ?? "Choose…"), choices);
  control.value = value ?? "";
  control.addEventListener("change", () => dispatches(block) && control.value && use(one, block, where, control.value, control));
  return { control, read: () => control.value || null };
}

function several(one, block, where, choices, values) {
  return multiChooser({ choices, values, placeholder: one.placeholder?.text, most: one.max_selected_items, changed: (now, control) => dispatches(block) && use(one, block, where, now, control) });
}

const flatOptions = (one) => (one.option_groups ? one.option_groups.flatMap((group) => group.options) : one.options ?? []).map((option) => ({ value: option.value, label: option.text.text }));

function typed(kind, more = {}) {
  return (one, block, where) => {
    const control = el("input", { class: "field", type: kind, placeholder: one.placeholder?.text, value: held(one, block, where) ?? "", ...more });
    if (kind === "date" || kind === "time") control.addEventListener("change", () => dispatches(block) && use(one, block, where, control.value, control));
    else dispatchOnEnter(control, one, block, where);
    return { control, read: () => control.value || null };
  };
}

function dispatchOnEnter(control, one, block, where) {
  const triggers = one.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  if (!block.dispatch_action) return;
  if (triggers.includes("on_enter_pressed")) control.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); use(one, block, where, control.value, control); } });
  if (triggers.includes("on_character_entered")) control.addEventListener("input", () => use(one, block, where, control.value, control));
}

function boxes(kind) {
  return (one, block, where) => {
    const chosen = kind === "checkbox" ? (held(one, block, where) ?? []).map(OPTION_VALUES) : [held(one, block, where)?.value];
    const name = freshId("choice");
    const inputs = [];
    const control = el("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group" }, one.options.map((option) => {
      const box = el("input", { type: kind, name, value: option.value, checked: chosen.includes(option.value) });
      inputs.push(box);
      return el("label", { class: "choice" }, box, el("span", {}, textOf(option.text), option.description && el("small", {}, textOf(option.description))));
    }));
    const now = () => inputs.filter((box) => box.checked).map((box) => box.value);
    const read = () => (kind === "radio" ? now()[0] ?? null : now());
    control.addEventListener("change", () => dispatches(block) && use(one, block, where, read(), control));
    return { control, read, first: inputs[0] };
  };
}

function moment(one, block, where) {
  const start = held(one, block, where);
  const pad = (count) => String(count).padStart(2, "0");
  const at = start ? new Date(start * 1000) : null;
  const control = el("input", { class: "field", type: "datetime-local", value: at ? `${isoDay(start)}T${pad(at.getHours())}:${pad(at.getMinutes())}` : "" });
  const read = () => (control.value ? Math.floor(new Date(control.value).getTime() / 1000) : null);
  control.addEventListener("change", () => dispatches(block) && use(one, block, where, read(), control));
  return { control, read };
}

const words = (value) => (typeof value === "string" ? value : (value?.elements ?? []).flatMap((part) => part.elements ?? []).map((one) => one.text ?? "").join(""));

const FIELDS = {
  plain_text_input(one, block, where) {
    const control = el(one.multiline ? "textarea" : "input", { class: "field", type: one.multiline ? null : "text", rows: one.multiline ? 4 : null, placeholder: one.placeholder?.text, maxlength: one.max_length ?? 3000, autocomplete: "off", value: held(one, block, where) ?? "" });
    dispatchOnEnter(control, one, block, where);
    return { control, read: () => control.value || null };
  },
  rich_text_input(one, block, where) {
    const control = el("textarea", { class: "field", rows: 5, placeholder: one.placeholder?.text, value: words(held(one, block, where)) });
    return { control, read: () => control.value || null };
  },
  number_input: (one, block, where) => typed("text", { inputmode: one.is_decimal_allowed ? "decimal" : "numeric", autocomplete: "off" })(one, block, where),
  email_text_input: typed("email"),
  url_text_input: typed("url"),
  datepicker: typed("date"),
  timepicker: typed("time"),
  datetimepicker: moment,
  static_select: (one, block, where) => single(one, block, where, options(one), held(one, block, where)?.value),
  multi_static_select: (one, block, where) => several(one, block, where, flatOptions(one), (held(one, block, where) ?? []).map(OPTION_VALUES)),
  checkboxes: boxes("checkbox"),
  radio_buttons: boxes("radio"),
};
for (const [noun, list] of Object.entries(LISTS)) {
  const asOptions = () => list().map((one) => el("option", { value: one.value }, one.label));
  FIELDS[`${noun}_select`] = (one, block, where) => single(one, block, where, asOptions(), held(one, block, where));
  FIELDS[`multi_${noun}_select`] = (one, block, where) => several(one, block, where, list(), held(one, block, where) ?? []);
}
const DOERS = { button, workflow_button: button, overflow };

export const elementKinds = [...Object.keys(DOERS), ...Object.keys(FIELDS), "image"];

// One element in its block: with its label where the block is an input, by itself elsewhere.
export function element(one, block, where) {
  if (DOERS[one.type]) return DOERS[one.type](one, block, where);
  const make = FIELDS[one.type];
  if (!make) return gap(one.type);
  const field = make(one, block, where);
  const target = field.first ?? field.control;
  where.fields?.push({ key: block.type === "input" ? block.block_id : one.action_id, block_id: block.block_id, read: field.read, control: field.control, set: field.set });
  if (one.focus_on_load) target.dataset.first = "true";
  if (block.type !== "input") {
    const name = one.placeholder?.text ?? block.text?.text ?? "Choice";
    (field.name ?? ((label) => field.control.setAttribute("aria-label", label)))(name);
    return el("div", { class: "inline-field" }, field.control);
  }
  return labelled(one, block, field);
}

function labelled(one, block, field) {
  const id = freshId("field");
  const label = [plainText(block.label), block.optional && el("span", { class: "optional" }, " (optional)")];
  const hint = block.hint && el("p", { class: "hint", id: `${id}-hint` }, plainText(block.hint));
  const wrong = el("p", { class: "wrong", id: `${id}-wrong`, hidden: true });
  const group = field.control.getAttribute("role") ?? (field.name ? "group" : null);
  field.control.setAttribute("aria-describedby", [hint && `${id}-hint`, `${id}-wrong`].filter(Boolean).join(" "));
  let head;
  if (group) {
    head = el("span", { class: "label", id: `${id}-label` }, label);
    field.control.setAttribute("aria-labelledby", `${id}-label`);
    field.name?.(block.label.text);
  } else {
    field.control.id = id;
    head = el("label", { class: "label", for: id }, label);
    if (!block.optional) field.control.setAttribute("aria-required", "true");
  }
  return el("div", { class: "block input", data: { block: block.block_id } }, head, field.control, hint, wrong);
}
