// Names are completed while they are typed, and the service is guessed from the title's words.

export function complete() {
  for (const field of document.querySelectorAll("input[data-complete]")) completeNames(field);
  for (const form of document.querySelectorAll("form[data-guess]")) guessService(form);
}

function completeNames(field) {
  const list = document.createElement("datalist");
  list.id = `${field.id}-list`;
  field.setAttribute("list", list.id);
  field.after(list);
  let asked = 0;
  field.addEventListener("input", async () => {
    const mine = ++asked;
    const { people } = await answer(`${field.dataset.complete}?q=${encodeURIComponent(field.value)}`, "json") ?? {};
    if (people && mine === asked) list.replaceChildren(...people.map(option));
  });
}

// The sign-in name is what tells two people of one name apart.
function option({ key, name, department }, _at, all) {
  const alone = all.filter((other) => other.name === name).length === 1;
  return new Option(department ?? "", alone ? name : key);
}

function guessService(form) {
  const { title, service } = form.elements;
  // What stands there already was chosen elsewhere, unless the page guessed it from its title.
  const opened = new URLSearchParams(location.search);
  if (service.value && (opened.has("service") || !opened.has("title"))) form.dataset.chosen = "yes";
  service.addEventListener("change", () => (form.dataset.chosen = "yes"));
  title.addEventListener("change", async () => {
    if (form.dataset.chosen || !title.value) return;
    const page = await answer(`${form.dataset.guess}?title=${encodeURIComponent(title.value)}`, "text");
    const guessed = new DOMParser().parseFromString(page ?? "", "text/html").getElementById(service.id);
    if (!guessed?.value || form.dataset.chosen || service.value === guessed.value) return;
    service.value = guessed.value;
    service.dispatchEvent(new Event("guessed"));
  });
}

async function answer(address, kind) {
  try {
    const found = await fetch(address);
    return found.ok ? await found[kind]() : null;
  } catch {
    return null;
  }
}
