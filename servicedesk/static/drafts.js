// What is typed in the composer survives a reload, for this tab of the browser, until it has arrived.

const PREFIX = "draft ";
const SENDING = "sending";

export function keepDrafts(root) {
  if (!document.querySelector(".problem")) write(read(SENDING), "");
  write(SENDING, "");
  for (const form of root.querySelectorAll("form[data-draft]")) keep(form);
}

function keep(form) {
  const text = form.querySelector("textarea");
  const key = PREFIX + form.dataset.draft;
  if (!text.value) text.value = read(key);
  text.addEventListener("input", () => write(key, text.value));
  form.addEventListener("submit", () => write(SENDING, key));
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    form.requestSubmit(form.querySelector(".button-main"));
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
