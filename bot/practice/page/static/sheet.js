// One dialog for the page's own lists and looks; it traps focus, Escape closes it, focus goes back where it was.

import { byId, el, fill } from "./dom.js";

export function openSheet(title, kind, ...content) {
  const sheet = byId("sheet");
  if (sheet.open) sheet.close();
  sheet.className = `modal sheet ${kind}`;
  fill(sheet, el("div", { class: "modal-head" }, el("h2", { id: "sheet-title" }, title), el("button", { type: "button", class: "icon-button", "aria-label": "Close", on: { click: () => sheet.close() } }, el("span", { "aria-hidden": "true" }, "×"))),
    el("div", { class: "modal-body", tabindex: "-1" }, content));
  sheet.onclick = (event) => { if (event.target === sheet) sheet.close(); };
  sheet.showModal();
  return sheet;
}

export const closeSheet = () => byId("sheet").close();
