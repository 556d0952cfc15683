/** The dialog that asks before a press counts. */
import * as back from "./back.js";
import { fresh, make } from "./make.js";
import { words } from "./mrkdwn.js";

/** Shows a confirm object; true when its person agreed, false when they denied, pressed Escape or closed it. */
export function agreed(asked, ctx) {
  const title = fresh("b-title");
  const text = fresh("b-asked");
  const dialog = make("dialog", { class: "b-confirm", "aria-labelledby": title, "aria-describedby": text });
  const style = asked.style === "danger" ? "b-danger" : "b-primary";
  const no = make("button", { type: "button", class: "b-button", value: "no" }, words(asked.deny, ctx));
  const yes = make("button", { type: "button", class: `b-button b-solid ${style}`, value: "yes" }, words(asked.confirm, ctx));
  dialog.append(
    make("h2", { id: title }, words(asked.title, ctx)),
    make("div", { id: text, class: "b-text" }, words(asked.text, ctx)),
    make("div", { class: "b-answers" }, no, yes),
  );
  return new Promise((answer) => {
    const leave = back.way();
    for (const button of [no, yes]) button.addEventListener("click", () => dialog.close(button.value));
    // Escape belongs to this dialog: what stands behind it stays.
    dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
    dialog.addEventListener("cancel", (event) => event.stopPropagation());
    dialog.addEventListener("close", () => {
      dialog.remove();
      leave();
      answer(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
  });
}
