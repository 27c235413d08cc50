// Dates and times as the person at the window reads them, in their own zone, on the workspace's clock.

import { myZone, nowSeconds } from "./link.js";

const made = new Map();

function format(options) {
  const key = myZone() + JSON.stringify(options);
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: myZone(), ...options }));
  return made.get(key);
}

export const time = (seconds) => format({ hour: "2-digit", minute: "2-digit" }).format(seconds * 1000);
export const isoDay = (seconds) => {
  const parts = Object.fromEntries(format({ year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(seconds * 1000).map((p) => [p.type, p.value]));
  return `${parts.year}-${parts.month}-${parts.day}`;
};
export const longDay = (seconds) => format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(seconds * 1000);
export const shortDay = (seconds) => format({ weekday: "short", day: "numeric", month: "short" }).format(seconds * 1000);
export const full = (seconds) => `${longDay(seconds)}, ${time(seconds)}`;

export function dayName(seconds) {
  const now = nowSeconds();
  if (isoDay(seconds) === isoDay(now)) return "Today";
  if (isoDay(seconds) === isoDay(now - 86400)) return "Yesterday";
  return longDay(seconds);
}

// Slack's <!date^…> tokens (formatting-message-text: date formatting).
export function slackDate(seconds, form) {
  const now = nowSeconds();
  const near = (plain) => {
    for (const [days, word] of [[0, "today"], [-1, "yesterday"], [1, "tomorrow"]]) {
      if (isoDay(seconds) === isoDay(now + days * 86400)) return word;
    }
    return plain;
  };
  const forms = {
    date_num: isoDay(seconds),
    date_slash: format({ day: "2-digit", month: "2-digit", year: "numeric" }).format(seconds * 1000),
    date_long: longDay(seconds),
    date_long_pretty: near(longDay(seconds)),
    date: format({ day: "numeric", month: "long", year: "numeric" }).format(seconds * 1000),
    date_pretty: near(format({ day: "numeric", month: "long", year: "numeric" }).format(seconds * 1000)),
    date_short: format({ day: "numeric", month: "short", year: "numeric" }).format(seconds * 1000),
    date_short_pretty: near(format({ day: "numeric", month: "short", year: "numeric" }).format(seconds * 1000)),
    time: time(seconds),
    time_secs: format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(seconds * 1000),
    ago: ago(now - seconds),
  };
  return form.replace(/\{(\w+)\}/g, (whole, name) => forms[name] ?? whole);
}

function ago(seconds) {
  const distance = Math.abs(seconds);
  const [count, unit] = distance < 90 ? [Math.round(distance), "second"] : distance < 5400 ? [Math.round(distance / 60), "minute"] : distance < 129600 ? [Math.round(distance / 3600), "hour"] : [Math.round(distance / 86400), "day"];
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return seconds >= 0 ? `${words} ago` : `in ${words}`;
}
