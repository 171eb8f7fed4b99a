// One-letter shortcuts: an element with data-key="x" is what the key x stands for.

const help = () => document.getElementById("shortcuts");

export function listenForKeys() {
  for (const opener of document.querySelectorAll("[data-shortcuts]")) {
    opener.hidden = false;
    opener.addEventListener("click", () => help().showModal());
  }
  document.addEventListener("keydown", press);
  document.addEventListener("click", compose);
}

export function typing(target) {
  return target.isContentEditable || Boolean(target.closest("input, textarea, select"))
    && !["checkbox", "radio"].includes(target.type);
}

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.isComposing || typing(event.target)) return;
  if (event.key === "?" && help() && !dialog()) return act(event, () => help().showModal());
  const wanted = find(event.key);
  if (wanted) act(event, () => (wanted.matches("input") ? focusOn(wanted) : wanted.click()));
}

// While a dialog is open, its keys are the only ones.
const dialog = () => [...document.querySelectorAll("dialog[open]")].at(-1);

function find(key) {
  const hits = (dialog() ?? document).querySelectorAll(`[data-key="${CSS.escape(key)}"]`);
  return [...hits].find((hit) => hit.checkVisibility()) ?? (key === "/" ? hits[0] : undefined);
}

function act(event, deed) {
  event.preventDefault();
  deed();
}

function focusOn(field) {
  const popover = field.closest("[popover]");
  if (popover && !field.checkVisibility()) popover.showPopover();
  field.focus();
  field.select();
}

function compose(event) {
  const link = event.target.closest("[data-compose]");
  const tab = link && document.querySelector(`#composer .composer-tab-${link.dataset.compose}`);
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  tab.checked = true;
  const text = document.querySelector(`#composer .composer-${link.dataset.compose} textarea`);
  text.focus({ preventScroll: true });
  text.closest("#composer").scrollIntoView({ block: "nearest" });
}
