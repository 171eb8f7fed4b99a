// What a service asks besides appears as soon as the service is chosen. Without this it comes as a
// next step.

export function askQuestions() {
  for (const service of document.querySelectorAll("select[data-questions]")) {
    for (const happening of ["change", "guessed"]) service.addEventListener(happening, () => renew(service));
  }
}

async function renew(service) {
  const place = document.getElementById("service-questions");
  const fresh = await questions(service);
  if (place && fresh) place.replaceChildren(...fresh.childNodes);
}

async function questions({ dataset, value }) {
  try {
    const answer = await fetch(`${dataset.questions}?service=${encodeURIComponent(value)}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.getElementById("service-questions");
  } catch {
    return null;
  }
}
