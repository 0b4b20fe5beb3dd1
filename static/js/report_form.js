// The report page's own behaviour: questions that do not belong to the chosen kind are not sent along,
// and a page that is sent again after the Back button with other answers is a new report.

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

  const key = form.elements.namedItem("form_key");
  let sent = "";
  form.addEventListener("submit", () => {
    const answers = answersOf(form);
    // Photos that are already received are signed for this key: then the server gives the new one.
    if (sent && sent !== answers && !form.elements.namedItem("kept_photos")) key.value = freshKey();
    sent = answers;
  });
}

function answersOf(form) {
  const pairs = [...new FormData(form)].filter(([name]) => name !== "form_key" && name !== "csrf_token");
  return JSON.stringify(pairs.map(([name, value]) => [name, value instanceof File ? `${value.name} ${value.size}` : value]));
}

function freshKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
