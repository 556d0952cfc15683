// What stands in the workspace, kept equal to it by following its journal.

import * as wire from "./wire.js";

const WAIT = 25; // seconds a question for news may stay open
const LONGEST_REST = 8; // seconds between two tries while the workspace does not answer

const rest = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** People, channels, messages and whispers by id; those who listen hear of every batch of changes. */
export class World {
  constructor() {
    this.people = new Map();
    this.channels = new Map();
    this.groups = new Map();
    this.messages = new Map(); // by channel, then by ts
    this.whispers = new Map(); // by person, then by ts
    this.about = { name: "tocsin", commands: [], shortcuts: [], extras: [] };
    this.counter = 0;
    this.whole = false;
    this.hearers = new Set();
  }

  /** Calls `hear({changes, loaded, link})` after every batch: link is well, lost or locked. */
  on(hear) {
    this.hearers.add(hear);
  }

  tell(news) {
    for (const hear of this.hearers) hear({ changes: [], loaded: false, link: "well", ...news });
  }

  /** Reads everything anew. */
  async load() {
    const [state, about] = await Promise.all([wire.look("state"), wire.look("about")]);
    this.about = about;
    this.counter = state.counter;
    this.seat(state);
    const channels = [...this.channels.keys()];
    const humans = this.humans();
    const [said, whispered] = await Promise.all([
      Promise.all(channels.map((channel) => wire.look("messages", { channel }))),
      Promise.all(humans.map((person) => wire.look("ephemerals", { user: person.id }))),
    ]);
    this.messages = new Map(channels.map((id, at) => [id, shelf(said[at].messages)]));
    this.whispers = new Map(humans.map((person, at) => [person.id, shelf(whispered[at].messages)]));
    this.whole = true;
  }

  seat(state) {
    this.people = new Map(state.people.map((person) => [person.id, person]));
    this.channels = new Map(state.channels.map((channel) => [channel.id, channel]));
    this.groups = new Map(state.groups.map((group) => [group.id, group]));
    this.bot = state.people.find((person) => person.is_bot) ?? null;
  }

  /** Those one can be, in the workspace's order. */
  humans() {
    return [...this.people.values()].filter((person) => !person.is_bot && !person.deleted);
  }

  /** The app's direct messages with a person, if they were ever opened. */
  dm(person) {
    return [...this.channels.values()].find((channel) => channel.im_with === person);
  }

  /** Every id with the name people know it by. */
  names() {
    const named = {};
    for (const person of this.people.values()) named[person.id] = person.name;
    for (const channel of this.channels.values()) named[channel.id] = channel.name;
    for (const group of this.groups.values()) named[group.id] = group.handle;
    return named;
  }

  /** What a person sees in a channel, oldest first: what was said and what only they see. */
  seen(channel, person) {
    const own = [...(this.whispers.get(person)?.values() ?? [])].filter((one) => one.channel === channel);
    return [...(this.messages.get(channel)?.values() ?? []), ...own].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  }

  /** Follows the journal until the key opens nothing any more. */
  async follow() {
    let pause = 1;
    for (;;) {
      try {
        if (!this.whole) {
          await this.load();
          this.tell({ loaded: true });
        }
        const said = await wire.look("changes", { after: this.counter, wait: WAIT });
        pause = 1;
        await this.take(said);
      } catch (problem) {
        if (!(problem instanceof wire.Refusal)) throw problem;
        this.whole = false;
        this.tell({ link: problem.status === 401 ? "locked" : "lost" });
        if (problem.status === 401) return;
        await rest(pause);
        pause = Math.min(pause * 2, LONGEST_REST);
      }
    }
  }

  async take(said) {
    if (said.reached - said.changes.length !== this.counter) {
      this.whole = false; // the workspace was started anew, or has forgotten what we missed
      return;
    }
    this.counter = said.reached;
    for (const change of said.changes) this.apply(change);
    const moved = said.changes.some((one) => one.kind === "channel" || one.kind === "group" || this.strange(one));
    if (moved) this.seat(await wire.look("state"));
    if (said.changes.length) this.tell({ changes: said.changes });
  }

  strange(change) {
    return change.message !== null && (!this.channels.has(change.message.channel) || !this.people.has(change.message.user));
  }

  apply({ kind, message, user }) {
    if (message === null) return;
    const shelves = message.ephemeral_to ? this.whispers : this.messages;
    const place = message.ephemeral_to ? user : message.channel;
    if (!shelves.has(place)) shelves.set(place, new Map());
    if (kind === "delete") shelves.get(place).delete(message.ts);
    else shelves.get(place).set(message.ts, message);
  }
}

const shelf = (messages) => new Map(messages.map((message) => [message.ts, message]));

/** Whether a message stands in the channel itself, not only in a thread. */
export const isRoot = (message) => !message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast";
