// A map beside the list, drawn from the list: a numbered mark a stop. It is opened when it comes into view, so that a
// phone on a slow line first gets what it needs. Without a script there is the list, and "Vis vej" in the phone's own map.
import { openStreetMap } from "../street_map.js";

const MARGIN = [36, 36];
const CLOSEST = 17;

const section = document.querySelector("[data-route-map]");
if (section && window.L) {
  section.hidden = false;
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    drawRoute(section, window.L);
  }, { rootMargin: "200px" }).observe(section);
}

function drawRoute(section, leaflet) {
  const { map, ready } = openStreetMap(section.querySelector("[data-map]"));
  ready.catch(() => {}); // Without a line there is no backdrop; the marks are drawn all the same.
  const marks = leaflet.layerGroup().addTo(map);
  const today = document.querySelector("[data-today]");
  show();
  today.addEventListener("stops-changed", show);

  function show() {
    const stops = [...today.querySelectorAll("[data-stop]")];
    marks.clearLayers();
    if (!stops.length) return;
    const places = stops.map((stop) => [Number(stop.dataset.lat), Number(stop.dataset.lon)]);
    leaflet.polyline(places, { className: "route-line", interactive: false }).addTo(marks);
    stops.forEach((stop, index) => mark(stop, places[index]).addTo(marks));
    map.fitBounds(leaflet.latLngBounds(places), { padding: MARGIN, maxZoom: CLOSEST });
  }

  function mark(stop, place) {
    const { position, priority, name } = stop.dataset;
    const face = document.createElement("span");
    face.textContent = position;
    const icon = leaflet.divIcon({ className: `route-mark route-mark-${priority}`, html: face, iconSize: [36, 36] });
    const link = stop.querySelector("a.later-stop");
    const made = leaflet.marker(place, { icon, title: name, alt: name, keyboard: Boolean(link), zIndexOffset: -Number(position) });
    if (link) made.on("click keypress", (event) => { if (event.type === "click" || event.originalEvent.key === "Enter") window.location.assign(link.href); });
    return made;
  }
}
