/** Draws pictures and files. Only what the workspace itself holds is loaded: the page asks nobody else for anything. */
import { Lacking, link, make, need, safe } from "./make.js";
import { plain } from "./mrkdwn.js";

/** An image block, with its title above. */
export function block(given, ctx) {
  const alt = need(given.alt_text, "alt_text");
  const title = given.title ? make("figcaption", {}, plain(need(given.title.text, "title"), ctx, given.title)) : null;
  return make("figure", {}, title, picture(given, alt, ctx, "b-picture"));
}

/** An image element: a small picture in a section or a context. */
export function small(given, ctx) {
  return picture(given, need(given.alt_text, "alt_text"), ctx, "b-thumbnail");
}

/** The files of a message: pictures as pictures, others as a line to save them by. */
export function files(given, ctx) {
  return make("div", { class: "b-files" }, given.map((file) => one(file, ctx)));
}

function picture(given, alt, ctx, kind) {
  const held = given.slack_file?.id ?? heldAt(given.slack_file?.url ?? given.image_url);
  if (held) return loaded(held, alt, ctx, kind);
  const address = given.image_url ?? given.slack_file?.url;
  if (!address) throw new Lacking("neither image_url nor slack_file");
  if (new URL(address, location.href).origin === location.origin) {
    return make("img", { class: kind, src: address, alt, loading: "lazy" });
  }
  return elsewhere(address, alt, kind);
}

/** The id of a file of this workspace that an address names, or null. */
function heldAt(address) {
  if (!address) return null;
  const url = URL.canParse(address, location.href) ? new URL(address, location.href) : null;
  const found = url && url.origin === location.origin ? /^\/files\/(F[A-Z0-9]+)(?:\/|$)/.exec(url.pathname) : null;
  return found ? found[1] : null;
}

/** A picture of another server: its words and its host, and a link for who wants to see it. */
function elsewhere(address, alt, kind) {
  const host = safe(address) === null ? "" : new URL(address).host;
  if (kind === "b-thumbnail") {
    return make("span", { class: `${kind} b-elsewhere`, role: "img", "aria-label": alt, title: `${alt} (${host})` }, initial(alt));
  }
  const words = make("span", { class: "b-alt" }, alt);
  return make("div", { class: `${kind} b-elsewhere` }, words, link(address, `Picture at ${host}`));
}

function initial(alt) {
  return ([...alt.trim()][0] ?? "?").toLocaleUpperCase();
}

function loaded(id, alt, ctx, kind) {
  const node = make("img", { class: kind, alt, "data-file": id });
  fetched(id, ctx).then(
    (address) => (node.src = address),
    () => {
      const words = [make("span", { class: "b-alt" }, alt), make("span", {}, "The picture could not be loaded.")];
      node.replaceWith(make("div", { class: `${kind} b-elsewhere` }, words));
    },
  );
  return node;
}

async function fetched(id, ctx) {
  if (!ctx.file) throw new Lacking("no way to load files");
  return ctx.file(id);
}

function one(file, ctx) {
  const title = String(file.title || file.name || file.id);
  if (/^image\/(png|jpeg|gif|webp)$/.test(file.mimetype ?? "")) {
    const drawn = loaded(file.id, file.alt_txt || title, ctx, "b-picture");
    return make("figure", { class: "b-image" }, make("figcaption", {}, title), drawn);
  }
  const node = make("button", { type: "button", class: "b-file", "data-file": file.id });
  const mark = make("span", { class: "b-kind", "aria-hidden": "true" }, String(file.filetype || "file").slice(0, 4).toUpperCase());
  node.append(mark, make("span", { class: "b-name" }, title), make("span", { class: "b-small" }, size(file.size)));
  node.addEventListener("click", async () => {
    const saved = make("a", { href: await fetched(file.id, ctx), download: String(file.name || title) });
    saved.click();
  });
  return node;
}

function size(bytes) {
  if (!(bytes >= 0)) return "";
  const [unit, by] = bytes < 1000 ? ["byte", 1] : bytes < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6];
  return new Intl.NumberFormat("en", { style: "unit", unit, maximumFractionDigits: 1 }).format(bytes / by);
}
