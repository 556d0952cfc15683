// The tour: what to try next, who to be for it, and what has been seen to happen.

import { h, icon, speak } from "./dom.js";
import { hour } from "./reader.js";
import * as wire from "./wire.js";

const FOLDED = "tocsin.tour.folded";
const LOOK = 5000; // milliseconds between two looks while nothing moves
const NEXT = "Everything stays open to you: try the menu of /tocsin, answer what else broke, or press Use your own Slack.";
const SOON = 300; // milliseconds from something that happened to a look

/** The panel at the foot of the rail; `scene()` tells {me, base, names}, `go({channel, ts, as})` leads to a step. */
export class Tour {
  constructor(scene, go, begin) {
    this.scene = scene;
    this.go = go;
    this.begin = begin; // called with the first incident's place, once
    this.told = null;
    this.chosen = null; // the step somebody opened by hand
    this.node = h("section", { class: "tour", "aria-label": "Tour", hidden: true });
    this.timer = 0;
    this.hurried = false;
    this.mark = "";
    this.done = null; // the steps that were done at the last look
  }

  /** Looks now, and again from time to time. */
  async look() {
    this.again(LOOK);
    this.hurried = false;
    try {
      this.take(await wire.look("tour", { by: this.scene().me }));
    } catch (problem) {
      if (!(problem instanceof wire.Refusal)) throw problem;
    }
  }

  /** Looks soon: something has happened. What happens meanwhile does not put it off. */
  soon() {
    if (this.hurried) return;
    this.hurried = true;
    this.again(SOON);
  }

  again(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), milliseconds);
  }

  /** Tells that somebody reads the thread of a card. */
  async saw() {
    try {
      await wire.act("tour", { seen: "why", by: this.scene().me });
    } catch (problem) {
      if (!(problem instanceof wire.Refusal)) throw problem;
    }
    this.soon();
  }

  take(told) {
    if (told.open) this.begin(told.open);
    const mark = JSON.stringify([told.steps, this.scene().me, this.chosen]);
    if (mark === this.mark) return;
    this.mark = mark;
    this.told = told;
    this.draw();
  }

  draw() {
    const { steps } = this.told;
    const done = steps.filter((one) => one.done).length;
    const next = steps.find((one) => !one.done);
    const shown = steps.find((one) => one.id === this.chosen) ?? next;
    const folded = sessionStorage.getItem(FOLDED) === "yes";
    const focus = this.node.contains(document.activeElement) ? document.activeElement.id : "";
    const fold = () => {
      sessionStorage.setItem(FOLDED, folded ? "no" : "yes");
      this.draw();
    };
    const bar = h("progress", { max: String(steps.length), value: String(done), "aria-label": `${done} of ${steps.length} steps done` });
    const head = h("button", { type: "button", class: "tour-head", id: "tour-fold", "aria-expanded": String(!folded), on: { click: fold } },
      h("h2", { text: next ? "What to try" : "You have seen it all" }), h("span", { class: "tour-count", text: `${done}/${steps.length}` }), icon("down"));
    this.node.replaceChildren(head, bar, ...(folded ? [] : [h("ol", {}, steps.map((one, at) => this.step(one, at, one === shown))), next ? null : h("p", { class: "tour-next", text: NEXT })].filter(Boolean)));
    this.node.classList.toggle("folded", folded);
    this.node.hidden = !steps.length;
    if (focus) this.node.querySelector(`#${CSS.escape(focus)}`)?.focus();
    this.cheer(steps);
  }

  step(one, at, shown) {
    const { base, names } = this.scene();
    const choose = () => {
      this.chosen = shown ? null : one.id;
      this.mark = "";
      this.draw();
    };
    const mark = h("span", { class: "tour-mark", "aria-hidden": "true" }, one.done ? icon("check") : String(at + 1));
    const when = one.done && one.at ? h("small", { text: hour(Date.parse(one.at) / 1000, base) }) : null;
    const title = h("button", { type: "button", class: "tour-title", id: `tour-${one.id}`, "aria-expanded": String(shown), on: { click: choose } },
      mark, h("span", { text: one.title }), one.done ? h("span", { class: "unseen", text: " (done)" }) : null, when);
    const who = one.go?.as ? names[one.go.as] ?? one.go.as : null;
    const words = who ? `Show me, as ${who}` : "Show me";
    const lead = one.go ? h("button", { type: "button", class: "tour-go", "data-led": one.go.ts ?? "", text: words, on: { click: () => this.go(one.go) } }) : null;
    const more = shown ? h("div", { class: "tour-more" }, h("p", { text: one.text }), lead) : null;
    return h("li", { class: [one.done ? "done" : "", shown ? "shown" : ""].join(" ").trim() || null }, title, more);
  }

  /** A step that was ticked off while somebody looks is shown to be new. */
  cheer(steps) {
    const done = new Set(steps.filter((one) => one.done).map((one) => one.id));
    const fresh = this.done ? steps.filter((one) => one.done && !this.done.has(one.id)) : [];
    this.done = done;
    for (const one of fresh) {
      this.node.querySelector(`#${CSS.escape(`tour-${one.id}`)}`)?.closest("li").classList.add("just");
      speak(`Done: ${one.title}.`);
    }
  }
}
