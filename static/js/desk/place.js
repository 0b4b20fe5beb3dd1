// The small map of one request: where it is, and, while the place may still be set, a tap or Enter to set it anew.
import { isInside, openStreetMap } from "../street_map.js";

const box = document.querySelector("[data-request-map]");
if (box && window.L) showPlace(box, window.L);

function showPlace(box, leaflet) {
  for (const part of document.querySelectorAll("[data-with-map]")) part.hidden = false;
  const { map, ready } = openStreetMap(box);
  let pin = box.dataset.pin ? leaflet.marker(map.getCenter(), { icon: sign(leaflet), keyboard: false, interactive: false }).addTo(map) : null;
  const form = document.querySelector("[data-place-form]");
  if (!form) return;
  let area = null;
  ready.then((found) => { area = found; });
  const [lat, lon, address] = ["lat", "lon", "address"].map((name) => form.elements[name]);
  const chosen = form.querySelector("[data-place-chosen]");

  const choose = async (point) => {
    if (!isInside(area, point.lat, point.lng)) return;
    [lat.value, lon.value] = [point.lat.toFixed(6), point.lng.toFixed(6)];
    pin ??= leaflet.marker(point, { icon: sign(leaflet), keyboard: false, interactive: false }).addTo(map);
    pin.setLatLng(point);
    form.closest("details").open = true;
    chosen.hidden = false;
    const answer = await fetch(`${box.dataset.addresses}?lat=${lat.value}&lon=${lon.value}`).catch(() => null);
    if (answer?.ok) address.value = (await answer.json()).address ?? "";
  };
  map.on("click", (event) => choose(event.latlng));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === box) {
      event.preventDefault();
      choose(map.getCenter());
    }
  });
  address.addEventListener("input", () => {
    lat.value = lon.value = "";
    chosen.hidden = true;
  });
}

function sign(leaflet) {
  const face = document.createElement("span");
  return leaflet.divIcon({ html: face, className: "request-pin", iconSize: [24, 24], iconAnchor: [12, 12] });
}
