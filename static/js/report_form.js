// The report page's own behaviour: questions that do not belong to the chosen kind are not sent along.

const form = document.querySelector("[data-report-form]");
if (form) {
  const needles = form.querySelector("[data-needle-questions]");
  const about = new Set(["syringe", "drug_litter"]);
  const follow = () => {
    const chosen = form.querySelector("[name=service_code]:checked")?.value;
    if (needles) needles.disabled = Boolean(chosen) && !about.has(chosen);
  };
  form.addEventListener("change", follow);
  window.addEventListener("pageshow", follow);
  follow();
}
