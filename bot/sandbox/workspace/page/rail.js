// The rail: who you are, the channels, your direct messages, App Home; unread ones are marked.

import { face, h, icon } from "./dom.js";
import * as marks from "./marks.js";
import * as menu from "./menu.js";

/** Where one can go: {id, name, kind}, in the order of the rail. */
export function places(world, me) {
  const mine = [...world.channels.values()].filter((one) => !one.im_with && !one.archived && one.members.includes(me));
  const channels = mine.map((one) => ({ id: one.id, name: one.name, kind: one.private ? "lock" : "hash" }));
  channels.sort((a, b) => a.name.localeCompare(b.name));
  return [...channels, { id: "dm", name: world.bot?.name ?? "tocsin", kind: "chat" }, { id: "home", name: "App Home", kind: "home" }];
}

/** The channel behind a place: "dm" is the app's direct messages with this person, if they were ever opened. */
export const channelOf = (world, me, place) => (place === "dm" ? world.dm(me)?.id : place === "home" ? undefined : place);

/**
 * Draws the rail where it differs from what stands: a press must not lose its button to a redraw.
 * `scene` is {world, me, place, inSight, roles, be(person), search()}. Returns how much waits in all.
 */
export function draw(host, scene) {
  const { world, me, place, inSight } = scene;
  const none = { count: 0, called: 0 };
  const rows = places(world, me).map((one) => {
    const channel = channelOf(world, me, one.id);
    const here = one.id === place;
    const waits = channel && !(here && inSight) ? marks.waiting(world, me, channel) : none;
    return { ...one, here, waits };
  });
  renew(host, "rail-top", [me, [...world.people.values()], [...scene.roles.values()]], () => head(scene));
  renew(host, "places", rows, () => nav(world, rows));
  return rows.reduce((sum, one) => sum + one.waits.called, 0);
}

const standing = new Map(); // of each part, what it was drawn from

function renew(host, name, facts, make) {
  const mark = JSON.stringify(facts);
  const old = host.querySelector(`.${name}`);
  if (old && standing.get(name) === mark) return;
  standing.set(name, mark);
  const focused = old?.contains(document.activeElement) ? document.activeElement.id : "";
  const made = make();
  if (old) old.replaceWith(made);
  else if (name === "rail-top") host.prepend(made);
  else host.querySelector(".rail-top").after(made);
  made.scrollTop = old?.scrollTop ?? 0;
  if (focused) document.getElementById(focused)?.focus();
}

function nav(world, rows) {
  const row = ({ here, waits, ...one }) => {
    const told = waits.count ? h("span", { class: "unseen", text: `, ${waits.count} unread` }) : null;
    const badge = waits.called ? h("span", { class: "count", "aria-hidden": "true", text: waits.called > 99 ? "99+" : String(waits.called) }) : null;
    const drawn = one.kind === "chat" ? face(world.bot, "small") : icon(one.kind);
    const name = h("span", { class: "place-name", text: one.name });
    const classes = ["place", waits.count ? "unread" : "", here ? "here" : ""].join(" ").trim();
    return h("li", {}, h("a", { class: classes, id: `place-${one.id}`, href: `#/${one.id}`, "aria-current": here ? "page" : null }, drawn, name, told, badge));
  };
  const section = (title, part) => h("section", { class: "rail-part", "aria-label": title }, h("h2", { text: title }), h("ul", {}, part.map(row)));
  const direct = rows.filter((one) => one.kind === "chat");
  const apps = rows.filter((one) => one.kind === "home");
  const channels = rows.filter((one) => !direct.includes(one) && !apps.includes(one));
  const made = h("nav", { class: "places", "aria-label": "Channels and direct messages" }, section("Channels", channels), section("Direct messages", direct), section("Apps", apps));
  made.addEventListener("keydown", walk);
  return made;
}

function head({ world, me, roles, be, search }) {
  const person = world.people.get(me);
  const role = roles.get(me)?.role;
  const says = `You are ${person?.name ?? me}${role ? ` (${role})` : ""}`;
  const rank = (one) => ([...roles.keys()].indexOf(one.id) + 999) % 999; // those without a role come last
  const listed = world.humans().sort((a, b) => rank(a) - rank(b));
  const items = listed.map((one) => ({
    label: one.real_name && one.real_name.toLowerCase() !== one.name ? `${one.real_name} · ${one.name}` : one.name,
    note: [roles.get(one.id)?.role, roles.get(one.id)?.about].filter(Boolean).join(" · ") || null,
    drawn: face(one),
    chosen: one.id === me,
    act: () => be(one.id),
  }));
  const open = (event) => menu.toggle(event.currentTarget, "Who to be", items, "people");
  return h(
    "div",
    { class: "rail-top" },
    h("button", { type: "button", class: "switcher", id: "switcher", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": `${says}. Be somebody else`, on: { click: open } },
      face(person),
      h("span", { class: "switcher-words" }, h("b", { text: `You are ${person?.name ?? me}` }), h("small", { text: role ?? "Be somebody else" })),
      icon("down")),
    h("button", { type: "button", class: "search", id: "search", on: { click: search } }, h("span", { text: "Go to…" }), h("kbd", { text: "Ctrl K" })),
  );
}

function walk(event) {
  const rows = [...event.currentTarget.querySelectorAll("a")];
  const at = rows.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  rows[(to + rows.length) % rows.length].focus();
  event.preventDefault();
}
