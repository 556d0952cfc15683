// "Use your own Slack": the manifest, the scopes and the two variables, ready to be copied.

import { h, iconButton, toast } from "./dom.js";
import { copy } from "./message.js";
import * as wire from "./wire.js";

const WAYS = [
  ["sockets", "Socket Mode", "Nothing of yours is reachable from outside; the usual choice."],
  ["http", "HTTP", "Slack calls your bot at an address it can reach; the choice for several replicas."],
];

/** Opens the dialog. */
export async function show() {
  let told;
  try {
    told = await wire.look("setup");
  } catch (problem) {
    if (!(problem instanceof wire.Refusal)) throw problem;
    toast(problem.message, "bad");
    return;
  }
  const dialog = h("dialog", { class: "modal setup", "aria-labelledby": "setup-title" });
  dialog.append(
    h("header", { class: "modal-head" }, h("h2", { id: "setup-title", text: "Use your own Slack" }), iconButton("close", "Close", () => dialog.close())),
    h("div", { class: "modal-body" },
      h("h3", { text: "1. Make the app" }),
      h("p", {}, "Paste this manifest at ", h("a", { href: "https://api.slack.com/apps?new_app=1", target: "_blank", rel: "noopener noreferrer", text: "api.slack.com/apps" }), " (“From a manifest”), then install the app."),
      manifests(told),
      h("h3", { text: "2. Tell the bot its tokens" }),
      env(told.env),
      h("h3", { text: "3. Run it" }),
      h("p", {}, "In a folder of your own, ", code("tocsin init"), " writes a configuration: put your people and models there. ", code("tocsin doctor"), " then says what is missing, and ", code("tocsin serve"), " runs the bot."),
      h("details", {}, h("summary", { text: `What the ${told.scopes.length} scopes are for` }), scopes(told.scopes))),
    h("footer", { class: "modal-foot" }, h("button", { type: "button", class: "primary", text: "Done", on: { click: () => dialog.close() } })),
  );
  const back = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    back?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

const code = (words) => h("code", { text: words });

function manifests(told) {
  const tabs = WAYS.map(([key, name]) => h("button", { type: "button", role: "tab", id: `way-${key}`, "aria-controls": "manifest", text: name }));
  const why = h("p", { class: "soft" });
  const text = h("pre", { class: "code", id: "manifest", role: "tabpanel", tabindex: "0" });
  const pick = (at, focus = false) => {
    tabs.forEach((tab, other) => {
      tab.setAttribute("aria-selected", String(other === at));
      tab.setAttribute("tabindex", other === at ? "0" : "-1");
    });
    why.textContent = WAYS[at][2];
    text.textContent = told[WAYS[at][0]];
    text.setAttribute("aria-labelledby", tabs[at].id);
    if (focus) tabs[at].focus();
  };
  tabs.forEach((tab, at) => {
    tab.addEventListener("click", () => pick(at));
    tab.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") pick(1 - at, true);
    });
  });
  pick(0);
  const take = h("button", { type: "button", class: "plain", text: "Copy manifest", on: { click: () => copy(text.textContent, "Manifest copied.") } });
  return h("div", { class: "manifest" }, h("div", { class: "tabs" }, h("div", { role: "tablist", "aria-label": "How Slack reaches the bot" }, tabs), take), why, text);
}

function env(pairs) {
  const lines = pairs.map(([name]) => `export ${name}=`).join("\n");
  const take = h("button", { type: "button", class: "plain", text: "Copy names", on: { click: () => copy(lines, "Copied.") } });
  const row = ([name, words]) => [h("dt", {}, h("code", { text: name })), h("dd", { text: words })];
  return h("div", { class: "env" }, h("dl", {}, pairs.flatMap(row)), take);
}

function scopes(all) {
  const head = h("thead", {}, h("tr", {}, ["Scope", "What for", "Without it"].map((words) => h("th", { scope: "col", text: words }))));
  const row = (one) => h("tr", {}, h("th", { scope: "row" }, h("code", { text: one.scope })), h("td", { text: one.why }), h("td", { text: one.without }));
  return h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Scopes" }, h("table", {}, head, h("tbody", {}, all.map(row))));
}
