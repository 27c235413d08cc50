// The line to the server: deeds go out as requests, pictures come in over one socket for this window.

import { toast } from "./dom.js";

export const shown = { people: [], places: [], place: null, modals: [], home: null, clock: null, bot: null, guide: [] };
export const me = { id: null, place: null, thread: null };
export let directory = null;

const watchers = new Map();
let socket = null;
let wait = 250;
let lost = () => {};

export function on(part, act) {
  if (!watchers.has(part)) watchers.set(part, []);
  watchers.get(part).push(act);
}

export function onLost(act) {
  lost = act;
}

export async function readDirectory() {
  const answer = await fetch("/page/directory");
  directory = await answer.json();
  return directory;
}

function draw(part, picture) {
  shown[part] = picture;
  for (const act of watchers.get(part) ?? []) act(picture);
}

// A browser makes no click of a press and a release on two elements: while a button is held down, nothing under the
// pointer is drawn again, and the newest picture of each part waits for the click.
let held = null;
document.addEventListener("pointerdown", () => { held ??= new Map(); });
function release() {
  const waiting = held;
  held = null;
  for (const [part, picture] of waiting ?? []) draw(part, picture);
}
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(release));
addEventListener("blur", release);

export function connect() {
  socket = new WebSocket(`ws://${location.host}/page/live`);
  socket.addEventListener("open", () => {
    wait = 250;
    lost(false);
    look();
  });
  socket.addEventListener("message", (event) => {
    const { part, shown: picture } = JSON.parse(event.data);
    if (held) held.set(part, picture);
    else draw(part, picture);
  });
  socket.addEventListener("close", () => {
    lost(true);
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 4000);
  });
}

export function look() {
  if (socket?.readyState !== WebSocket.OPEN || !me.id) return;
  const place = me.place === "home" ? null : me.place;
  socket.send(JSON.stringify({ as: me.id, place, thread: me.thread, looking: document.visibilityState === "visible" }));
}

document.addEventListener("visibilitychange", look);

async function post(address, body) {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok && !told.error) told.error = `The workspace answered ${answer.status}.`;
    return told;
  } catch {
    return { error: "The practice workspace does not answer. Is it still running in the terminal?" };
  }
}

// What a person does; an error is shown the way Slack shows it unless the caller wants to show it itself.
export async function deed(what, body = {}, { quiet = false } = {}) {
  const told = await post(`/page/do/${what}`, { as: me.id, ...body });
  if (told.error && !quiet) toast(told.error);
  return told;
}

export async function control(what, body = {}) {
  const told = await post(`/page/control/${what}`, { as: me.id, ...body });
  if (told.error) toast(told.error);
  return told;
}

export const person = (id) => shown.people.find((one) => one.id === id);
export const place = (id) => shown.places.find((one) => one.id === id);
export const nowSeconds = () => Date.now() / 1000 + (shown.clock?.ahead ?? 0);
export const myZone = () => person(me.id)?.tz ?? directory?.zone ?? "Europe/London";
