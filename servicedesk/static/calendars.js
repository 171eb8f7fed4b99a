// Twelve months: what is pressed shows at once, and the arrow keys go from day to day.
// Without this each press is a page of its own, and the tab key goes through the days.

const sheet = document.getElementById("calendar-sheet");
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
let last = Promise.resolve();

sheet.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.hasAttribute("formaction")) return;
  event.preventDefault();
  show(button?.name, button?.value);
});
sheet.addEventListener("change", (event) => {
  if (event.target.closest("[data-part=week], [data-part=place]")) show("show", "1");
});
sheet.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("button.day")) return move(event);
  const days = event.target.closest("[data-part=days]");
  if (event.key === "Enter" && event.target.matches("input") && days) {
    event.preventDefault();
    days.querySelector("[name=set]").click();
  }
});
oneStop();

// One after the other: each builds on what the one before came back with.
function show(name, value) {
  last = last.then(() => send(name, value));
}

async function send(name, value) {
  const said = new FormData(sheet);
  if (name) said.append(name, value);
  const address = `${sheet.action}?${new URLSearchParams(said)}`;
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("calendar-sheet")) throw new Error("another page");
    renew(page);
    history.replaceState(null, "", answer.url);
  } catch {
    location.assign(address);
  }
}

function renew(page) {
  const id = document.activeElement?.id;
  const open = sheet.querySelector(".calendar-drafted")?.open;
  for (const part of sheet.querySelectorAll("[data-part]")) {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (part.innerHTML !== fresh.innerHTML) part.replaceChildren(...fresh.childNodes);
  }
  const drafted = sheet.querySelector(".calendar-drafted");
  if (drafted && open) drafted.open = true;
  oneStop();
  focusAgain(id && document.getElementById(id));
}

function focusAgain(place) {
  if (!place || place === document.activeElement) return;
  place.focus({ preventScroll: true });
  if (place.matches("input:not([type=date])")) place.select();
}

// The tab key finds one day: the chosen one, else the first that can be pressed.
function oneStop(stop) {
  const days = [...sheet.querySelectorAll("button.day")];
  const there = stop ?? days.find((day) => day.matches(".day-chosen")) ?? days[0];
  for (const day of days) day.tabIndex = day === there ? 0 : -1;
}

function move(event) {
  const to = aim(event.key, event.target.value);
  if (!to) return;
  event.preventDefault();
  const day = document.getElementById(`d-${to}`);
  if (!day?.matches("button")) return;
  oneStop(day);
  day.focus();
}

function aim(key, from) {
  const [year, month, day] = from.split("-").map(Number);
  const months = { PageUp: -1, PageDown: 1 }[key];
  if (months) {
    const most = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
    return written(Date.UTC(year, month - 1 + months, Math.min(day, most)));
  }
  return key in STEPS ? written(Date.UTC(year, month - 1, day + STEPS[key])) : null;
}

function written(at) {
  return new Date(at).toISOString().slice(0, 10);
}
