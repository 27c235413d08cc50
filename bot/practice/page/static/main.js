// The page comes together: one window is one person looking at one place.

import { byId } from "./dom.js";
import { connect, deed, directory, look, me, on, onLost, place, readDirectory, shown } from "./link.js";
import { drawConversation, putIntoBox, threadPanel } from "./conversation.js";
import { drawSidebar } from "./sidebar.js";
import { drawPerson } from "./people.js";
import { drawClock, drawJourney } from "./clock.js";
import { GUIDED, guidePanel } from "./guide.js";
import { drawTools, drawTrouble, setTheme } from "./tools.js";
import { watchModals } from "./modal.js";

let side = null;
let waiting = null;
let isLost = false;

function remember() {
  history.replaceState(null, "", `#${me.id}/${me.place ?? ""}`);
  sessionStorage.setItem("me", me.id);
  document.title = `${shown.people.find((one) => one.id === me.id)?.real_name ?? "panelbot"} · practice`;
}

function become(id) {
  me.id = id;
  me.thread = null;
  // What the other person saw is gone at once; the server sends what this one sees.
  Object.assign(shown, { place: null, home: null, modals: [] });
  byId("main").inert = true; // until it is drawn for this person: what is typed meanwhile would be lost
  if (side?.kind === "thread") closeSide();
  remember();
  drawPerson(become);
  look();
  if (me.place === "home") deed("home", {}, { quiet: true });
  for (const part of ["guide"]) side?.render?.(part);
}

async function go(id, { then } = {}) {
  if (id === "app") {
    const told = await deed("message", { with: directory.app.id });
    if (told.error) return;
    id = told.place;
  }
  waiting = then ?? null;
  if (side?.kind === "thread" && id !== me.place) closeSide();
  me.place = id;
  remember();
  closeMenu();
  look();
  if (id === "home") deed("home", {}, { quiet: true });
  redraw();
  drawSidebar(go);
}

function redraw() {
  if (!directory) return;
  drawConversation(go, openThread);
  if (side?.kind === "thread") side.render();
  if (waiting && shown.place?.id === me.place && shown.place.for === me.id && byId("composer-text")) {
    const then = waiting;
    waiting = null;
    then();
  }
}

function openThread(ts) {
  me.thread = ts;
  look();
  const panel = threadPanel(closeSide);
  openSide("thread", panel);
  panel.focus();
}

function openSide(kind, panel) {
  side = { kind, ...panel };
  byId("side").hidden = false;
  byId("side").replaceChildren(panel.node);
  document.body.classList.add("has-side");
  panel.render();
  byId("guide-button").setAttribute("aria-pressed", String(kind === "guide"));
}

function closeSide() {
  if (side?.kind === "guide") localStorage.setItem("guide", "closed");
  side = null;
  byId("side").hidden = true;
  byId("side").replaceChildren();
  document.body.classList.remove("has-side");
  byId("guide-button").setAttribute("aria-pressed", "false");
}

function toggleGuide() {
  if (side?.kind === "guide") return closeSide();
  localStorage.removeItem("guide");
  return openSide("guide", guidePanel({ become, go: narrowGo, put: putIntoBox, close: closeSide }));
}

// On a narrow screen the guide lies over the conversation: it makes room for what it sends one to.
function narrowGo(id, more) {
  if (matchMedia("(max-width: 899px)").matches) closeSide();
  return go(id, more);
}

function closeMenu() {
  document.body.classList.remove("menu-open");
  byId("menu-button").setAttribute("aria-expanded", "false");
}

byId("menu-button").addEventListener("click", () => {
  const open = document.body.classList.toggle("menu-open");
  byId("menu-button").setAttribute("aria-expanded", String(open));
  if (open) byId("sidebar").querySelector("button")?.focus();
});

// A menu closes when one goes elsewhere, and with Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.overflow[open]")) if (!menu.contains(event.target)) menu.open = false;
  const link = event.target.closest?.("a[data-place]");
  if (link) {
    event.preventDefault();
    go(link.dataset.place);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.overflow[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (document.body.classList.contains("menu-open")) {
      closeMenu();
      byId("menu-button").focus();
    }
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    byId("person-switch").querySelector("button")?.click();
  }
});

function start() {
  const [person, at] = decodeURIComponent(location.hash.slice(1)).split("/");
  const known = (id) => directory.cast.some((one) => one.id === id);
  me.id = known(person) ? person : known(sessionStorage.getItem("me")) ? sessionStorage.getItem("me") : directory.cast.find((one) => one.is.startsWith("co-ordinator"))?.id ?? directory.cast[0].id;
  me.place = at || null;
}

on("people", () => { drawPerson(become); remember(); });
on("places", () => {
  const known = me.place === "home" || place(me.place);
  if (!known) {
    const first = place(GUIDED) ?? shown.places.find((one) => one.kind === "private") ?? shown.places[0];
    if (first) go(first.id);
  }
  drawSidebar(go);
  redraw();
});
on("place", redraw);
on("home", redraw);
on("clock", drawJourney);
on("bot", () => drawTrouble(isLost));
on("guide", () => side?.kind === "guide" && side.render());
onLost((lost) => { isLost = lost; drawTrouble(lost); });
addEventListener("hashchange", () => location.reload());

setTheme(localStorage.getItem("theme") ?? "");
await readDirectory();
byId("workspace-name").textContent = directory.workspace;
start();
drawTools({ toggleGuide });
drawClock();
drawPerson(become);
watchModals();
connect();
if (localStorage.getItem("guide") !== "closed" && matchMedia("(min-width: 1000px)").matches) toggleGuide();
if (me.place === "home") deed("home", {}, { quiet: true });
