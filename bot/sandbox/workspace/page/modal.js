// The app's modals, the top one of up to three: fields, errors at their fields, Escape closes one.

import * as back from "./back.js";
import { drawBlocks } from "./blocks.js";
import { h, icon, iconButton, toast } from "./dom.js";
import * as forms from "./forms.js";
import { plain } from "./mrkdwn.js";
import { failed, perform, pressing, reader } from "./reader.js";
import * as wire from "./wire.js";

/** What a person's screen shows above the page, and their App Home; `sync` asks the workspace for both. */
export class Screen {
  constructor(world, now) {
    this.world = world;
    this.now = now;
    this.me = "";
    this.home = null;
    this.views = [];
    this.asked = 0;
    this.dialog = null;
    this.drawn = { id: "", mark: "", ctx: null };
    this.leave = () => {}; // gives the focus back to what had it before the first modal
  }

  /** Reads the views of a person and draws the one on top; `errors` are shown in place of those the app gave. */
  async sync(me, errors = null) {
    const turn = (this.asked += 1);
    const said = await wire.look("views", { user: me });
    if (turn !== this.asked) return;
    if (me !== this.me) this.drop();
    this.me = me;
    this.views = said.views;
    this.home = said.home;
    this.draw(errors);
  }

  drop() {
    this.dialog?.close();
    this.dialog?.remove();
    this.dialog = null;
    this.drawn = { id: "", mark: "", ctx: null };
  }

  draw(errors) {
    const view = this.views[this.views.length - 1];
    if (!view) {
      if (this.dialog) {
        this.drop();
        this.leave();
      }
      return;
    }
    const mark = JSON.stringify([view.id, view.content, errors ?? view.errors]);
    if (mark === this.drawn.mark) return;
    const same = view.id === this.drawn.id;
    const ctx = this.context(view, errors ?? view.errors, same);
    this.fill(view, ctx, same);
    this.drawn = { id: view.id, mark, ctx };
  }

  context(view, errors, same) {
    const base = { ...reader(this.world, this.me), now: this.now, errors, standing: view.state };
    if (same) base.typed = forms.typed(this.drawn.ctx.fields);
    const ctx = pressing(this.world, base, {}, () => this.keep(ctx));
    ctx.told = new Map(); // what the workspace was told of each field
    ctx.changed = async (block, element, value) => {
      await this.keep(ctx);
      await perform(this.world, "fill", { by: this.me, values: { [`${block.block_id}/${element.action_id}`]: value } });
    };
    return ctx;
  }

  /** Tells the workspace what was typed where the app hears nothing, or nothing before Enter: its next act carries it. */
  async keep(ctx) {
    for (const [key, says] of ctx.fields) {
      if (says.block.type !== "input" || (says.block.dispatch_action && !typed(says.block)) || says.problem()) continue;
      const value = says();
      const mark = JSON.stringify(value);
      if (ctx.told.get(key) === mark) continue;
      ctx.told.set(key, mark);
      await wire.act("fill", { by: this.me, values: { [key]: value }, quietly: true }).catch(() => ctx.told.delete(key));
    }
  }

  fill(view, ctx, same) {
    const { content } = view;
    const under = this.views[this.views.length - 2];
    const said = (words, otherwise) => plain(words?.text ?? otherwise, ctx);
    const at = same ? this.focused() : null;
    const top = same ? this.dialog.querySelector(".modal-body").scrollTop : 0;
    const body = h("div", { class: "modal-body" }, drawBlocks(content.blocks ?? [], ctx));
    const send = content.submit ? h("button", { type: "submit", class: "primary", disabled: content.submit_disabled || null }, said(content.submit)) : null;
    const close = h("button", { type: "button", class: "plain", on: { click: () => this.close() } }, said(content.close, content.submit ? "Cancel" : "Close"));
    const form = h("form", { class: "modal-form", novalidate: true, on: { submit: (event) => this.submit(event, ctx) } },
      h("header", { class: "modal-head" },
        under ? iconButton("back", `Back to ${under.content.title?.text ?? "the form before"}`, () => this.close()) : h("img", { src: "/page/bell.svg", alt: "", class: "face small" }),
        h("h2", { id: "modal-title" }, said(content.title, "")),
        iconButton("close", "Close", () => this.close())),
      body,
      h("p", { class: "modal-trouble", role: "alert", hidden: true }),
      h("footer", { class: "modal-foot" }, close, send));
    this.stand();
    this.dialog.replaceChildren(form);
    body.scrollTop = top;
    this.focus(body, ctx, at);
  }

  stand() {
    if (this.dialog) return;
    this.leave = back.way();
    this.dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title" });
    this.dialog.addEventListener("cancel", (event) => {
      if (event.target !== this.dialog) return; // a dialog of a field within
      event.preventDefault();
      this.close();
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  reachable() {
    return [...this.dialog.querySelectorAll("input, select, textarea, button, a[href], [contenteditable]")].filter((one) => !one.disabled);
  }

  focused() {
    const node = document.activeElement;
    return { place: this.reachable().indexOf(node), from: node?.selectionStart, to: node?.selectionEnd };
  }

  focus(body, ctx, at) {
    if (Object.keys(ctx.errors).length) {
      body.querySelector("[aria-invalid=true]")?.focus();
      return;
    }
    const fields = [...body.querySelectorAll("input, select, textarea, [contenteditable]")].filter((one) => !one.disabled && one.offsetParent);
    const node = at ? this.reachable()[at.place] : null;
    (node ?? fields[0] ?? this.dialog.querySelector("footer .primary") ?? this.dialog.querySelector("footer button")).focus();
    if (node?.setSelectionRange && typeof at.from === "number") node.setSelectionRange(at.from, at.to);
  }

  async submit(event, ctx) {
    event.preventDefault();
    const values = {};
    const wrong = {};
    for (const [key, says] of ctx.fields) {
      values[key] = says();
      const problem = says.problem();
      if (problem) wrong[says.block.block_id] = problem;
    }
    if (Object.keys(wrong).length) {
      this.drawn.mark = ""; // the same words once more are still said
      this.draw(wrong);
      return;
    }
    await this.busy(async () => {
      const reply = await wire.act("submit", { by: this.me, values });
      if (reply.acked === false) this.trouble(`We had some trouble connecting to ${this.world.about.name} (${reply.error}). Try again?`);
    });
  }

  close() {
    return this.busy(() => wire.act("close", { by: this.me }));
  }

  async busy(act) {
    const buttons = [...this.dialog.querySelectorAll("footer button")].filter((one) => !one.disabled);
    this.dialog.setAttribute("aria-busy", "true");
    buttons.forEach((one) => (one.disabled = true));
    try {
      await act();
    } catch (problem) {
      if (!(problem instanceof wire.Refusal)) throw problem;
      if (this.dialog) this.trouble(problem.message);
      else failed(this.world.about.name, problem);
    }
    buttons.forEach((one) => (one.disabled = false));
    this.dialog?.removeAttribute("aria-busy");
    await this.sync(this.me).catch(() => toast("The workspace does not answer.", "bad"));
  }

  trouble(words) {
    const said = this.dialog?.querySelector(".modal-trouble");
    if (!said) return;
    said.replaceChildren(icon("close"), words);
    said.hidden = false;
  }
}

/** Whether somebody types into it, so that words stand there before Enter is pressed. */
const typed = (block) => block.element?.type.endsWith("_input");
