// The workspace's clock and how fast it runs.

import { h, toast } from "./dom.js";
import * as wire from "./wire.js";

const SPEEDS = [1, 10, 60, 300];
const LOOK = 10000; // milliseconds between two looks at a clock that somebody else may have turned

/** The switch in the banner; `reader()` tells {zone, lang}. */
export class Speed {
  constructor(reader) {
    this.reader = reader;
    this.at = { speed: 1, now: Date.now(), read: performance.now() };
    this.clock = h("time", { class: "clock" });
    this.select = h("select", { "aria-label": "Speed of time", title: "Speed of time", on: { change: () => this.turn() } });
    this.node = h("div", { class: "speed" }, this.clock, this.select);
  }

  /** Begins to tell the time. */
  async start() {
    await this.look();
    setInterval(() => this.tick(), 1000);
    setInterval(() => document.hidden || this.look(), LOOK);
  }

  /** The workspace's time in milliseconds. */
  now() {
    return this.at.now + (performance.now() - this.at.read) * this.at.speed;
  }

  async look() {
    try {
      this.take(await wire.look("speed"));
    } catch (problem) {
      if (!(problem instanceof wire.Refusal)) throw problem;
    }
  }

  async turn() {
    try {
      this.take(await wire.act("speed", { speed: Number(this.select.value) }));
    } catch (problem) {
      if (!(problem instanceof wire.Refusal)) throw problem;
      toast(problem.message, "bad");
      this.draw();
    }
  }

  take(told) {
    this.at = { speed: told.speed, now: Date.parse(told.now), read: performance.now() };
    this.draw();
  }

  draw() {
    const all = [...new Set([...SPEEDS, this.at.speed])].sort((a, b) => a - b);
    const row = (speed) => h("option", { value: String(speed), text: `${speed}×` });
    if (this.select.options.length !== all.length) this.select.replaceChildren(...all.map(row));
    this.select.value = String(this.at.speed);
    this.tick();
  }

  tick() {
    const { zone, lang } = this.reader();
    const words = new Intl.DateTimeFormat(lang, { timeZone: zone, timeStyle: "medium" }).format(this.now());
    if (this.clock.textContent !== words) this.clock.textContent = words;
    const where = `The time in this workspace, as one reads it in ${zone}`;
    if (this.clock.title !== where) this.clock.title = where;
  }
}
