// The counts above the list, asked for every few seconds. The list itself is not changed under the reader's hands:
// when something has happened a line says so and offers the new one.

const EVERY_MS = 15_000;
const box = document.querySelector("[data-pulse]");
if (box) keepUp(box);

function keepUp(box) {
  const title = document.title;
  let tag = "";
  const ask = async () => {
    if (document.hidden) return;
    const answer = await fetch(box.dataset.pulse, { cache: "no-store", headers: { Accept: "application/json", ...(tag && { "If-None-Match": tag }) } }).catch(() => null);
    show("[data-lost]", !answer || (!answer.ok && answer.status !== 304));
    if (answer?.status === 401) return location.reload();
    if (!answer?.ok) return;
    tag = answer.headers.get("ETag") ?? "";
    tell(await answer.json());
  };
  const tell = (pulse) => {
    for (const place of box.querySelectorAll("[data-count]")) {
      place.textContent = pulse[place.dataset.count];
      place.closest(".count").classList.toggle("is-none", pulse[place.dataset.count] === 0);
    }
    document.title = pulse.decide ? `(${pulse.decide}) ${title}` : title;
    show("[data-news]", pulse.latest > Number(box.dataset.latest) || pulse.incidents > Number(box.dataset.incidents));
    show("[data-still]", pulse.still.length > 0);
  };
  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  ask();
}

function show(selector, wanted) {
  for (const element of document.querySelectorAll(selector)) if (element.hidden === wanted) element.hidden = !wanted;
}
