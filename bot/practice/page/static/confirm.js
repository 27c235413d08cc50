// A confirmation dialog, as Slack shows it before an element acts.

import { byId, el, fill } from "./dom.js";
import { plainText, textOf } from "./mrkdwn.js";

export function askFirst(confirm) {
  const dialog = byId("confirm");
  return new Promise((resolve) => {
    const answer = (yes) => () => { dialog.close(); resolve(yes); };
    fill(dialog, el("h2", { id: "confirm-title" }, plainText(confirm.title)), el("div", { class: "modal-body" }, textOf(confirm.text)),
      el("div", { class: "modal-foot" },
        el("button", { type: "button", class: "button", on: { click: answer(false) } }, plainText(confirm.deny)),
        el("button", { type: "button", class: `button ${confirm.style ?? "primary"}`, on: { click: answer(true) } }, plainText(confirm.confirm))));
    dialog.oncancel = (event) => { event.preventDefault(); answer(false)(); };
    dialog.showModal();
  });
}

// The same for the page's own questions.
export const sure = (title, text, yes) =>
  askFirst({ title: { text: title, emoji: false }, text: { type: "plain_text", text, emoji: false }, confirm: { text: yes, emoji: false }, deny: { text: "Cancel", emoji: false }, style: "danger" });
