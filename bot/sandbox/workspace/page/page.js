// The page: where one is, who one is, and everything drawn anew as the workspace moves on.

import { drawBlocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { h, iconButton, icon, speak, toast } from "./dom.js";
import { Feed } from "./feed.js";
import * as marks from "./marks.js";
import { Screen } from "./modal.js";
import * as palette from "./palette.js";
import * as rail from "./rail.js";
import { perform, pressing, reader } from "./reader.js";
import * as setup from "./setup.js";
import { Speed } from "./speed.js";
import { Tour } from "./tour.js";
import * as wire from "./wire.js";
import { isRoot, World } from "./world.js";

const ME = "tocsin.me";
const BEGUN = "tocsin.begun";
const PHONE = matchMedia("(max-width: 720px)");
const at = (id) => document.getElementById(id);

const world = new World();
const screen = new Screen(world, () => speed.now());
const channelFeed = new Feed("Messages");
const threadFeed = new Feed("Thread");
const stage = { me: "", place: "", thread: "", roles: new Map(), newFrom: "", seen: "", led: "", say: "" };
const has = (extra) => world.about.extras.includes(extra);
const base = () => ({ ...reader(world, stage.me), now: () => speed.now() });
const speed = new Speed(base);
const tour = new Tour(() => ({ me: stage.me, base: base(), names: world.names() }), lead, begin);
const here = () => rail.channelOf(world, stage.me, stage.place);
const title = () => rail.places(world, stage.me).find((one) => one.id === stage.place) ?? { name: world.channels.get(here())?.name ?? "", kind: "hash" };
const shown = () => (title().kind === "chat" || title().kind === "home" ? title().name : `#${title().name}`);
const composer = new Composer(() => ({ world, me: stage.me, channel: here(), name: shown() }));
const answer = new Composer(() => ({ world, me: stage.me, channel: here(), name: shown(), thread: stage.thread }));

// --- where one goes ---

/** Of these places the one with the newest message; the first where nothing was said yet. */
function liveliest(places) {
  const newest = (place) => world.seen(place, stage.me).at(-1)?.ts ?? "";
  return places.reduce((best, one) => (newest(one) > newest(best) ? one : best), places[0]);
}

/** Goes to a place, and to a thread in it; "" is the first place of this person. */
function go(place, thread = "") {
  const hash = `#/${place}${thread ? `/${thread}` : ""}`;
  if (location.hash === hash) arrive();
  else location.hash = hash;
}

/** Reads the address and shows what it names. */
function arrive({ quiet = false } = {}) {
  if (new URLSearchParams(location.hash.slice(1)).get("key")) {
    wire.unlock();
    location.reload();
    return;
  }
  const [named, thread = ""] = location.hash.replace(/^#\/?/u, "").split("/");
  const known = rail.places(world, stage.me).map((one) => one.id);
  const direct = world.channels.get(named)?.im_with === stage.me;
  const open = world.channels.has(named) && !world.channels.get(named).im_with;
  const place = named === "rail" && stage.place ? stage.place : direct ? "dm" : known.includes(named) || open ? named : liveliest(known);
  const moved = place !== stage.place;
  if (moved || stage.seen !== stage.me) {
    channelFeed.end = true;
    channelFeed.drawn.clear();
    stage.newFrom = "";
  }
  if (thread !== stage.thread) threadFeed.end = !thread;
  Object.assign(stage, { place, thread, seen: stage.me });
  const asked = named === "rail" ? "rail" : thread ? "thread" : "main";
  document.body.dataset.pane = asked;
  if (place === "home" && moved) perform(world, "home", { by: stage.me });
  firstUnread();
  frame();
  draw();
  if (stage.say && !quiet) {
    composer.propose(stage.say);
    stage.say = "";
    return;
  }
  if (quiet || PHONE.matches) return;
  const led = channelFeed.rows().find((one) => stage.led && one.dataset.ts === stage.led);
  stage.led = "";
  if (led) led.focus(); // its buttons are the next keys away
  else if (thread) answer.focus();
  else if (place !== "home") composer.focus();
}

function firstUnread() {
  const channel = here();
  if (!channel || stage.newFrom) return;
  const since = marks.readTo(stage.me, channel);
  const roots = world.seen(channel, stage.me).filter(isRoot);
  stage.newFrom = since ? roots.find((one) => one.ts > since && one.user !== stage.me)?.ts ?? "" : "";
}

function openThread(ts, { byHand = true } = {}) {
  go(stage.place, ts);
  if (byHand) read(ts);
}

/** Somebody reads the thread of one of the app's cards. */
function read(ts) {
  const root = world.messages.get(here())?.get(ts);
  if (has("tour") && root?.bot_id && root.blocks?.length) tour.saw();
}

function be(person) {
  stage.me = person;
  sessionStorage.setItem(ME, person);
  speak(`You are ${world.people.get(person)?.name}.`);
  screen.sync(person).then(draw);
  if (stage.place === "home") perform(world, "home", { by: person });
  arrive({ quiet: true });
  if (has("tour")) tour.soon();
}

/** A step of the tour shows where it happens. */
function lead({ channel, ts, as, say }) {
  const person = as && [...world.people.values()].find((one) => one.id === as || one.name === as);
  if (person && person.id !== stage.me) be(person.id);
  Object.assign(stage, { led: ts ?? "", say: say ?? "" });
  go(channel ?? stage.place, ts ?? "");
  if (ts) read(ts);
}

/** The first incident opens by itself, once, unless somebody is on their way already. */
function begin({ channel, ts }) {
  if (sessionStorage.getItem(BEGUN)) return;
  sessionStorage.setItem(BEGUN, "yes");
  history.replaceState(null, "", `#/${channel}/${ts}`);
  arrive({ quiet: true });
}

// --- drawing ---

function frame() {
  const place = title();
  const channel = world.channels.get(here());
  const back = iconButton("back", "Channels", () => (location.hash = "#/rail"), { class: "icon-button to-rail" });
  const topic = channel?.topic || channel?.purpose || (place.kind === "chat" ? `Direct messages between you and ${world.about.name}` : "");
  const head = h("header", { class: "pane-head" }, back, icon(place.kind), h("h1", { text: place.name }), topic ? h("p", { class: "topic", text: topic }) : null);
  if (stage.place === "home") at("main").replaceChildren(head, h("div", { class: "home", id: "home" }));
  else at("main").replaceChildren(head, channelFeed.node, composer.node);
  const close = iconButton("close", "Close thread", () => go(stage.place));
  at("thread").replaceChildren(h("header", { class: "pane-head" }, h("h2", { text: "Thread" }), h("p", { class: "topic", text: shown() }), close), threadFeed.node, answer.node);
  composer.refresh();
  answer.refresh();
}

function draw() {
  if (!stage.me) return;
  const channel = here();
  const said = channel ? world.seen(channel, stage.me) : [];
  const scene = { world, base: base(), openThread, link, mark: JSON.stringify(world.names()) };
  if (stage.place === "home") home();
  else {
    const replies = (ts) => said.filter((one) => one.thread_ts === ts && one.ts !== ts);
    channelFeed.show(said.filter(isRoot), scene, { replies, newFrom: stage.newFrom, beginning: beginning() });
  }
  const thread = said.filter((one) => stage.thread && (one.ts === stage.thread || one.thread_ts === stage.thread));
  at("thread").hidden = !thread.length;
  at("frame").classList.toggle("with-thread", Boolean(thread.length));
  if (thread.length) threadFeed.show(thread, { ...scene, inThread: true });
  else if (document.body.dataset.pane === "thread") document.body.dataset.pane = "main";
  const inSight = !document.hidden && !(PHONE.matches && document.body.dataset.pane === "rail");
  if (channel && said.length && inSight) marks.read(stage.me, channel, said[said.length - 1].ts);
  const waits = rail.draw(at("rail"), { world, me: stage.me, place: stage.place, inSight, roles: stage.roles, be, search: find });
  document.title = `${waits ? `(${waits}) ` : ""}${shown()} · Tocsin sandbox`;
}

let start = null;

function beginning() {
  const words = title().kind === "chat" ? `What you and ${world.about.name} write to each other.` : `This is the beginning of ${shown()}.`;
  if (start?.textContent !== words) start = h("li", { class: "beginning", text: words });
  return start;
}

let drawnHome = "";

function home() {
  const host = at("home");
  const view = screen.home;
  const mark = JSON.stringify([stage.me, view?.content]);
  if (mark === drawnHome && host.childElementCount) return;
  drawnHome = mark;
  const waiting = h("p", { class: "soft", text: `${world.about.name} has not drawn its home for you yet.` });
  host.replaceChildren(view ? drawBlocks(view.content.blocks ?? [], pressing(world, { ...base(), standing: view.state }, {})) : waiting);
}

const link = (message) => `${location.origin}/#/${message.channel}/${message.thread_ts || message.ts}`;
const find = () => palette.show(rail.places(world, stage.me), go);

function locked() {
  wire.lock();
  document.body.replaceChildren(
    h("main", { class: "locked" }, h("img", { src: "/page/bell.svg", alt: "", class: "face" }), h("h1", { text: "Tocsin sandbox" }),
      h("p", { text: "This page opens with the whole address that was printed in the terminal where the sandbox was started; it ends in #key=…" })),
  );
}

// --- what happens ---

async function loaded() {
  if (has("people")) {
    const known = await wire.look("people").catch(() => []);
    stage.roles = new Map(known.map((one) => [one.id, one]));
  }
  const humans = world.humans().map((one) => one.id);
  const kept = sessionStorage.getItem(ME);
  stage.me = humans.includes(kept) ? kept : [...stage.roles.keys()].find((id) => humans.includes(id)) ?? humans[0] ?? "";
  if (!stage.place) furnish();
  await screen.sync(stage.me);
  arrive({ quiet: true });
}

/** The parts that only some workspaces offer. */
function furnish() {
  const tools = [];
  if (has("speed")) {
    tools.push(speed.node);
    speed.start();
  }
  if (has("setup")) tools.push(h("button", { type: "button", class: "banner-button", text: "Use your own Slack", on: { click: setup.show } }));
  at("tools").replaceChildren(...tools);
  if (has("tour")) {
    at("rail").append(tour.node);
    tour.look();
  }
}

function announce(changes) {
  const channel = here();
  const fresh = changes.filter((one) => (one.kind === "post" || one.kind === "ephemeral") && one.message && one.message.user !== stage.me);
  const mine = fresh.filter((one) => one.message.channel === channel && (!one.message.ephemeral_to || one.message.ephemeral_to === stage.me));
  const last = mine[mine.length - 1]?.message;
  const answered = stage.place === "home" && fresh.some((one) => world.channels.get(one.message.channel)?.im_with === stage.me);
  if (answered) toast(`${world.about.name} has written to you: look at your direct messages.`);
  if (last) speak(`${world.people.get(last.user)?.name ?? "Slackbot"}: ${(last.shown || last.text).slice(0, 300)}`);
}

world.on(async ({ changes, loaded: anew, link: state }) => {
  at("link") && (at("link").textContent = state === "lost" ? "The workspace does not answer. Trying again…" : "");
  if (state === "locked") locked();
  if (state !== "well" || !(anew || stage.me)) return;
  if (anew) {
    await loaded();
    return;
  }
  const own = changes.some((one) => (one.kind === "view" || one.kind === "home") && one.user === stage.me);
  if (own) await screen.sync(stage.me).catch(() => {});
  announce(changes);
  draw();
  if (has("tour")) tour.soon();
});

addEventListener("hashchange", () => arrive());
document.addEventListener("visibilitychange", () => document.hidden || draw());

for (const kind of ["pointerdown", "wheel", "keydown"]) {
  at("thread").addEventListener(kind, (event) => stage.thread && !event.target.closest(".pane-head") && touched(), { passive: true });
}
const touchedOnce = new Set();

/** A thread that opened by itself counts as read when somebody first touches it. */
function touched() {
  if (touchedOnce.has(stage.thread)) return;
  touchedOnce.add(stage.thread);
  read(stage.thread);
}

document.addEventListener("click", (event) => {
  const found = event.target.closest?.("a[href]")?.href.match(/\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})/u);
  if (!found || !event.target.closest("a").href.startsWith(location.origin)) return;
  event.preventDefault();
  go(found[1], `${found[2]}.${found[3]}`);
}, true);

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog, [role=menu]");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !document.querySelector("dialog[open]")) find();
  else if (typing && !(event.key === "Escape" && event.target.closest("#thread") && !event.target.closest("dialog"))) return;
  else if (event.key === "/" && !event.ctrlKey && !event.metaKey && stage.place !== "home") {
    composer.focus(); // the key itself is typed there: it begins a command
    return;
  }
  else if (event.key === "Escape" && stage.thread) go(stage.place);
  else return;
  event.preventDefault();
});

if (wire.unlock()) world.follow();
else locked();
