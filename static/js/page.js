// Every page: bring the reader to the list of problems, and keep a form from being sent twice by a double tap.
// A repeat is harmless on the server too; this only spares the reader the doubt.

const summary = document.querySelector("[data-focus-first]");
if (summary) summary.focus();

for (const link of document.querySelectorAll(".error-summary a[href^='#']")) {
  link.addEventListener("click", (event) => {
    const target = document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    const field = target.matches("input, textarea, select, button") ? target : target.querySelector("input:not([type=hidden]), textarea, select");
    target.scrollIntoView({ block: "start" });
    (field ?? target).focus({ preventScroll: true });
  });
}

for (const form of document.querySelectorAll("form[data-once]")) {
  const button = form.querySelector("[type=submit]");
  const face = [...button.childNodes];
  form.addEventListener("submit", (event) => {
    if (form.dataset.sending) return event.preventDefault();
    form.dataset.sending = "yes";
    button.setAttribute("aria-disabled", "true");
    if (form.dataset.once) button.textContent = form.dataset.once;
  });
  window.addEventListener("pageshow", () => {
    delete form.dataset.sending;
    button.removeAttribute("aria-disabled");
    button.replaceChildren(...face);
  });
}
