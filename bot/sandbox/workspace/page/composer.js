// Where one writes: messages, and slash commands, people and channels completed from a list above.

import { h, icon, iconButton, toast } from "./dom.js";
import * as menu from "./menu.js";
import { perform } from "./reader.js";

const MOST = 20; // rows of the list
const TALLEST = 200; // pixels
const AROUND = { here: "<!here>", channel: "<!channel>", everyone: "<!everyone>" };
let numbers = 0;

/** The composer of a channel or a thread; `scene()` tells {world, me, channel, thread, name} of this moment. */
export class Composer {
  constructor(scene) {
    this.scene = scene;
    this.chosen = 0;
    this.offers = [];
    this.drafts = new Map(); // what was begun elsewhere, by person and place
    this.place = "";
    const id = `offers-${(numbers += 1)}`;
    this.list = h("ul", { class: "offers", role: "listbox", id, "aria-label": "Completions", hidden: true });
    this.area = h("textarea", { rows: "1", "aria-autocomplete": "list", "aria-controls": id, autocomplete: "off", spellcheck: "true" });
    this.area.addEventListener("input", () => this.changed());
    this.area.addEventListener("keydown", (event) => this.pressed(event));
    this.area.addEventListener("blur", () => this.offer([]));
    this.send = h("button", { type: "button", class: "send", "aria-label": "Send", title: "Send (Enter)", disabled: true, on: { click: () => this.go() } }, icon("send"));
    this.more = iconButton("bolt", "Shortcuts", (event) => this.shortcuts(event.currentTarget));
    this.node = h("div", { class: "composer" }, this.list, h("div", { class: "composer-box" }, this.more, this.area, this.send));
  }

  /** Draws what depends on where one is. */
  refresh() {
    const { world, me, channel, name, thread } = this.scene();
    const key = `${me}/${channel}/${thread ?? ""}`;
    if (key !== this.place) {
      this.drafts.set(this.place, this.area.value);
      this.area.value = this.drafts.get(key) ?? "";
      this.place = key;
      this.changed();
      this.offer([]);
    }
    const words = thread ? "Reply…" : `Message ${name}`;
    this.area.placeholder = words;
    this.area.setAttribute("aria-label", thread ? "Reply in thread" : words);
    this.more.hidden = thread || !world.about.shortcuts.some((one) => one.type === "global");
  }

  focus() {
    this.area.focus();
  }

  /** Puts words there to be sent, or changed first; what somebody has begun to write stays. */
  propose(words) {
    this.refresh();
    this.area.value ||= words;
    this.changed();
    this.focus();
  }

  changed() {
    this.area.style.setProperty("height", "auto");
    // Where nothing is written, or nothing is shown, there is no height to measure.
    if (this.area.value && this.area.scrollHeight) this.area.style.setProperty("height", `${Math.min(this.area.scrollHeight, TALLEST)}px`);
    this.send.disabled = !this.area.value.trim();
    this.offer(this.completions());
  }

  completions() {
    const { world, thread } = this.scene();
    const before = this.area.value.slice(0, this.area.selectionStart);
    const order = thread ? null : before.match(/^(\/\S+)\s+(\S*)$/u);
    if (order) return orders(world.about.commands, ...order.slice(1));
    const typed = before.match(/^\/\S*$/u) ?? before.match(/(?<=^|\s)[@#][\p{L}\p{N}._-]*$/u);
    if (!typed) return [];
    const [start, word] = [typed[0][0], typed[0].slice(1).toLowerCase()];
    const fits = (name) => name.toLowerCase().startsWith(word);
    const from = before.length - typed[0].length;
    if (start === "/") {
      const known = thread ? [] : world.about.commands;
      return known.filter((one) => fits(one.command.slice(1))).map((one) => ({ from, put: one.command, label: one.command, hint: one.usage_hint, note: one.description }));
    }
    const named = (one) => ({ from, put: start + one.name, label: start + one.name, note: one.real_name ?? one.topic ?? "" });
    const all = start === "@" ? [...world.people.values()].filter((one) => !one.deleted) : [...world.channels.values()].filter((one) => !one.im_with);
    return all.filter((one) => fits(one.name)).map(named);
  }

  offer(offers) {
    const exact = offers.length === 1 && offers[0].put === this.area.value.trim();
    this.offers = exact && !offers[0].hint ? [] : offers.slice(0, MOST);
    this.chosen = this.offers[0]?.idle ? -1 : 0;
    this.list.replaceChildren(...this.offers.map((one, at) => this.row(one, at)));
    this.list.hidden = !this.offers.length;
    this.area.setAttribute("aria-expanded", String(Boolean(this.offers.length)));
    this.point();
  }

  row(one, at) {
    const take = (event) => {
      event.preventDefault(); // the area keeps the focus
      this.take(at);
    };
    return h("li", { role: "option", id: `${this.list.id}-${at}`, on: { pointerdown: take } }, h("b", { text: one.label }), one.hint ? h("code", { text: one.hint }) : null, one.note ? h("small", { text: one.note }) : null);
  }

  point() {
    [...this.list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === this.chosen)));
    if (this.offers[this.chosen]) this.area.setAttribute("aria-activedescendant", `${this.list.id}-${this.chosen}`);
    else this.area.removeAttribute("aria-activedescendant");
    this.list.children[this.chosen]?.scrollIntoView({ block: "nearest" });
  }

