// Lists: j and k walk, o opens, a click beside the title chooses; where a preview stands beside the
// list, the chosen row is shown there.

import { typing } from "./shortcuts.js";

const rows = () => [...document.querySelectorAll("tr[data-link]")];
const current = () => document.querySelector("tr[data-link][aria-current]");
const preview = () => document.getElementById("preview");

let asked = 0;

export function tendRows() {
  if (!rows().length) return;
  document.addEventListener("keydown", walk);
  document.addEventListener("click", choose);
  document.addEventListener("change", chooseAll);
}

function walk(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (step) {
    event.preventDefault();
    moveTo(neighbour(step));
  } else if (event.key === "o" && current() && !visiblePreview()) {
    event.preventDefault();
    location.assign(current().dataset.link);
  }
}

function neighbour(step) {
  const all = rows();
  const at = all.indexOf(current());
  if (at < 0) return step > 0 ? all[0] : all.at(-1);
  return all[Math.min(Math.max(at + step, 0), all.length - 1)];
}

function moveTo(row) {
  mark(row);
  row.querySelector(".row-title a").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  show(row);
}

function mark(row) {
  current()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
}

function choose(event) {
  const row = event.target.closest("tr[data-preview]");
  if (!row || event.target.closest("input") || event.ctrlKey || event.metaKey) return;
  if (!visiblePreview() || row === current()) return;
  event.preventDefault();
  mark(row);
  show(row);
}

function visiblePreview() {
  return Boolean(preview()?.checkVisibility());
}

async function show(row) {
  if (!visiblePreview() || !row.dataset.preview) return;
  const mine = ++asked;
  const page = await fetched(row.dataset.preview);
  if (page && mine === asked) preview().replaceChildren(...contents(page));
}

// The answer is the piece alone, or a whole page that has the piece in it.
function contents(page) {
  return [...(page.getElementById("preview") ?? page.body).childNodes].map((node) => document.adoptNode(node));
}

async function fetched(address) {
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

function chooseAll(event) {
  if (!event.target.matches("[data-choose-all]")) return;
  const table = event.target.closest("table");
  for (const box of table.querySelectorAll('tbody input[type="checkbox"]')) {
    box.checked = event.target.checked;
  }
}
