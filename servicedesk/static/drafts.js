// What is typed in a form survives a reload, for this tab of the browser, until it has arrived.

const PREFIX = "draft ";
const SENDING = "sending";

export function keepDrafts(root) {
  const arrived = document.querySelector(".problem") ? [] : read(SENDING).split("\n");
  for (const key of arrived) write(key, "");
  write(SENDING, "");
  for (const form of root.querySelectorAll("form[data-draft]")) keep(form);
}

// A form that says which version of a kept text it changes goes on where it was left, on that version.
function keep(form) {
  const version = form.dataset.draftVersion;
  const keys = [...form.querySelectorAll("textarea")].map((text, n) => {
    const key = PREFIX + [form.dataset.draft, version, n ? text.name : ""].filter(Boolean).join(" ");
    if (!text.value || version) text.value = read(key) || text.value;
    text.addEventListener("input", () => write(key, text.value));
    sendByKey(text, form.querySelector(version ? "button" : ".button-main"));
    return key;
  });
  form.addEventListener("submit", () => write(SENDING, keys.join("\n")));
}

function sendByKey(text, button) {
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    button.form.requestSubmit(button);
  });
}

// A browser may forbid storage: then there are no drafts.
function read(key) {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function write(key, text) {
  if (!key) return;
  try {
    if (text) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  } catch {
    // Storage is forbidden or full: the text is in the field all the same.
  }
}