  take(at) {
    const { from, put } = this.offers[at];
    const rest = this.area.value.slice(this.area.selectionStart);
    const start = `${this.area.value.slice(0, from)}${put} `;
    this.area.value = start + rest.trimStart();
    this.area.setSelectionRange(start.length, start.length);
    this.changed();
  }

  pressed(event) {
    if (event.isComposing) return;
    const count = this.offers.length;
    if (count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const last = this.chosen < 0 && event.key === "ArrowUp";
      this.chosen = last ? count - 1 : (this.chosen + (event.key === "ArrowDown" ? 1 : -1) + count) % count;
      this.point();
    } else if (count && event.key === "Escape") {
      this.offer([]);
      event.stopPropagation();
    } else if (count && (event.key === "Tab" || (event.key === "Enter" && this.offers[this.chosen] && this.offers[this.chosen].put !== this.area.value.trim()))) {
      this.take(Math.max(this.chosen, 0));
    } else if (event.key === "Enter" && !event.shiftKey) {
      this.go();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Sends what is written; it stays in the box when that failed. */
  async go() {
    const text = this.area.value.trim();
    const { world, me, channel, thread } = this.scene();
    if (!text) return;
    const place = channel ?? world.bot?.id;
    this.area.value = "";
    this.changed();
    const done = text.startsWith("/") ? await this.command(text) : await perform(world, "say", { channel: place, text: coded(world, text), by: me, thread });
    if (!done && !this.area.value) {
      this.area.value = text;
      this.changed();
    }
  }

  async command(text) {
    const { world, me, channel, thread } = this.scene();
    const [name] = text.split(/\s/u, 1);
    const known = world.about.commands.map((one) => one.command);
    if (known.length && !known.includes(name)) {
      toast(`${name} is not a command here. Type / to see those that are.`, "bad");
      return false;
    }
    return perform(world, "command", { name, text: coded(world, text.slice(name.length).trim(), true), by: me, channel, thread });
  }

  shortcuts(anchor) {
    const { world, me } = this.scene();
    const all = world.about.shortcuts.filter((one) => one.type === "global");
    const use = (one) => perform(world, "shortcut", { callback_id: one.callback_id, by: me });
    menu.toggle(anchor, "Shortcuts", all.map((one) => ({ label: one.name, note: one.description ?? world.about.name, act: () => use(one) })));
  }
}

/** What may follow a command, as its hint tells: words in small letters; with nothing typed yet none is chosen. */
function orders(commands, name, word) {
  const hint = commands.find((one) => one.command === name)?.usage_hint ?? "";
  const told = hint.replace(/^\[|\]$/gu, "").split("|").map((one) => one.trim()).filter((one) => /^[a-z]/u.test(one));
  const row = (one) => {
    const [order] = one.split(" ", 1);
    return { from: 0, put: `${name} ${order}`, label: order, hint: one.slice(order.length).trim(), idle: !word };
  };
  return told.map(row).filter((one) => one.label.startsWith(word.toLowerCase()));
}

/** Text as Slack sends it: escaped, and names of people and channels as ids; `long` gives the name, too. */
function coded(world, text, long = false) {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const find = (all, name) => [...all.values()].find((one) => (one.name ?? one.handle) === name && !one.im_with);
  return escaped.replace(/(?<=^|[\s(])([@#])([\p{L}\p{N}._-]*[\p{L}\p{N}])/gu, (whole, start, name) => {
    const tail = (found) => (long ? `|${name}` : "");
    if (start === "#") {
      const channel = find(world.channels, name);
      return channel ? `<#${channel.id}${tail(channel)}>` : whole;
    }
    const person = find(world.people, name);
    const group = [...world.groups.values()].find((one) => one.handle === name);
    if (person) return `<@${person.id}${tail(person)}>`;
    if (group) return `<!subteam^${group.id}${long ? `|@${name}` : ""}>`;
    return AROUND[name] ?? whole;
  });
}
