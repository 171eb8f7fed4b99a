// A list of incidents renews itself every minute: what stands in its rows and the counts beside it.
// No row moves under the cursor; that others came or went is said above the list.

const EVERY = 60_000;

export function renewLists() {
  if (document.querySelector("[data-changed]")) setInterval(renew, EVERY);
}

async function renew() {
  if (document.hidden || document.querySelector("dialog[open]")) return;
  const page = await fetched();
  if (!page?.querySelector("[data-changed]")) return;
  const fresh = new Map(rows(page).map((row) => [row.dataset.preview, row]));
  const shown = rows(document);
  for (const row of shown) renewRow(row, fresh.get(row.dataset.preview));
  const keys = shown.map((row) => row.dataset.preview);
  document.querySelector("[data-changed]").hidden = keys.join() === [...fresh.keys()].join();
  for (const place of ["#views", ".page-note"]) renewPart(document.querySelector(place), page.querySelector(place));
}

const rows = (page) => [...page.querySelectorAll("tr[data-preview]")];

function renewRow(row, fresh) {
  row.classList.toggle("row-gone", !fresh);
  if (fresh) for (const [n, cell] of [...row.cells].entries()) renewPart(cell, fresh.cells[n]);
}

function renewPart(part, fresh) {
  if (!part || !fresh || part.innerHTML === fresh.innerHTML) return;
  if (!part.contains(document.activeElement)) part.replaceChildren(...fresh.childNodes);
}

async function fetched() {
  try {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}
