// Who one is: the switcher, and a second window for a second person.

import { byId, el, fill } from "./dom.js";
import { directory, me, person } from "./link.js";
import { avatar } from "./messages.js";
import { closeSheet, openSheet } from "./sheet.js";

export const roleOf = (id) => directory.cast.find((one) => one.id === id);

export function drawPerson(become) {
  const who = roleOf(me.id);
  const name = who?.name ?? person(me.id)?.real_name ?? "";
  fill(byId("person-switch"),
    el("button", { type: "button", class: "person-button", "aria-haspopup": "dialog", "aria-label": `You are ${name}, ${who?.is ?? ""}. Be another person.`, on: { click: () => choose(become) } },
      avatar(me.id, name), el("span", { class: "person-words" }, el("strong", {}, name), el("small", {}, who?.is ?? "")), el("span", { "aria-hidden": "true", class: "caret" }, "▾")));
}

function choose(become) {
  const rows = directory.cast.map((one) => ({ one, node: row(one, become) }));
  const filter = el("input", { type: "search", class: "field", placeholder: "Name, role or agency", "aria-label": "Find a person", autocomplete: "off", on: {
    input: () => {
      const wanted = filter.value.trim().toLowerCase();
      for (const { one, node } of rows) node.hidden = !`${one.name} ${one.is} ${one.agency}`.toLowerCase().includes(wanted);
    },
    keydown: (event) => {
      if (event.key === "Enter") rows.find(({ node }) => !node.hidden)?.node.querySelector("button").click();
    },
  } });
  const part = (first) => el("ul", { class: "people" }, rows.filter(({ one }) => one.first === first).map(({ node }) => node));
  openSheet("Be anyone", "chooser-sheet", el("p", { class: "hint" }, "Open another person in a second window to see both sides of a conversation at once."), filter,
    el("h3", {}, "The people of one panel, and two strangers"), part(true), el("h3", {}, "Everybody else"), part(false));
  filter.focus();
}

function row(one, become) {
  return el("li", {},
    el("button", { type: "button", class: "person-row", "aria-current": one.id === me.id ? "true" : null, data: { person: one.id }, on: { click: () => { closeSheet(); become(one.id); } } },
      avatar(one.id, one.name), el("span", { class: "person-words" }, el("strong", {}, one.name), el("small", {}, [one.is, one.agency].filter(Boolean).join(" · ")))),
    el("a", { class: "button small", href: `/#${one.id}`, target: "_blank", rel: "noopener", "aria-label": `Open ${one.name} in a second window` }, "Second window"));
}
