// Choosing rows of a list: x chooses the row that is looked at, Shift and a click or x all rows
// from the one chosen last. The bar below says how many there are.

import { typing } from "./shortcuts.js";

const bar = () => document.querySelector("[data-choose-bar]");
const boxes = () => [...document.querySelectorAll('tr[data-link] input[name="chosen"]')];

let last = null;

export function tendChoices() {
  if (!bar() || !boxes().length) return;
  document.addEventListener("keydown", press);
  document.addEventListener("click", extend);
  document.addEventListener("change", tell);
  bar().addEventListener("submit", keepChosen);
  window.addEventListener("pageshow", tell); // a browser may have kept the ticks
  tell();
}

function press(event) {
  if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const box = document.querySelector('tr[data-link][aria-current] input[name="chosen"]') ?? boxes()[0];
  event.preventDefault();
  if (event.shiftKey && last) choose(last, box, true);
  else box.checked = !box.checked;
  last = box;
  tell();
}

function extend(event) {
  const box = event.target.closest('input[name="chosen"]');
  if (!box) return;
  if (event.shiftKey && last) choose(last, box, box.checked);
  last = box;
  tell();
}

function choose(one, two, checked) {
  const all = boxes();
  const [from, to] = [all.indexOf(one), all.indexOf(two)].sort((a, b) => a - b);
  if (from < 0) return;
  for (const box of all.slice(from, to + 1)) box.checked = checked;
}

function tell() {
  const count = boxes().filter((box) => box.checked).length;
  const place = bar().querySelector("[data-choose-count]");
  bar().hidden = count === 0;
  const words = place.dataset.words.replace("0", count.toLocaleString(document.documentElement.lang));
  if (place.textContent !== words) place.textContent = words;
  const all = document.querySelector("[data-choose-all]");
  if (!all) return;
  all.checked = count > 0 && count === boxes().length;
  all.indeterminate = count > 0 && !all.checked;
}

// What came and went meanwhile must not be chosen unseen.
function keepChosen() {
  for (const box of boxes()) if (box.closest(".row-gone")) box.checked = false;
}
