// A form of filters is sent as soon as one is chosen, without those that were left open. What stands
// in a part that waits is sent by its own button: days are typed digit by digit.

export function applyFilters() {
  for (const form of document.querySelectorAll("form[data-auto]")) {
    form.addEventListener("change", ({ target }) => target.closest("[data-wait]") || form.requestSubmit());
    form.addEventListener("formdata", ({ formData }) => {
      for (const [name, value] of [...formData]) if (!value) formData.delete(name);
    });
  }
}
