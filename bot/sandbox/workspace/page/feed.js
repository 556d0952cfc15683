// A list of messages that follows what happens: it draws anew only what has changed, and stays where one reads.

import { h, icon } from "./dom.js";
import * as message from "./message.js";
import { day } from "./reader.js";

const NEAR = 80; // pixels from the end that count as being at the end
const STEP = 150; // messages that are drawn at first, and with each "Show earlier"
const TOGETHER = 180; // seconds within which one person's lines stand under one name

/** The messages of a channel or a thread. */
export class Feed {
  constructor(label) {
    this.list = h("ol", { class: "feed-list", "aria-label": label });
    this.jump = h("button", { type: "button", class: "jump", hidden: true, on: { click: () => this.toEnd() } }, icon("down"), "Newest");
    this.scroll = h("div", { class: "feed-scroll" }, this.list);
    this.node = h("div", { class: "feed" }, this.scroll, this.jump);
    this.drawn = new Map(); // by key: {mark, node}
    this.most = STEP;
    this.end = true;
    this.scroll.addEventListener("scroll", () => this.moved());
    this.list.addEventListener("keydown", (event) => this.walk(event));
    this.pressed = false; // what is under a finger stands still: a press must not lose its button
    this.late = null; // the drawing that waits until it is lifted
    this.list.addEventListener("pointerdown", (event) => (this.pressed = event.button === 0));
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => this.pressed && setTimeout(() => this.lifted()));
    new ResizeObserver(() => this.end && this.toEnd()).observe(this.list);
  }

  /** The finger is off, and the click that follows has been heard. */
  lifted() {
    const late = this.late;
    this.pressed = false;
    this.late = null;
    if (late) this.show(...late);
  }

  moved() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroll;
    this.end = scrollHeight - scrollTop - clientHeight < NEAR;
    this.jump.hidden = this.end;
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.end = true;
    this.jump.hidden = true;
  }

  /** Shows these messages, oldest first; `replies(ts)` are those of a thread, `newFrom` the first unread one's ts. */
  show(messages, scene, { replies = () => [], newFrom = "", beginning = null } = {}) {
    if (this.pressed) {
      this.late = [messages, scene, { replies, newFrom, beginning }];
      return;
    }
    const kept = messages.slice(-this.most);
    const items = kept.length < messages.length ? [this.earlier(messages, scene, { replies, newFrom, beginning })] : [beginning];
    let before = null;
    for (const one of kept) {
      const date = day(one.ts, scene.base);
      if (!before || day(before.ts, scene.base) !== date) items.push(this.rule(`day ${date}`, date));
      const fresh = newFrom && one.ts === newFrom;
      if (fresh) items.push(this.rule("new", "New", "new"));
      items.push(this.row(one, scene, replies(one.ts), !fresh && together(before, one)));
      before = one;
    }
    const wanted = items.filter(Boolean);
    this.place(wanted);
    if (this.end) this.toEnd();
  }

  row(one, scene, replies, short) {
    const told = replies.map((reply) => [reply.ts, reply.user]);
    const mark = JSON.stringify([one, told, short, scene.base.me, scene.mark]);
    return this.keep(`message ${one.ephemeral_to ?? ""} ${one.ts}`, mark, () => message.draw(one, scene, replies, short));
  }

  rule(key, words, kind = "") {
    return this.keep(key, words, () => h("li", { class: `rule ${kind}`, role: "separator" }, h("span", { text: words })));
  }

  earlier(messages, scene, more) {
    const act = () => {
      this.most += STEP;
      this.show(messages, scene, more);
    };
    return h("li", { class: "earlier" }, h("button", { type: "button", class: "quiet", text: "Show earlier messages", on: { click: act } }));
  }

  keep(key, mark, draw) {
    const held = this.drawn.get(key);
    if (held?.mark === mark) return held.node;
    const node = draw();
    this.drawn.set(key, { mark, node });
    return node;
  }

  place(wanted) {
    const focused = document.activeElement?.closest?.("li[data-ts]");
    const inside = focused && this.list.contains(focused) ? address(focused, document.activeElement) : null;
    const stay = new Set(wanted);
    for (const node of [...this.list.children]) if (!stay.has(node)) node.remove();
    wanted.forEach((node, at) => {
      if (this.list.children[at] !== node) this.list.insertBefore(node, this.list.children[at] ?? null);
    });
    for (const [key, { node }] of this.drawn) if (!stay.has(node)) this.drawn.delete(key);
    const rows = this.rows();
    rows.forEach((row) => row.setAttribute("tabindex", "-1"));
    rows[rows.length - 1]?.setAttribute("tabindex", "0");
    if (inside && !document.activeElement?.closest?.("li[data-ts]")) this.refocus(inside);
  }

  /** A message that was drawn anew under the hand keeps the focus, on the same button where it is still there. */
  refocus({ ts, words }) {
    const row = this.rows().find((one) => one.dataset.ts === ts);
    const same = words && [...(row?.querySelectorAll("button, select, input") ?? [])].find((one) => one.textContent === words);
    (same || row)?.focus({ preventScroll: true });
  }

  rows() {
    return [...this.list.children].filter((row) => row.dataset.ts);
  }

  walk(event) {
    const rows = this.rows();
    const at = rows.indexOf(event.target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at < 0 || to === undefined || !rows[to]) return;
    rows[to].focus();
    event.preventDefault();
  }
}

const address = (row, node) => ({ ts: row.dataset.ts, words: node === row ? "" : node.textContent });

function together(before, one) {
  const plain = (message) => !message.blocks?.length && !message.files?.length && !message.ephemeral_to && !message.pinned;
  return Boolean(before) && before.user === one.user && plain(before) && plain(one) && Number(one.ts) - Number(before.ts) < TOGETHER;
}
