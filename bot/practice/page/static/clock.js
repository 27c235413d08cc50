// The workspace's clock and the ways to move it.

import { byId, el, fill, freshId } from "./dom.js";
import { control, me, nowSeconds, shown } from "./link.js";
import { full, shortDay, time } from "./times.js";

let face = null;

export function drawClock() {
  face = el("span", { class: "clock-face" });
  const body = el("div", { class: "menu menu-right travel-menu" });
  const menu = el("details", { class: "overflow clock-menu" }, el("summary", { class: "button clock-button" }, el("span", { class: "sr" }, "The workspace's clock: "), face, el("span", { class: "clock-word", "aria-hidden": "true" }, "Travel ▾")), body);
  menu.addEventListener("toggle", async () => {
    if (!menu.open) return;
    fill(body, el("p", { class: "hint" }, "Looking ahead …"));
    const ahead = await control("ahead", { place: me.place });
    if (ahead.error) return;
    const row = (title, mark, none) => el("button", { type: "button", disabled: !mark, on: { click: () => { menu.open = false; travel(mark.at); } } }, title, el("small", {}, mark ? [mark.what, mark.what && ": ", `${shortDay(mark.at)}, ${time(mark.at)}`] : none));
    fill(body, row("+1 hour", ahead.hour), row("+1 day", ahead.day), row("Next deadline", ahead.deadline, "none in the diary"), row("Next meeting", ahead.meeting, "none in the diary"),
      el("p", { class: "hint" }, "What falls due on the way is sent as it would have been."));
  });
  fill(byId("clock"), menu, el("div", { id: "journey", class: "journey", hidden: true }));
  tick();
  setInterval(tick, 1000);
}

export const travel = (to) => control("travel", { to });

export function tick() {
  if (!face || !shown.clock) return;
  const now = nowSeconds();
  const words = `${shortDay(now)}, ${time(now)}`;
  if (face.textContent !== words) {
    face.textContent = words;
    face.title = full(now);
  }
}

export function drawJourney() {
  const going = shown.clock?.going;
  const line = byId("journey");
  if (!line) return;
  line.hidden = !going;
  if (going) {
    const id = freshId("bar");
    fill(line, el("label", { for: id }, `Travelling: ${shortDay(going.at)}, ${time(going.at)}`), el("progress", { id, max: "1", value: going.share }));
  }
  tick();
}
