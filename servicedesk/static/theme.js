// The theme is kept by the server in a cookie, so that the page arrives in it: no flash on loading.

export function switchThemes() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-themes] button");
    if (!button) return;
    event.preventDefault();
    show(button.value);
    press(button);
    keep(button);
  });
}

function show(theme) {
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const meta = document.querySelector('meta[name="color-scheme"]');
  if (meta) meta.content = theme === "auto" ? "light dark" : theme;
}

function press(button) {
  for (const other of button.parentElement.querySelectorAll("button")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
}

function keep(button) {
  const body = new FormData(button.form, button);
  fetch(button.form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
}
