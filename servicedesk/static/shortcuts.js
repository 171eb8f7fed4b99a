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
  if (event.isComposing || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?" && help()) return act(event, () => help().showModal());
  const wanted = find(event.key);
  if (wanted) act(event, () => (wanted.matches("input") ? focusOn(wanted) : wanted.click()));
}

function find(key) {
  const hits = document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`);
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
