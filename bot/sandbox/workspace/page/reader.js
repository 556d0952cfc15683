// What the drawing of blocks is told of whoever reads, and what their presses become.

import { toast } from "./dom.js";
import * as wire from "./wire.js";

/** Shows why an act came to nothing; what was refused with a Refusal or not acknowledged by the app. */
export function failed(app, problem) {
  if (problem instanceof wire.Refusal) toast(problem.message, "bad");
  else toast(`${app} did not answer in time (${problem?.error || "no acknowledgement"}). Try again.`, "bad");
}

/** Does an act and says so where it failed; the app's reply, or null. */
export async function perform(world, name, args) {
  try {
    const reply = await wire.act(name, args);
    if (reply?.acked === false) failed(world.about.name, reply);
    return reply;
  } catch (problem) {
    if (!(problem instanceof wire.Refusal)) throw problem;
    failed(world.about.name, problem);
    return null;
  }
}

/** Everything the drawing needs to know of a reader, without what can be pressed. */
export function reader(world, me) {
  const person = world.people.get(me);
  return {
    names: world.names(),
    zone: person?.tz || "UTC",
    lang: person?.locale || "en-US",
    me,
    file: wire.file,
    fields: new Map(),
    errors: {},
    changed: () => {},
  };
}

/** The same with presses and suggestions that go to a screen: {channel, ts} of a message, {} for a view. */
export function pressing(world, base, screen, before = async () => {}) {
  const named = (block, element) => `${block.block_id}/${element.action_id}`;
  return {
    ...base,
    fields: new Map(),
    press: async (block, element, value) => {
      await before(element);
      return perform(world, "press", { ...screen, by: base.me, button: named(block, element), value });
    },
    suggest: async (block, element, typed) => {
      const said = await perform(world, "suggest", { ...screen, by: base.me, action_id: named(block, element), typed });
      return said?.options ?? [];
    },
  };
}

/** The time of day of a time-stamp as the reader's clock shows it. */
export const hour = (ts, { lang, zone }) => format(lang, zone, { hour: "numeric", minute: "2-digit" }).format(moment(ts));

/** The day of a time-stamp in the reader's zone, as a heading. */
export const day = (ts, { lang, zone }) => format(lang, zone, { weekday: "long", month: "long", day: "numeric" }).format(moment(ts));

/** Day and time to the second, for the hint of a time. */
export const whole = (ts, { lang, zone }) => format(lang, zone, { dateStyle: "full", timeStyle: "medium" }).format(moment(ts));

const moment = (ts) => new Date(Number(ts) * 1000);
const formats = new Map();

function format(lang, timeZone, how) {
  const name = JSON.stringify([lang, timeZone, how]);
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat(lang, { timeZone, ...how }));
  return formats.get(name);
}
