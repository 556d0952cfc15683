// What each person has read, and what waits for them; it lasts as long as the tab.

import { isRoot } from "./world.js";

const KEPT = "tocsin.read";

const kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");

/** The time-stamp up to which a person has read a channel; empty for never. */
export const readTo = (person, channel) => kept()[person]?.[channel] ?? "";

/** Notes that a person has read a channel up to a time-stamp. */
export function read(person, channel, ts) {
  const all = kept();
  const own = (all[person] ??= {});
  if ((own[channel] ?? "") >= ts) return;
  own[channel] = ts;
  sessionStorage.setItem(KEPT, JSON.stringify(all));
}

const calls = (message, person) => JSON.stringify([message.text, message.blocks ?? []]).includes(`<@${person}`);

/** How many unread messages a person has in a channel, and how many of them call them by name. */
export function waiting(world, person, channel) {
  const since = readTo(person, channel);
  const direct = Boolean(world.channels.get(channel)?.im_with);
  let count = 0;
  let called = 0;
  for (const message of world.seen(channel, person)) {
    if (message.ts <= since || message.user === person) continue;
    const named = direct || calls(message, person);
    if (!isRoot(message) && !named) continue;
    count += 1;
    called += named ? 1 : 0;
  }
  return { count, called };
}
