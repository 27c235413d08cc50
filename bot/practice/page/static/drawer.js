// For developers: what a message or view is on the wire, and what went between Slack and the bot.

import { el, fill } from "./dom.js";
import { me } from "./link.js";
import { openSheet } from "./sheet.js";

const pretty = (value) => JSON.stringify(value, null, 2);

async function read(address) {
  const answer = await fetch(address);
  return answer.json();
}

export async function openPayload(what) {
  const query = new URLSearchParams({ as: me.id, ...what });
  const found = await read(`/page/payload?${query}`);
  const text = pretty(found);
  openSheet("Payload", "drawer",
    el("p", { class: "hint" }, what.view ? "The view object, as interaction payloads carry it." : "The message object, as the Web API and events carry it."),
    copyButton(text), el("pre", { class: "payload", tabindex: "0", "aria-label": "Payload as JSON" }, text));
}

export async function openTraffic() {
  const { deliveries, calls } = await read("/page/traffic");
  openSheet("Traffic", "drawer",
    el("h3", {}, "What the bot was sent"),
    deliveries.length ? deliveries.map((one) => entry(`${one.payload.command ?? one.payload.event?.type ?? one.payload.type} ${one.payload.text ?? one.payload.actions?.[0]?.action_id ?? one.payload.view?.callback_id ?? ""}`.trim(), one.answers.at(-1)?.reason ?? "under way", one)) : el("p", { class: "empty" }, "Nothing yet."),
    el("h3", {}, "What the bot called"),
    calls.length ? calls.map((one) => entry(one.method, one.error ?? "ok", one.args)) : el("p", { class: "empty" }, "Nothing yet."));
}

function entry(title, state, body) {
  return el("details", { class: "traffic" }, el("summary", {}, el("code", {}, title), el("span", { class: `tag ${state === "ok" ? "" : "tag-bad"}` }, state)), el("pre", { class: "payload", tabindex: "0", "aria-label": `${title} as JSON` }, pretty(body)));
}

function copyButton(text) {
  const button = el("button", { type: "button", class: "button small", on: { click: async () => { await navigator.clipboard.writeText(text); fill(button, "Copied"); } } }, "Copy");
  return button;
}
