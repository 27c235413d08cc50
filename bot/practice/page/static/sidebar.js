// The list of places: the bot's Home and messages, channels, direct messages; with what is unread.

import { byId, el, fill } from "./dom.js";
import { directory, me, shown } from "./link.js";
import { avatar } from "./messages.js";

export function drawSidebar(go) {
  const places = shown.places;
  const bot = places.find((one) => one.is_app);
  const channels = places.filter((one) => one.kind === "public" || one.kind === "private");
  const direct = places.filter((one) => !channels.includes(one) && one !== bot);
  fill(byId("sidebar"),
    section("App", [
      item({ id: "home", icon: "⌂", title: "Home", go, words: `Home of ${directory.app.name}` }),
      item({ id: bot?.id ?? "app", icon: avatar(directory.app.id, ""), title: directory.app.name, unread: bot?.unread, go, words: `Direct messages with ${directory.app.name}` }),
    ]),
    section("Channels", channels.length ? channels.map((one) => item({ ...one, icon: one.kind === "private" ? "◈" : "#", words: `${one.kind} channel ${one.title}${one.shared ? ", shared with another workspace" : ""}`, go })) : el("li", { class: "empty" }, "No channel for this person.")),
    direct.length ? section("Direct messages", direct.map((one) => item({ ...one, icon: avatar(one.with, one.title), words: one.title, go }))) : null);
}

function section(title, items) {
  return el("section", {}, el("h2", {}, title), el("ul", {}, items));
}

function item({ id, icon, title, unread = 0, words, go, archived, is_member: isMember = true }) {
  const here = me.place === id;
  return el("li", {}, el("button", {
    type: "button", class: `place${here ? " here" : ""}${unread ? " unread" : ""}${isMember ? "" : " outside"}`, "aria-current": here ? "page" : null,
    "aria-label": `${words}${unread ? `, ${unread} unread` : ""}${archived ? ", archived" : ""}`, data: { place: id }, on: { click: () => go(id) } },
    el("span", { class: "place-icon", "aria-hidden": "true" }, icon), el("span", { class: "place-title" }, title), unread > 0 && el("span", { class: "badge", "aria-hidden": "true" }, unread > 99 ? "99+" : unread)));
}
