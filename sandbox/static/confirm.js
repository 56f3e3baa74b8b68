// The small "are you sure" dialog that an element may ask for before it acts.

import { h, uid } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

/** Resolves to true when the person confirms, false when they step back. */
export function confirmFirst(confirm, directory) {
  const title = uid("confirm");
  const style = confirm.style === "danger" ? "danger" : "primary";
  const words = confirm.text?.type === "mrkdwn" ? mrkdwn(confirm.text.text, directory) : confirm.text?.text;
  return new Promise((resolve) => {
    const finish = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = h(
      "dialog",
      { class: "modal confirm", "aria-labelledby": title, "data-testid": "confirm" },
      h("header", null, h("h2", { id: title }, confirm.title?.text ?? "Are you sure?")),
      h("div", { class: "modal-body prose" }, words),
      h(
        "footer",
        null,
        h("button", { type: "button", class: "button plain", "data-testid": "confirm-deny", onclick: () => finish(false) }, confirm.deny?.text ?? "No"),
        h("button", { type: "button", class: `button ${style}`, "data-testid": "confirm-yes", onclick: () => finish(true) }, confirm.confirm?.text ?? "Yes"),
      ),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      finish(false);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
