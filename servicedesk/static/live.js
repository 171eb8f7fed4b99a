// A search with data-live="id" shows what it finds in that place while it is typed. A page with
// data-renews brings itself up to now: of its parts, data-renewed, those that changed are replaced.

const PAUSE = 180; // milliseconds
const EVERY = 60_000;

let asked = 0;

export function searchLive() {
  for (const form of document.querySelectorAll("form[data-live]")) {
    form.addEventListener("input", () => look(form));
  }
}

async function look(form) {
  const mine = ++asked;
  await new Promise((done) => setTimeout(done, PAUSE));
  if (mine !== asked) return;
  const page = await found(`${form.action}?${new URLSearchParams(new FormData(form))}`);
  const fresh = page?.getElementById(form.dataset.live);
  if (fresh && mine === asked) document.getElementById(form.dataset.live).replaceChildren(...fresh.childNodes);
}

async function found(address) {
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

export function renewPage() {
  if (!document.querySelector("[data-renews]")) return;
  let last = Date.now();
  const due = async () => {
    if (document.hidden || Date.now() - last < EVERY) return;
    last = Date.now();
    renewParts(await found(location.href));
  };
  setInterval(due, EVERY / 12);
  document.addEventListener("visibilitychange", due);
}

function renewParts(page) {
  const there = page?.querySelector("[data-renews]");
  const stale = document.querySelector("[data-stale]");
  if (stale) stale.hidden = Boolean(there);
  for (const part of there?.querySelectorAll("[data-renewed]") ?? []) {
    const shown = document.querySelector(`[data-renewed="${part.dataset.renewed}"]`);
    const used = shown?.contains(document.activeElement) || shown?.contains(getSelection().anchorNode);
    if (shown && !used && shown.innerHTML !== part.innerHTML) shown.replaceChildren(...part.childNodes);
  }
}
