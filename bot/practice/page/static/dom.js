// Builds the page node by node. Text becomes text nodes only: nothing that the bot or a person wrote is ever HTML.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "class") node.className = value;
    else if (["value", "checked", "disabled", "selected", "hidden", "open", "required", "multiple"].includes(name)) node[name] = value;
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, String(value));
  }
  add(node, children);
  return node;
}

export function add(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

export function fill(node, ...children) {
  node.replaceChildren();
  return add(node, children);
}

export const byId = (id) => document.getElementById(id);

let numbers = 0;
export const freshId = (what) => `${what}-${++numbers}`;

export function announce(words) {
  byId("announce").textContent = words;
}

export function toast(words) {
  const close = el("button", { class: "icon-button", type: "button", on: { click: () => note.remove() } }, el("span", { "aria-hidden": "true" }, "×"), el("span", { class: "sr" }, "Dismiss"));
  const note = el("div", { class: "toast" }, el("p", {}, words), close);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), 12000);
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
