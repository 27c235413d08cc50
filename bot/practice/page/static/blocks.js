// Block Kit blocks into nodes. What is not known here shows as a gap that nobody overlooks, and a test fails on it.

import { el } from "./dom.js";
import { inline, plainText, textOf, mention, channelLink } from "./mrkdwn.js";
import { emoji } from "./emoji.js";
import { slackDate } from "./times.js";
import { element } from "./elements.js";

export function gap(what) {
  return el("div", { class: "gap", role: "note", data: { gap: what } }, `This page cannot show “${what}” yet.`);
}

function image(block) {
  // A picture from elsewhere would be a request that leaves this machine: its words stand for it.
  return el("figure", { class: "picture" }, block.title && el("figcaption", {}, plainText(block.title)), el("div", { class: "picture-words", role: "img", "aria-label": block.alt_text }, block.alt_text));
}

const KINDS = {
  section(block, where) {
    const text = block.text && el("div", { class: "block-text" }, textOf(block.text));
    const fields = block.fields && el("div", { class: "block-fields" }, block.fields.map((one) => el("div", {}, textOf(one))));
    const accessory = block.accessory && el("div", { class: "block-accessory" }, block.accessory.type === "image" ? image(block.accessory) : element(block.accessory, block, where));
    return el("div", { class: "block section" }, el("div", { class: "block-body" }, text, fields), accessory);
  },
  header: (block) => el("h3", { class: "block header" }, plainText(block.text)),
  divider: () => el("hr", { class: "block divider" }),
  image: (block) => el("div", { class: "block" }, image(block)),
  context: (block) => el("div", { class: "block context" }, block.elements.map((one) => (one.type === "image" ? el("span", { class: "picture-words" }, one.alt_text) : el("span", {}, textOf(one))))),
  actions: (block, where) => el("div", { class: "block actions" }, block.elements.map((one) => element(one, block, where))),
  input: (block, where) => element(block.element, block, where),
  rich_text: (block) => el("div", { class: "block rich-text" }, block.elements.map(richPart)),
  markdown: (block) => el("div", { class: "block markdown" }, markdown(block.text)),
  table(block) {
    const settings = block.column_settings ?? [];
    const cell = (tag) => (one, column) => el(tag, { class: `align-${settings[column]?.align ?? "left"}${settings[column]?.is_wrapped ? " wraps" : ""}`, scope: tag === "th" ? "col" : null }, one.type === "rich_text" ? one.elements.map(richPart) : one.text);
    const [head, ...rows] = block.rows;
    return el("div", { class: "block table-frame", tabindex: "0", role: "region", "aria-label": "Table" },
      el("table", {}, el("thead", {}, el("tr", {}, head.map(cell("th")))), el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell("td")))))));
  },
};

export const blockKinds = Object.keys(KINDS);

export function block(one, where) {
  const draw = KINDS[one.type];
  return draw ? draw(one, where) : gap(one.type);
}

export const blocks = (all, where) => (all ?? []).map((one) => block(one, where));

function styled(node, style) {
  if (!style) return node;
  if (style.code) node = el("code", {}, node);
  if (style.bold) node = el("strong", {}, node);
  if (style.italic) node = el("em", {}, node);
  if (style.strike) node = el("s", {}, node);
  return node;
}

const RICH = {
  text: (one) => styled(document.createTextNode(one.text), one.style),
  user: (one) => mention(one.user_id),
  channel: (one) => channelLink(one.channel_id),
  usergroup: () => el("span", { class: "mention" }, "@group"),
  broadcast: (one) => el("span", { class: "mention mention-me" }, `@${one.range}`),
  emoji: (one) => emoji(one.name) ?? `:${one.name}:`,
  link: (one) => styled(inline(`<${one.url}${one.text ? `|${one.text}` : ""}>`)[0], one.style),
  date: (one) => el("time", {}, slackDate(one.timestamp, one.format ?? "{date}")),
};

function richInline(one) {
  return RICH[one.type] ? RICH[one.type](one) : gap(`rich text ${one.type}`);
}

function richPart(part) {
  const inside = (part.elements ?? []).map((one) => (one.type.startsWith("rich_text_") ? richPart(one) : richInline(one)));
  if (part.type === "rich_text_section") return el("div", {}, inside);
  if (part.type === "rich_text_preformatted") return el("pre", {}, inside);
  if (part.type === "rich_text_quote") return el("blockquote", {}, inside);
  if (part.type === "rich_text_list") return el(part.style === "ordered" ? "ol" : "ul", {}, inside.map((one) => el("li", {}, one)));
  return gap(part.type);
}

// The markdown block: headings, lists and paragraphs are enough for what a bot writes.
function markdown(text) {
  const nodes = [];
  let list = null;
  for (const line of text.split("\n")) {
    const item = /^\s*(?:[-*]|\d+\.)\s+(.*)$/.exec(line);
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (item) {
      if (!list) nodes.push((list = el("ul")));
      list.append(el("li", {}, inline(item[1].replace(/\*\*(.+?)\*\*/g, "*$1*"))));
      continue;
    }
    list = null;
    if (heading) nodes.push(el("h4", {}, inline(heading[2])));
    else if (line.trim()) nodes.push(el("p", {}, inline(line.replace(/\*\*(.+?)\*\*/g, "*$1*"))));
  }
  return nodes;
}
