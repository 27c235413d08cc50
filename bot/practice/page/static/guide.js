// The guided first run: steps that tick themselves off when the bot has really done them.

import { el, fill } from "./dom.js";
import { directory, me, shown } from "./link.js";
import { shortDay, time } from "./times.js";
import { travel } from "./clock.js";
import { roleOf } from "./people.js";

// The channel of the panel whose cycle the guide walks through.
export const GUIDED = "C0HARROWMERE";

export function guidePanel({ become, go, put, close }) {
  const list = el("ol", { class: "steps" });
  const head = el("p", { class: "hint" });
  const node = el("div", { class: "side-panel" },
    el("div", { class: "side-head" }, el("h2", {}, "First run"), el("button", { type: "button", class: "icon-button", "aria-label": "Close the guide", on: { click: close } }, el("span", { "aria-hidden": "true" }, "×"))),
    el("div", { class: "side-body", tabindex: "0", role: "region", "aria-label": "Steps of the first run" }, head, list));
  let drawn = "";

  async function prepare(step, who) {
    if (me.id !== who) become(who);
    const target = step.key === "chase" ? "app" : GUIDED;
    go(target, { then: () => step.command && put(step.command) });
  }

  function actions(step) {
    const first = step.who[0];
    const buttons = step.command
      ? [el("button", { type: "button", class: "button primary small", on: { click: () => prepare(step, first) } }, me.id === first ? "Put it into the box" : `Be ${roleOf(first).name.split(" ")[0]} and put it into the box`)]
      : step.who.map((who) => el("button", { type: "button", class: "button small", "aria-label": `Be ${roleOf(who).name}`, on: { click: () => prepare(step, who) } }, `Be ${roleOf(who).name.split(" ")[0]}`));
    return el("div", { class: "step-actions" }, step.travel && el("button", { type: "button", class: "button primary small", on: { click: () => travel(step.travel) } }, `Travel to ${shortDay(step.travel)}, ${time(step.travel)}`), buttons);
  }

  function render() {
    const written = JSON.stringify([shown.guide, me.id]);
    if (written === drawn || !directory) return;
    drawn = written;
    const now = shown.guide.findIndex((one) => !one.done && !one.missed);
    const done = shown.guide.filter((one) => one.done).length;
    fill(head, now < 0 ? "You have walked through one whole cycle. Everything else is yours to try." : `One cycle of a panel, ${done} of ${shown.guide.length} steps done. Each ticks itself off once the bot has really done it.`);
    fill(list, shown.guide.map((step, index) => el("li", { class: `step${step.done ? " done" : ""}${index === now ? " now" : ""}`, "aria-current": index === now ? "step" : null, data: { step: step.key } },
      el("span", { class: "tick", "aria-hidden": "true" }, step.done ? "✓" : index + 1),
      el("div", {}, el("h3", {}, step.title, step.done && el("span", { class: "sr" }, " (done)")),
        index === now && [el("p", {}, step.words), step.command && el("p", {}, el("code", { class: "command" }, step.command)), actions(step)]))));
    list.querySelector(".now")?.scrollIntoView({ block: "nearest" });
  }
  return { node, render };
}
