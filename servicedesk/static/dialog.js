// A link with data-dialog shows the form of its page in a native dialog. Without this the link just
// goes there. The form is sent as any form: what is refused comes back as that page, still filled in.

import { takeFiles } from "./files.js";
import { chooseDays } from "./wishing.js";

export function openDialogs() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link.href);
  });
  document.getElementById("shortcuts")?.addEventListener("click", closeOnX);
}

async function open(address) {
  const form = await formAt(address);
  if (!form) return location.assign(address);
  form.action = form.getAttribute("action") || address;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "dialog-title");
  dialog.append(document.adoptNode(form));
  dialog.addEventListener("click", closeOnX);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  takeFiles(dialog);
  chooseDays(dialog);
  dialog.showModal();
  (form.querySelector("[autofocus]") ?? firstField(form))?.focus();
}

function firstField(form) {
  const fields = form.querySelectorAll(".dialog-body :is(input, select, textarea):not([type=hidden])");
  const wrong = [...fields].find((field) => field.getAttribute("aria-invalid") === "true");
  return wrong ?? [...fields].find((field) => field.type !== "radio" || field.checked);
}

async function formAt(address) {
  try {
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("main form.dialog");
  } catch {
    return null;
  }
}

function closeOnX(event) {
  if (!event.target.closest("[data-close]")) return;
  event.preventDefault();
  event.currentTarget.close();
}
