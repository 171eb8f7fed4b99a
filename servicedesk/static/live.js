// A search with data-live="id" shows what it finds in that place while it is typed.

const PAUSE = 180; // milliseconds

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
