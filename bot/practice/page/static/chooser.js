// Several of many: a summary of what is chosen, and a list of boxes that can be narrowed by typing.

import { el } from "./dom.js";

export function multiChooser({ choices, values, placeholder, most, changed }) {
  const chosen = new Set(values);
  const summary = el("summary", { class: "field chooser-summary" });
  const boxes = choices.map(({ value, label }) => {
    const box = el("input", { type: "checkbox", value, checked: chosen.has(value) });
    box.addEventListener("change", () => {
      if (box.checked && most && chosen.size >= most) box.checked = false;
      else if (box.checked) chosen.add(value);
      else chosen.delete(value);
      describe();
      changed?.([...chosen], control);
    });
    return { value, label, box, row: el("label", { class: "choice" }, box, el("span", {}, label)) };
  });
  const filter = choices.length > 8 && el("input", { class: "field chooser-filter", type: "search", placeholder: "Narrow the list", "aria-label": "Narrow the list", autocomplete: "off", on: {
    input: () => {
      const wanted = filter.value.trim().toLowerCase();
      for (const one of boxes) one.row.hidden = !one.label.toLowerCase().includes(wanted);
    },
    keydown: (event) => { if (event.key === "Enter") event.preventDefault(); },
  } });
  const list = el("div", { class: "chooser-list" }, boxes.map((one) => one.row));
  const control = el("details", { class: "chooser" }, summary, el("div", { class: "chooser-body" }, filter, list));
  control.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && control.open) {
      event.preventDefault();
      event.stopPropagation();
      control.open = false;
      summary.focus();
    }
  });
  let name = "";
  function describe() {
    const names = boxes.filter((one) => chosen.has(one.value)).map((one) => one.label);
    summary.textContent = names.length ? names.join(", ") : placeholder ?? "Choose any…";
    summary.classList.toggle("none", !names.length);
    summary.setAttribute("aria-label", `${name}: ${names.length ? names.join(", ") : "none chosen"}`);
  }
  describe();
  return {
    control,
    read: () => [...chosen],
    set: (wanted) => {
      chosen.clear();
      for (const one of boxes) if ((one.box.checked = wanted.includes(one.value))) chosen.add(one.value);
      describe();
    },
    name: (label) => { name = label; describe(); },
  };
}
