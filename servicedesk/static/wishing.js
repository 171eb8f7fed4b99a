// Beside a wish: a click on a day of the desk's calendar fills the field, arrow keys walk, and what
// the chosen date means is said at once. Without this the calendar is there to read.

const ASKED = ["needed", "day", "time", "service"];
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

export function chooseDays(root) {
  for (const wish of root.querySelectorAll("[data-wish]")) tend(wish);
}

function tend(wish) {
  const form = wish.closest("form");
  makeButtons(wish);
  wish.addEventListener("click", (event) => choose(form, event.target.closest("[data-day]")));
  wish.addEventListener("keydown", walk);
  form.addEventListener("change", ({ target }) => {
    if (ASKED.includes(target.name)) renew(form, wish, target.name);
  });
  form.elements.service?.addEventListener("guessed", () => renew(form, wish, "service"));
}

function makeButtons(wish) {
  for (const cell of wish.querySelectorAll("td[data-day]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    button.append(...cell.childNodes);
    cell.append(button);
  }
  reach(wish);
}

// One day is in the tab order: the chosen one, else today.
function reach(wish) {
  const first = wish.querySelector(".is-chosen > button, .is-today > button, td > button");
  for (const button of wish.querySelectorAll("td > button")) {
    button.tabIndex = button === first ? 0 : -1;
    button.setAttribute("aria-pressed", String(button.parentElement.matches(".is-chosen")));
  }
}

function walk(event) {
  const step = STEPS[event.key];
  if (!step || !event.target.matches("td > button")) return;
  const days = [...event.currentTarget.querySelectorAll("td > button")];
  const next = days[days.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function choose(form, cell) {
  if (!cell) return;
  const pick = form.querySelector('[name="needed"][value="pick"]');
  if (pick) pick.checked = true;
  form.elements.day.value = cell.dataset.day;
  form.elements.day.dispatchEvent(new Event("change", { bubbles: true }));
}

let asked = 0;

async function renew(form, wish, changed) {
  const mine = ++asked;
  const fresh = await fetched(form, wish.dataset.wish);
  if (!fresh || mine !== asked) return;
  if (changed === "service") {
    wish.replaceChildren(...fresh.childNodes);
    makeButtons(wish);
  } else {
    wish.querySelector(".wish-hints").replaceChildren(...fresh.querySelector(".wish-hints").childNodes);
    mark(wish, fresh.querySelector(".is-chosen")?.dataset.day);
  }
}

function mark(wish, day) {
  for (const cell of wish.querySelectorAll("td")) cell.classList.toggle("is-chosen", Boolean(day) && cell.dataset.day === day);
  reach(wish);
}

async function fetched(form, address) {
  const url = new URL(address, location.href);
  for (const name of ASKED) {
    const value = new FormData(form).get(name);
    if (value !== null) url.searchParams.set(name, value);
  }
  try {
    const answer = await fetch(url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("[data-wish]");
  } catch {
    return null;
  }
}
