// A page that shows how far something has come looks again by itself until it is done.

const EVERY = 2_000;
const place = () => document.querySelector("[data-progress]");

const timer = setInterval(look, EVERY);

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-progress]");
    if (fresh) place().replaceChildren(...fresh.childNodes);
    else done();
  } catch {
    // The next look may succeed.
  }
}

function done() {
  clearInterval(timer);
  location.reload();
}
