// Dresses folium's map as our other maps, frames what is on it, and lets the list beside it point at a place.
import { dressMap } from "../street_map.js";

const CLOSE = 18;
const { map_desk: map, cluster_desk: cluster, feed_desk: feed } = window;
if (map) {
  map.scrollWheelZoom.disable();
  dressMap(map, document.getElementById("map_desk"));
  const frame = () => {
    const bounds = cluster.getBounds();
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [40, 40], maxZoom: 16, animate: false });
  };
  // The points may have come before this file did.
  if (cluster.getLayers().length) frame();
  else feed.once("update", frame);
  map.getContainer().addEventListener("keydown", (event) => { if (event.key === "Escape") map.closePopup(); });
  for (const button of document.querySelectorAll("[data-show-point]")) {
    button.hidden = false;
    button.addEventListener("click", () => showPoint(button));
  }
}

// From the list to the point, its popup and the link in it; closing the popup leads back to the list.
function showPoint(button) {
  const { showPoint: id, lat, lon } = button.dataset;
  const marker = feed.getLayer(id);
  map.getContainer().scrollIntoView({ block: "nearest" });
  if (!marker) {
    map.setView([Number(lat), Number(lon)], CLOSE);
    return;
  }
  cluster.zoomToShowLayer(marker, () => {
    marker.openPopup();
    const box = marker.getPopup().getElement();
    box?.querySelector("a[href*='/desk/']")?.focus({ preventScroll: true });
    map.once("popupclose", () => { if (box?.contains(document.activeElement) || document.activeElement === document.body) button.focus({ preventScroll: true }); });
  });
}
