// Ctrl-K: go anywhere and do anything from the keyboard. What it offers are the links and buttons
// of this page, and the incidents that the desk finds for the words.

const FOUND = 6; // incidents offered at once
const PLACES = ".bar-nav a, .bar-new, .views a";

let items = [];
let chosen = 0;
let asked = 0;

export function offerPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const field = dialog.querySelector("input");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (document.querySelector("dialog[open]")) return;
    field.value = "";
    offer(dialog, ofPage(""));
    dialog.showModal();
  });
  field.addEventListener("input", () => look(dialog, field.value.trim()));
  field.addEventListener("keydown", (event) => press(event, dialog));
  dialog.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) run(dialog, items[[...option.parentElement.children].indexOf(option)]);
    else if (event.target === dialog) dialog.close();
  });
}

async function look(dialog, text) {
  const mine = ++asked;
  const here = ofPage(text);
  offer(dialog, here);
  if (text.length < 2) return;
  await new Promise((done) => setTimeout(done, 200));
  const found = mine === asked ? await incidents(dialog.dataset.search, text) : [];
  if (mine === asked) offer(dialog, [...here, ...found]);
}

// What the page itself offers: the acts that are possible now, then the places.
function ofPage(text) {
  const acts = [...document.querySelectorAll("main [data-key], main .menu-item")].filter(
    (act) => act.closest("details.menu") || act.checkVisibility(),
  );
  const words = text.toLowerCase().split(/\s+/);
  return [...acts, ...document.querySelectorAll(PLACES)]
    .map((element) => ({ element, words: named(element), note: element.dataset.key ?? "" }))
    .filter((item) => item.words && words.every((word) => item.words.toLowerCase().includes(word)));
}

function named(element) {
  const label = element.getAttribute("aria-label") ?? element.querySelector("span")?.textContent;
  return (label ?? element.textContent).trim();
}

async function incidents(address, text) {
  try {
    const headers = { "X-Requested-With": "fetch" };
    const answer = await fetch(`${address}?q=${encodeURIComponent(text)}`, { headers });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (/INC-\d+/.test(answer.url)) {
      return [{ address: answer.url, words: page.querySelector("h1").textContent, note: /INC-\d+/.exec(answer.url)[0] }];
    }
    const links = [...page.querySelectorAll(":is(.row-title, .request-title) a")].slice(0, FOUND);
    return links.map((link) => ({
      address: link.href,
      words: link.textContent,
      note: /INC-\d+/.exec(link.href)?.[0] ?? "",
    }));
  } catch {
    return [];
  }
}

function offer(dialog, all) {
  items = all;
  const list = dialog.querySelector("[role=listbox]");
  list.replaceChildren(...items.map(({ words, note }, n) => {
    const line = document.createElement("li");
    const small = document.createElement("span");
    small.textContent = note;
    line.append(words, small);
    line.id = `palette-${n}`;
    line.role = "option";
    return line;
  }));
  choose(dialog, 0);
}

function choose(dialog, n) {
  chosen = Math.min(Math.max(n, 0), items.length - 1);
  const lines = [...dialog.querySelectorAll("[role=option]")];
  for (const [at, line] of lines.entries()) line.ariaSelected = String(at === chosen);
  lines[chosen]?.scrollIntoView({ block: "nearest" });
  dialog.querySelector("input").setAttribute("aria-activedescendant", lines[chosen]?.id ?? "");
}

function press(event, dialog) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step && event.key !== "Enter") return;
  event.preventDefault();
  if (step) choose(dialog, chosen + step);
  else if (!event.isComposing && items[chosen]) run(dialog, items[chosen]);
}

function run(dialog, { element, address }) {
  dialog.close();
  if (address) location.assign(address);
  else element.click();
}
