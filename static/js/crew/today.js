// Keeps an open page of today's stops fresh: asks every moment whether anything has changed, says what did, and
// puts the new list in its place. What somebody is writing is never taken away. The server decides everything else.
import { difference } from "./difference.js";

// A new report is to be on an open page within two seconds: asking, drawing and the way both ways are part of it.
const EVERY_MS = 1500;
const QUIET_MS = 8000;
const GIVE_UP_AFTER = 2;
const KEEP = "renhold-crew-news";

const root = document.querySelector("[data-today]");
if (root) keepFresh(root);

function keepFresh(today) {
  const words = today.dataset;
  const news = today.querySelector("[data-news]");
  let version = words.version;
  let failed = 0;
  let lastSeen = new Date();
  let timer = 0;
  let asking = false;
  let trouble = false;
  let over = false;

  const kept = sessionStorage.getItem(KEEP);
  sessionStorage.removeItem(KEEP);
  if (kept) say(kept);

  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  window.addEventListener("online", ask);
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  timer = setTimeout(ask, EVERY_MS);

  async function ask() {
    clearTimeout(timer);
    if (asking || over || document.hidden) return;
    asking = true;
    try {
      await look();
      failed = 0;
      lastSeen = new Date();
      if (trouble) say("");
      trouble = false;
    } catch {
      failed += 1;
      if (failed >= GIVE_UP_AFTER) complain();
    }
    asking = false;
    timer = setTimeout(ask, failed > GIVE_UP_AFTER ? QUIET_MS : EVERY_MS);
  }

  async function look() {
    const answer = await fetch(words.source, { headers: { "If-None-Match": `W/"${version}"`, Accept: "application/json" }, cache: "no-store" });
    if (answer.status === 304) return;
    if (answer.status === 401 || answer.status === 403) return signedOut();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const day = await answer.json();
    const fresh = /W?\/?"([^"]+)"/.exec(answer.headers.get("ETag") ?? "")?.[1] ?? "";
    await put(sentence(difference(shown(), day.stops.map((stop) => stop.task_id))));
    version = fresh;
  }

  // The page itself is the fragment: fetched as any reader would, and only what changed is exchanged.
  async function put(said) {
    const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-now]");
    const here = today.querySelector("[data-now]");
    if (!next || next.dataset.now !== here.dataset.now) return replaceCurrent(said);
    for (const part of today.querySelectorAll("[data-live]")) {
      const other = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (other && other.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.replaceChildren(...other.childNodes);
    }
    today.dispatchEvent(new CustomEvent("stops-changed"));
    if (said) say(said);
    return undefined;
  }

  // Another stop is first now: begin anew, unless somebody is in the middle of closing this one.
  function replaceCurrent(said) {
    if (!isBeingFilled()) {
      if (said) sessionStorage.setItem(KEEP, said);
      window.location.reload();
      return;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = words.show;
    button.addEventListener("click", () => window.location.reload());
    say(words.changed, button);
  }

  function isBeingFilled() {
    const form = today.querySelector("form[data-kept]");
    if (!form) return false;
    const fields = [...form.elements].filter((field) => field.name && field.type !== "hidden");
    return fields.some((field) => (field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== (field.defaultValue ?? "")));
  }

  function shown() {
    return [...today.querySelectorAll("[data-task]")].map((stop) => Number(stop.dataset.task));
  }

  function sentence({ fresh, moved, gone }) {
    const parts = [];
    if (fresh) parts.push(fresh === 1 ? words.oneNew : words.new.replace("…", fresh));
    if (moved) parts.push(words.moved.replace("…", moved));
    if (gone) parts.push(words.gone.replace("…", gone));
    return parts.join(", ");
  }

  function complain() {
    trouble = true;
    const time = `${lastSeen.getHours()}.${String(lastSeen.getMinutes()).padStart(2, "0")}`;
    say(words.offline.replace("…", time));
  }

  // Nothing on the page is lost; whoever signs in again comes back to it.
  function signedOut() {
    over = true;
    const link = document.createElement("a");
    link.href = words.signIn;
    link.textContent = words.signedOut;
    say("", link);
  }

  function say(text, more = null) {
    news.hidden = !text && !more;
    if (news.textContent === text && !more) return;
    news.replaceChildren(text, ...(more ? [more] : []));
  }
}
