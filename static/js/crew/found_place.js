// Where a find lies, from the phone itself: asked at once, because it is one tap less. A poor position is said to be poor
// and an address that is typed or chosen counts instead. Without this the address alone is asked for.
import { offerAddresses } from "../address_search.js";

const POOR_METRES = 40;

const box = document.querySelector("[data-find-place]");
if (box) findPlace(box);

function findPlace(box) {
  const form = box.closest("form");
  const [lat, lon, says, button] = ["lat", "lon", "place-says", "locate"].map((name) => form.querySelector(`[data-${name}]`));
  const address = form.elements.address;
  const words = box.dataset;
  let asked = 0;
  const list = form.querySelector("[data-suggestions]");
  offerAddresses({ field: address, list, source: list.dataset.source, choose, left: (place) => { if (place && !lat.value) choose(place); } });
  address.addEventListener("input", () => forget());
  if (navigator.geolocation) {
    box.hidden = false;
    button.addEventListener("click", () => {
      address.value = "";
      look();
    });
    if (!address.value && !lat.value) look();
  }

  function choose(place) {
    asked += 1;
    address.value = place.label;
    [lat.value, lon.value] = [place.lat, place.lon];
    say(place.label, "good");
  }

  function look() {
    const question = ++asked;
    say(words.looking);
    navigator.geolocation.getCurrentPosition(
      (position) => { if (question === asked) take(position.coords); },
      () => { if (question === asked) say(words.failed, "problem"); },
      { enableHighAccuracy: true, timeout: 12000, maximumAge: 10000 },
    );
  }

  function take({ latitude, longitude, accuracy }) {
    lat.value = latitude.toFixed(6);
    lon.value = longitude.toFixed(6);
    const poor = accuracy > POOR_METRES;
    say((poor ? words.poor : words.found).replace("…", Math.round(accuracy)), poor ? "problem" : "good");
  }

  function forget() {
    asked += 1;
    lat.value = "";
    lon.value = "";
    say("");
  }

  function say(text, tone = "") {
    says.textContent = text;
    says.dataset.tone = tone;
  }
}
