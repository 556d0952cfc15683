/** Instants in the reader's zone, in Slack's date formats, and the wall clock of that zone as an instant. */
import { link, make } from "./make.js";

const DAY = 86_400_000;

/** An instant (seconds) in a format of Slack; the fallback where the browser does not know the zone or the instant. */
export function dated(seconds, format, { fallback = "", url = "" } = {}, ctx = {}) {
  let shown = fallback || String(seconds);
  let exact = null;
  try {
    const at = new Date(seconds * 1000);
    exact = at.toISOString();
    shown = format.replace(/\{([a-z_]+)\}/g, (whole, name) => piece(name, at, ctx) ?? whole);
  } catch (problem) {
    if (!(problem instanceof RangeError)) throw problem; // no such zone, or no such instant
  }
  const title = exact ? `${exact.slice(0, 16).replace("T", " ")} UTC` : null;
  const node = make("time", { class: "b-date", datetime: exact, title }, shown);
  return url ? link(url, node) : node;
}

function locale(ctx) {
  const wanted = String(ctx.lang || "en").replace("_", "-");
  try {
    return Intl.getCanonicalLocales(wanted)[0];
  } catch {
    return "en";
  }
}

function piece(name, at, ctx) {
  const say = (options) => new Intl.DateTimeFormat(locale(ctx), { timeZone: ctx.zone || "UTC", ...options }).format(at);
  const pretty = name.endsWith("_pretty");
  switch (pretty ? name.slice(0, -"_pretty".length) : name) {
    case "date":
      return (pretty && near(at, ctx)) || say({ month: "long", day: "numeric", year: "numeric" });
    case "date_short":
      return (pretty && near(at, ctx)) || say({ month: "short", day: "numeric", year: "numeric" });
    case "date_long":
    case "date_long_full":
      return (pretty && near(at, ctx)) || say({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
    case "date_num":
      return day(at, ctx.zone);
    case "date_slash":
      return say({ month: "2-digit", day: "2-digit", year: "numeric" });
    case "day_divider":
      return near(at, ctx) || say({ weekday: "long", month: "long", day: "numeric" });
    case "time":
      return say({ hour: "numeric", minute: "2-digit" });
    case "time_secs":
      return say({ hour: "numeric", minute: "2-digit", second: "2-digit" });
    case "ago":
      return ago(at, ctx);
    default:
      return null;
  }
}

/** yesterday, today or tomorrow in the reader's words; null for other days. */
function near(at, ctx) {
  const days = Math.round((Date.parse(day(at, ctx.zone)) - Date.parse(day(new Date(now(ctx)), ctx.zone))) / DAY);
  return Math.abs(days) <= 1 ? new Intl.RelativeTimeFormat(locale(ctx), { numeric: "auto" }).format(days, "day") : null;
}

function ago(at, ctx) {
  const seconds = (at.getTime() - now(ctx)) / 1000;
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]].find(
    ([, least]) => Math.abs(seconds) >= least || least === 1,
  );
  return new Intl.RelativeTimeFormat(locale(ctx), { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

function now(ctx) {
  return typeof ctx.now === "function" ? ctx.now() : Date.now();
}

/** The wall clock of a zone at an instant, field by field. */
function wall(at, zone) {
  const format = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
    timeZone: zone || "UTC",
    hourCycle: "h23",
    ...{ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  });
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}

/** The day of an instant in a zone, as YYYY-MM-DD. */
export function day(at, zone) {
  const { year, month, day: date } = wall(at, zone);
  return `${year.padStart(4, "0")}-${month}-${date}`;
}

/** An instant (seconds) as the value of a datetime-local field in that zone. */
export function toLocal(seconds, zone) {
  const at = new Date(seconds * 1000);
  const { hour, minute } = wall(at, zone);
  return `${day(at, zone)}T${hour}:${minute}`;
}

/** The instant (seconds) at which the wall clock of a zone says this; in an hour that is skipped, the one after. */
export function fromLocal(text, zone) {
  const asked = Date.parse(`${text}Z`);
  if (Number.isNaN(asked)) return null;
  const shift = (instant) => {
    const clock = wall(new Date(instant), zone);
    return Date.UTC(clock.year, clock.month - 1, clock.day, clock.hour, clock.minute, clock.second) - instant;
  };
  const early = asked - Math.max(shift(asked - DAY), shift(asked + DAY));
  const late = asked - Math.min(shift(asked - DAY), shift(asked + DAY));
  const found = early + shift(early) === asked ? early : late;
  return Math.round(found / 1000);
}
