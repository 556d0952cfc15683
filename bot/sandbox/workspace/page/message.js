// One message as a reader sees it: who, when, what, its reactions, its thread, and what can be done with it.

import { drawMessageBody } from "./blocks.js";
import { face, h, icon, iconButton, toast } from "./dom.js";
import * as menu from "./menu.js";
import { plain } from "./mrkdwn.js";
import { hour, perform, pressing, whole } from "./reader.js";

/** The emoji that are offered first; pushpin keeps a message in the timeline. */
const EMOJI = ["pushpin", "eyes", "white_check_mark", "+1", "-1", "tada", "thinking_face", "rotating_light", "heart", "wave", "raised_hands", "hourglass_flowing_sand"];
const SLACKBOT = { id: "USLACKBOT", name: "Slackbot", real_name: "Slackbot" };

/**
 * A message as a list item. `scene` is {world, base, inThread, openThread(ts), link(message)};
 * `replies` what stands in its thread, `short` leaves out who it is from.
 */
export function draw(message, scene, replies = [], short = false) {
  const { world, base } = scene;
  const author = world.people.get(message.user) ?? (message.user === SLACKBOT.id ? SLACKBOT : { id: message.user, name: message.username ?? message.user });
  const screen = message.ephemeral_to ? { ts: message.ts } : { channel: message.channel, ts: message.ts };
  const ctx = pressing(world, base, screen);
  const name = message.username || author.name;
  const time = h("time", { class: "when", datetime: new Date(Number(message.ts) * 1000).toISOString(), title: whole(message.ts, base), text: hour(message.ts, base) });
  const head = h("div", { class: "message-head" }, h("b", { class: "author", text: name }), author.is_bot ? h("span", { class: "badge", text: "APP" }) : null, time);
  const body = h("div", { class: "message-body" }, drawMessageBody(message, ctx));
  if (message.edits > 0 && !author.is_bot) body.append(h("span", { class: "edited", text: "(edited)" }));
  const classes = ["message", short ? "short" : "", message.ephemeral_to ? "whisper" : ""].join(" ").trim();
  return h(
    "li",
    { class: classes, tabindex: "-1", data: { ts: message.ts, author: name } },
    short ? time : face(author),
    h(
      "div",
      { class: "message-main" },
      message.ephemeral_to ? h("p", { class: "only-you" }, icon("eye"), "Only visible to you") : null,
      message.pinned ? h("p", { class: "pinned" }, icon("pin"), "Pinned") : null,
      short ? null : head,
      body,
      reactions(message, scene),
      scene.inThread || !replies.length ? null : foot(message, replies, scene),
    ),
    message.ephemeral_to ? null : tools(message, scene),
  );
}

function reactions(message, { world, base }) {
  if (!message.reactions?.length) return null;
  const names = (users) => users.map((user) => base.names[user] ?? user).join(", ");
  const pill = ({ name, users, count }) => {
    const mine = users.includes(base.me);
    const act = () => react(world, base.me, message, name);
    return h(
      "button",
      { type: "button", class: "reaction", "aria-pressed": String(mine), "aria-label": `${name}, ${count}`, title: `${names(users)}: :${name}:`, on: { click: act } },
      plain(`:${name}:`, base),
      h("span", { text: String(count) }),
    );
  };
  return h("div", { class: "reactions" }, message.reactions.map(pill));
}

function react(world, me, message, emoji) {
  const mine = message.reactions?.some((one) => one.name === emoji && one.users.includes(me));
  return perform(world, mine ? "unreact" : "react", { channel: message.channel, ts: message.ts, emoji, by: me });
}

function foot(message, replies, { world, base, openThread }) {
  const last = replies[replies.length - 1];
  const faces = [...new Set(replies.map((one) => one.user))].slice(0, 3).map((id) => face(world.people.get(id), "small"));
  const words = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  return h(
    "button",
    { type: "button", class: "thread-foot", on: { click: () => openThread(message.ts) } },
    faces,
    h("b", { text: words }),
    h("span", { class: "soft", text: `Last at ${hour(last.ts, base)}` }),
  );
}

function tools(message, scene) {
  const { world, base, inThread, openThread } = scene;
  const root = message.thread_ts || message.ts;
  return h(
    "div",
    { class: "message-tools", role: "group", "aria-label": "Message" },
    iconButton("smile", "Add reaction", (event) => pick(event.currentTarget, message, world, base)),
    inThread ? null : iconButton("reply", "Reply in thread", () => openThread(root)),
    iconButton("more", "More actions", (event) => more(event.currentTarget, message, scene)),
  );
}

function pick(anchor, message, world, base) {
  const items = EMOJI.map((name) => ({
    label: "",
    name: name.replaceAll("_", " "),
    drawn: plain(`:${name}:`, base),
    act: () => react(world, base.me, message, name),
  }));
  menu.toggle(anchor, "Add reaction", items, "grid");
}

function more(anchor, message, scene) {
  const { world, base, openThread, link } = scene;
  const at = { channel: message.channel, ts: message.ts, by: base.me };
  const shortcuts = world.about.shortcuts.filter((one) => one.type === "message");
  const own = message.user === base.me;
  menu.toggle(anchor, "More actions", [
    { label: "Open thread", act: () => openThread(message.thread_ts || message.ts) },
    { label: "Copy link", act: () => copy(link(message), "Link copied.") },
    ...(own ? [{ rule: true }, { label: "Delete message", act: () => perform(world, "delete", at) }] : []),
    ...(shortcuts.length ? [{ rule: true }] : []),
    ...shortcuts.map((one) => ({
      label: one.name,
      note: world.about.name,
      act: () => perform(world, "shortcut", { ...at, callback_id: one.callback_id }),
    })),
  ]);
}

/** Puts words on the clipboard and says so. */
export async function copy(words, done) {
  try {
    await navigator.clipboard.writeText(words);
    toast(done);
  } catch {
    toast(`Your browser does not let the page copy. It is: ${words}`, "bad");
  }
}
