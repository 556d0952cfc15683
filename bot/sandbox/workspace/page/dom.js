// Builds elements: text always becomes a text node, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element; props become properties (`text`, `class`, `on`, `data`) or attributes, null ones are left out. */
export function h(tag, props = {}, ...kids) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") made.textContent = value;
    else if (name === "class") made.className = value;
    else if (name === "on") for (const [kind, act] of Object.entries(value)) made.addEventListener(kind, act);
    else if (name === "data") Object.assign(made.dataset, value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...kids.flat().filter((kid) => kid !== null && kid !== undefined && kid !== false));
  return made;
}

const PATHS = {
  hash: "M9.5 4 8 20M16 4l-1.5 16M4.5 9h16M3.5 15h16",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  home: "M4 11.5 12 4l8 7.500M6 10v10h12V10M10 20v-6h4v6",
  chat: "M5 5h14v11H10l-5 4z",
  smile: "M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8.5 14a4 4 0 0 0 7 0M9 9.500v.5M15 9.500v.5",
  reply: "M5 5h14v10H11l-4 4v-4H5zM9 9h6M9 11.500h4",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  close: "M6 6l12 12M18 6 6 18",
  back: "M14.5 5.5 8 12l6.5 6.5",
  send: "M4 12 20 5l-5 15-3.5-6z",
  down: "M6 9l6 6 6-6",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6z",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v5",
  eye: "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM12 9.500a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  check: "M5 12.5 10 17 19 7",
  file: "M7 3.500h7l4 4V20.500H7zM14 3.500v4h4",
};

/** A small line drawing, hidden from screen readers. */
export function icon(name) {
  const drawn = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("class", `icon icon-${name}`);
  drawn.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  drawn.append(path);
  return drawn;
}

/** A button with a drawing and a name that is read out and shown as its hint. */
export function iconButton(name, label, act, more = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, on: { click: act }, ...more }, icon(name));
}

/** A person's square: the bell for the app, initials on a colour of their own for people. */
export function face(person, size = "") {
  const known = person ?? { id: "?", name: "?" };
  if (known.is_bot) return h("img", { class: `face ${size}`, src: "/page/bell.svg", alt: "" });
  const words = (known.real_name || known.name).split(/[\s.]+/u).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[words.length - 1][0] : known.name.slice(0, 2);
  const hue = [...known.id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 8, 7);
  return h("span", { class: `face face-${hue} ${size}`, "aria-hidden": "true", text: letters.toUpperCase() });
}

/** Says something in passing at the foot of the page. */
export function toast(words, kind = "") {
  const last = document.getElementById("toasts").lastElementChild;
  if (last?.textContent === words) last.remove();
  const said = h("p", { class: `toast ${kind}`, text: words });
  document.getElementById("toasts").append(said);
  setTimeout(() => said.remove(), kind === "bad" ? 9000 : 4500);
}

/** Says something to a screen reader only. */
export function speak(words) {
  document.getElementById("spoken").textContent = words;
}
