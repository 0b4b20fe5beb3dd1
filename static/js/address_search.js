// Addresses suggested while typing: a field that opens a list (ARIA's combobox pattern).
// The field stays an ordinary one; what is typed and not chosen is looked up by the server.

const PAUSE_MS = 160;

export function offerAddresses({ field, list, source, choose, left }) {
  let places = [];
  let marked = -1;
  let timer = 0;
  let question = 0;

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("autocomplete", "off");
  close();

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return close();
    if (list.hidden) return undefined;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      return mark((marked + (event.key === "ArrowDown" ? 1 : -1) + places.length) % places.length);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      take(places[Math.max(marked, 0)]);
    }
    return undefined;
  });
  field.addEventListener("blur", () => setTimeout(() => {
    if (!list.hidden || places.length) left(places.find((place) => place.exact && place.label.toLowerCase().startsWith(field.value.trim().toLowerCase())));
    close();
  }, 150));
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) take(places[Number(item.dataset.index)]);
  });

  async function ask() {
    const text = field.value.trim();
    if (text.length < 2) return close();
    const mine = ++question;
    const answer = await fetch(`${source}?q=${encodeURIComponent(text)}`).catch(() => null);
    if (!answer?.ok || mine !== question || document.activeElement !== field) return undefined;
    places = (await answer.json()).places;
    list.replaceChildren(...places.map(itemFor));
    list.hidden = !places.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    marked = -1;
    field.removeAttribute("aria-activedescendant");
    return undefined;
  }

  function itemFor(place, index) {
    const item = document.createElement("li");
    item.id = `${list.id}-${index}`;
    item.role = "option";
    item.dataset.index = index;
    item.setAttribute("aria-selected", "false");
    item.textContent = place.label;
    return item;
  }

  function mark(index) {
    marked = index;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    field.setAttribute("aria-activedescendant", `${list.id}-${index}`);
    list.children[index].scrollIntoView({ block: "nearest" });
  }

  function take(place) {
    question += 1;
    choose(place);
    close();
  }

  function close() {
    places = [];
    marked = -1;
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }
}
