// The emoji that a panel's talk needs. A code without a picture stays as it was written, as in Slack.

import { el } from "./dom.js";

const pictures = {
  white_check_mark: "✅", heavy_check_mark: "✔️",
  ballot_box_with_check: "☑️", x: "❌", warning: "⚠️", rotating_light: "🚨", no_entry: "⛔", bell: "🔔", no_bell: "🔕",
  lock: "🔒", unlock: "🔓", key: "🔑", calendar: "📅", date: "📅", spiral_calendar_pad: "🗓️", clock9: "🕘", alarm_clock: "⏰",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", memo: "📝", pencil: "📝", clipboard: "📋", page_facing_up: "📄", file_folder: "📁",
  paperclip: "📎", pushpin: "📌", round_pushpin: "📍", bar_chart: "📊", chart_with_upwards_trend: "📈", mag: "🔍", link: "🔗",
  inbox_tray: "📥", outbox_tray: "📤", email: "✉️", speech_balloon: "💬", wave: "👋", thumbsup: "👍", "+1": "👍", thumbsdown: "👎",
  "-1": "👎", clap: "👏", pray: "🙏", raised_hands: "🙌", eyes: "👀", point_right: "👉", point_left: "👈", bust_in_silhouette: "👤",
  busts_in_silhouette: "👥", slightly_smiling_face: "🙂", smile: "😄", thinking_face: "🤔", tada: "🎉", star: "⭐", sparkles: "✨",
  bulb: "💡", question: "❓", exclamation: "❗", information_source: "ℹ️", arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️",
  arrow_down: "⬇️", repeat: "🔁", leftwards_arrow_with_hook: "↩️", heavy_plus_sign: "➕", heavy_minus_sign: "➖", house: "🏠",
  school: "🏫", hospital: "🏥", police_car: "🚓", phone: "☎️", fire: "🔥", heart: "❤️", ok: "🆗", sos: "🆘", zzz: "💤",
};

// The traffic lights are drawn by the page: a machine without an emoji font must not lose the colours.
const DOTS = {
  large_green_circle: "green", large_orange_circle: "amber", large_yellow_circle: "amber", red_circle: "red", large_red_circle: "red",
  large_blue_circle: "blue", white_circle: "none", black_circle: "none",
};

// The picture of a code as a node, or null where there is none.
export function emoji(code) {
  const name = code.replaceAll("_", " ");
  if (DOTS[code]) return el("span", { class: `dot dot-${DOTS[code]}`, role: "img", "aria-label": name });
  return pictures[code] ? el("span", { class: "emoji", role: "img", "aria-label": name }, pictures[code]) : null;
}
