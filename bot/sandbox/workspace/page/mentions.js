/** Mentions of people, groups, channels and everybody, by the names the reader's workspace has for them. */
import { make } from "./make.js";

/** A person; the reader's own mention stands out. */
export function person(id, ctx, label = "") {
  const kind = id === ctx.me ? "b-mention b-me" : "b-mention";
  return make("span", { class: kind, "data-user": id }, `@${named(id, ctx) ?? (label || id)}`);
}

/** A user group by its handle. */
export function group(id, ctx, label = "") {
  const name = named(id, ctx) ?? (label || id);
  return make("span", { class: "b-mention", "data-group": id }, `@${name.replace(/^@/, "")}`);
}

/** A channel; one that is known leads there, by the page's own addresses. */
export function channel(id, ctx, label = "") {
  const known = named(id, ctx);
  const words = `#${(known ?? (label || id)).replace(/^#/, "")}`;
  if (known === null) return make("span", { class: "b-mention" }, words);
  return make("a", { class: "b-mention", href: `#/${encodeURIComponent(id)}` }, words);
}

/** Everybody there is, in the channel, or awake in it. */
export function range(name) {
  return make("span", { class: "b-mention b-me" }, `@${name}`);
}

function named(id, ctx) {
  return Object.hasOwn(ctx.names ?? {}, id) ? String(ctx.names[id]) : null;
}
