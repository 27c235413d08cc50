// Slack's mrkdwn into nodes: a small parser, never innerHTML (formatting-message-text).

import { el } from "./dom.js";
import { directory, person, place, me } from "./link.js";
import { slackDate } from "./times.js";
import { emoji } from "./emoji.js";

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function mention(id, label) {
  const who = person(id);
  const own = id === me.id ? " mention-me" : "";
  return el("span", { class: `mention${own}` }, `@${who?.real_name ?? label ?? id}`);
}

export function channelLink(id, label) {
  const where = place(id);
  const known = directory?.rooms?.[id];
  if (!where) return el("span", { class: "mention" }, label ? `#${label}` : known ? "#private channel" : "#unknown channel");
  return el("a", { class: "mention", href: `#${id}`, data: { place: id } }, `#${where.title}`);
}

function link(url, label) {
  if (!/^(https?:|mailto:|tel:)/i.test(url)) return document.createTextNode(label || url);
  return el("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, label || url);
}

function angle(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inside.slice(bar + 1));
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) return channelLink(target.slice(1), label);
  if (target.startsWith("!date^")) {
    const [, seconds, form, url] = target.split("^");
    const words = slackDate(Number(seconds), form ?? "{date}");
    return url ? link(unescape(url), words) : el("time", { datetime: new Date(Number(seconds) * 1000).toISOString(), title: label }, words);
  }
  if (target.startsWith("!subteam^")) return el("span", { class: "mention" }, label || "@group");
  if (target.startsWith("!")) return el("span", { class: "mention mention-me" }, `@${label || target.slice(1)}`);
  return link(unescape(target), label || unescape(target).replace(/^mailto:/, ""));
}

// One run of text without line structure: code first, since nothing inside it is markup.
const PIECES = /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+-]+):|(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]*[^*\s])\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?=\S)([^_\n]*[^_\s])_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}~])~(?=\S)([^~\n]*[^~\s])~(?![\p{L}\p{N}~])/gu;

export function inline(text, { verbatim = false } = {}) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(PIECES)) {
    let node = null;
    if (found[1] !== undefined) node = el("code", {}, unescape(found[1]));
    else if (found[2] !== undefined) node = angle(found[2]);
    else if (found[3] !== undefined) node = emoji(found[3]);
    else if (found[4] !== undefined) node = el("strong", {}, inline(found[4], { verbatim }));
    else if (found[5] !== undefined) node = el("em", {}, inline(found[5], { verbatim }));
    else if (found[6] !== undefined) node = el("s", {}, inline(found[6], { verbatim }));
    if (node === null) continue;
    if (found.index > at) nodes.push(document.createTextNode(unescape(text.slice(at, found.index))));
    nodes.push(node);
    at = found.index + found[0].length;
  }
  if (at < text.length) nodes.push(document.createTextNode(unescape(text.slice(at))));
  return nodes;
}

// Whole text: code fences, quotes, lines.
export function mrkdwn(text, options = {}) {
  const nodes = [];
  for (const [index, part] of String(text ?? "").split("```").entries()) {
    if (index % 2 === 1) nodes.push(el("pre", {}, unescape(part.replace(/^\n|\n$/g, ""))));
    else if (part) nodes.push(...lines(part, options));
  }
  return nodes;
}

function lines(text, options) {
  const nodes = [];
  let quote = null;
  const all = text.split("\n");
  for (const [index, line] of all.entries()) {
    const quoted = /^(?:&gt;|>) ?(.*)$/s.exec(line);
    if (quoted) {
      if (quote) quote.append(el("br"));
      else nodes.push((quote = el("blockquote")));
      quote.append(...inline(quoted[1], options));
      continue;
    }
    if (!quote && index > 0) nodes.push(el("br"));
    quote = null;
    nodes.push(...inline(line, options));
  }
  return nodes;
}

export function plainText(object) {
  if (!object) return [];
  const text = object.text ?? "";
  if (object.emoji === false) return [text];
  return text.split(/(:[a-z0-9_+-]+:)/).map((part) => (part.startsWith(":") && emoji(part.slice(1, -1))) || part);
}

// A text object of either kind.
export function textOf(object) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text, { verbatim: object.verbatim }) : withBreaks(plainText(object));
}

function withBreaks(parts) {
  return parts.flatMap((part) => String(part).split("\n").flatMap((line, index) => (index ? [el("br"), line] : [line])));
}
