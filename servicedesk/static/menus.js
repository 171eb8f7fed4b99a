// Menus made of <details> close on a click elsewhere and on Escape; the search popover takes focus.

export function tendMenus() {
  document.addEventListener("click", (event) => closeAll(event.target.closest?.("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave(document.querySelector("details.menu[open]"));
  });
  const search = document.getElementById("bar-search");
  search?.addEventListener("toggle", (event) => {
    if (event.newState === "open") search.querySelector("input").focus();
  });
}

function closeAll(kept) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== kept) menu.open = false;
  }
}

function leave(menu) {
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}
