// Files can be dropped on, or pasted into, a form that takes files.

export function takeFiles(root) {
  for (const input of root.querySelectorAll('form input[type="file"]')) tend(input);
}

function tend(input) {
  const form = input.form;
  const target = input.closest("[data-drop]") ?? form;
  target.addEventListener("dragover", (event) => over(event, target, true));
  target.addEventListener("dragleave", (event) => over(event, target, false));
  target.addEventListener("drop", (event) => {
    over(event, target, false);
    add(input, event.dataTransfer.files);
  });
  form.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    add(input, files);
  });
  input.addEventListener("change", () => count(input));
}

function over(event, target, inside) {
  if (event.dataTransfer && !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  target.classList.toggle("drop-over", inside);
}

function add(input, files) {
  const all = new DataTransfer();
  const kept = input.multiple ? [...input.files, ...files] : [...files].slice(0, 1);
  for (const file of kept) all.items.add(file);
  input.files = all.files;
  count(input);
}

function count(input) {
  const words = input.closest(".attach")?.querySelector("[data-attached]");
  if (!words) return;
  words.dataset.empty ??= words.textContent;
  const number = input.files.length;
  words.textContent = number ? words.dataset.attached.replace("{}", number) : words.dataset.empty;
}
