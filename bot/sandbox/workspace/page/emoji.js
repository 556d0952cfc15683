/** The emoji people and the bot use by name; one that is not here is shown by its name. */
import { make } from "./make.js";

const NAMES = {
  pushpin: "📌", round_pushpin: "📍", eyes: "👀", white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️",
  x: "❌", negative_squared_cross_mark: "❎", warning: "⚠️", rotating_light: "🚨", fire: "🔥", bell: "🔔", no_bell: "🔕",
  mega: "📣", loudspeaker: "📢", pager: "📟", telephone_receiver: "📞", iphone: "📱", email: "✉️", inbox_tray: "📥",
  red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵",
  large_purple_circle: "🟣", white_circle: "⚪", black_circle: "⚫", red_square: "🟥", small_red_triangle: "🔺",
  small_red_triangle_down: "🔻", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊",
  clock1: "🕐", clock3: "🕒", clock9: "🕘", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰",
  calendar: "📅", date: "📅", spiral_calendar_pad: "🗓️", memo: "📝", pencil: "📝", clipboard: "📋", page_facing_up: "📄",
  scroll: "📜", book: "📖", books: "📚", bookmark: "🔖", link: "🔗", paperclip: "📎", mag: "🔍", mag_right: "🔎", lock: "🔒",
  unlock: "🔓", key: "🔑", shield: "🛡️", gear: "⚙️", wrench: "🔧", hammer: "🔨", hammer_and_wrench: "🛠️", toolbox: "🧰",
  robot_face: "🤖", computer: "💻", brain: "🧠", test_tube: "🧪", microscope: "🔬", zap: "⚡", bulb: "💡", rocket: "🚀",
  ship: "🚢", package: "📦", rewind: "⏪", fast_forward: "⏩", arrow_backward: "◀️", arrow_forward: "▶️",
  leftwards_arrow_with_hook: "↩️", arrow_up: "⬆️", arrow_down: "⬇️", arrow_left: "⬅️", arrow_right: "➡️",
  arrows_counterclockwise: "🔄", repeat: "🔁", double_vertical_bar: "⏸️", black_square_for_stop: "⏹️", no_entry: "⛔",
  no_entry_sign: "🚫", octagonal_sign: "🛑", construction: "🚧", question: "❓", grey_question: "❔", exclamation: "❗",
  information_source: "ℹ️", bust_in_silhouette: "👤", busts_in_silhouette: "👥", raised_hand: "✋", hand: "✋", wave: "👋",
  point_right: "👉", point_up: "☝️", "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", ok_hand: "👌", clap: "👏",
  raised_hands: "🙌", pray: "🙏", muscle: "💪", handshake: "🤝", tada: "🎉", trophy: "🏆", star: "⭐", sparkles: "✨",
  heart: "❤️", green_heart: "💚", broken_heart: "💔", smile: "😄", slightly_smiling_face: "🙂", grinning: "😀", joy: "😂",
  thinking_face: "🤔", sob: "😭", cry: "😢", sweat_smile: "😅", scream: "😱", sunglasses: "😎", facepalm: "🤦",
  "100": "💯", sunny: "☀️", cloud: "☁️", partly_sunny: "⛅", snowflake: "❄️", crescent_moon: "🌙", zzz: "💤", coffee: "☕",
  snail: "🐌", bug: "🐛", unicorn_face: "🦄", see_no_evil: "🙈", ghost: "👻", skull: "💀", recycle: "♻️", wastebasket: "🗑️",
  globe_with_meridians: "🌐", earth_africa: "🌍", house: "🏠", office: "🏢", bank: "🏦", moneybag: "💰", credit_card: "💳",
  heavy_plus_sign: "➕", heavy_minus_sign: "➖", new: "🆕", sos: "🆘", ok: "🆗", up: "🆙", cool: "🆒", free: "🆓",
  one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣", white_large_square: "⬜", black_large_square: "⬛",
};
const CODE = /:([a-z0-9_+-]{1,100}):(?::skin-tone-[2-6]:)?/g;

/** The picture of a name without its colons, or null. */
export function picture(name) {
  return Object.hasOwn(NAMES, name) ? NAMES[name] : null;
}

/** An emoji by its name; `:name:` in muted letters where there is no picture of it. */
export function emoji(name) {
  const drawn = picture(name);
  if (drawn === null) return make("span", { class: "b-emoji-name" }, `:${name}:`);
  return make("span", { class: "b-emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, drawn);
}

/** An emoji by its code points in hexadecimal, such as 1f4cc or 1f9d1-200d-1f4bb; by its name where they are none. */
export function fromCodes(codes, name) {
  const points = String(codes).split("-").map((each) => Number.parseInt(each, 16));
  if (points.some((point) => !(point > 0 && point <= 0x10ffff) || (point >= 0xd800 && point < 0xe000))) return emoji(name);
  const shown = String.fromCodePoint(...points);
  return make("span", { class: "b-emoji", role: "img", "aria-label": String(name).replaceAll("_", " ") }, shown);
}

/** Text in which the known `:names:` are emoji; all else stays as it is. */
export function withEmoji(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(CODE)) {
    if (picture(found[1]) === null) continue;
    nodes.push(text.slice(from, found.index), emoji(found[1]));
    from = found.index + found[0].length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

/** Every name that has a picture, for those who pick a reaction. */
export const names = Object.keys(NAMES);
