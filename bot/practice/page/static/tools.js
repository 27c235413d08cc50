// The page's own tools: guide, traffic, theme, faults, restart, beginning afresh.

import { announce, byId, el, fill, freshId } from "./dom.js";
import { control, shown } from "./link.js";
import { sure } from "./confirm.js";
import { openTraffic } from "./drawer.js";

const WEATHER = [["well", "Well"], ["slow", "Slow: answers take 2.5 seconds"], ["limited", "Rate-limited: everything is refused for now"], ["down", "Down: nothing gets through"]];
const THEMES = [["", "As this machine"], ["light", "Light"], ["dark", "Dark"]];

export function drawTools({ toggleGuide }) {
  const group = freshId("weather");
  const close = () => { menu.open = false; };
  const weather = el("fieldset", { class: "weather" }, el("legend", {}, "Slack is"), WEATHER.map(([value, words]) => el("label", { class: "choice" }, el("input", { type: "radio", name: group, value, checked: value === "well", on: { change: () => control("weather", { weather: value }) } }), words)));
  const theme = el("label", { class: "theme" }, "Theme ", el("select", { class: "field", on: { change: (event) => setTheme(event.target.value) } }, THEMES.map(([value, words]) => el("option", { value, selected: value === (localStorage.getItem("theme") ?? "") }, words))));
  const button = (title, words, act) => el("button", { type: "button", on: { click: () => { close(); act(); } } }, title, el("small", {}, words));
  const menu = el("details", { class: "overflow" }, el("summary", { class: "button" }, "Practice ▾"),
    el("div", { class: "menu menu-right tools-menu" }, weather,
      button("Restart the bot", "It must lose nothing that it acknowledged", () => restart()),
      button("Sample county", "Begin afresh with sixty invented cases", () => reset(true)),
      button("Reset without cases", "Begin afresh with an empty agenda", () => reset(false)),
      button("Traffic", "What went between Slack and the bot", openTraffic), theme));
  fill(byId("tools"), el("button", { type: "button", class: "button", id: "guide-button", "aria-pressed": "false", on: { click: toggleGuide } }, "Guide"), menu);
}

async function restart() {
  announce("The bot restarts.");
  await control("restart");
}

async function reset(cases) {
  const words = cases ? "Everything said and done here is forgotten. The county begins today with its sample cases." : "Everything said and done here is forgotten. The county begins today, and no case is flagged.";
  if (await sure("Begin afresh?", words, "Begin afresh")) await control("reset", { cases });
}

export function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  localStorage.setItem("theme", theme);
}

export function drawTrouble(lost) {
  const line = byId("trouble");
  const bot = shown.bot;
  const words = lost ? "The workspace does not answer. Is it still running in the terminal?"
    : !bot ? ""
    : bot.busy ? bot.busy
    : bot.weather === "down" ? "Slack is down. Nothing gets through until you let it be well again."
    : bot.weather === "limited" ? "Slack is refusing the bot's calls: too many, it says."
    : bot.weather === "slow" ? "Slack is slow."
    : !bot.connected ? "The bot is away and will be back in a moment." : "";
  if (line.textContent !== words) line.textContent = words;
  line.hidden = !words;
  for (const box of document.querySelectorAll(".weather input")) box.checked = box.value === bot?.weather;
}
