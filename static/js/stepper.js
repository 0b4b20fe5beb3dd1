// Minus and plus beside a number field, which stays an ordinary field.

for (const stepper of document.querySelectorAll("[data-stepper]")) {
  const field = stepper.querySelector("input");
  const least = Number(field.dataset.least);
  const most = Number(field.dataset.most);
  for (const button of stepper.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => {
      const now = Number.parseInt(field.value, 10);
      const next = (Number.isNaN(now) ? least : now) + Number(button.dataset.step);
      field.value = String(Math.min(Math.max(next, least), most));
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  stepper.dataset.ready = "";
}
