// Dresses folium's map as our other maps, frames what is on it, and lets the list beside it point at a place.
import { dressMap } from "../street_map.js";

const CLOSE = 18;
const { map_desk: map, cluster_desk: cluster, feed_desk: feed } = window;
if (map) {
  map.scrollWheelZoom.disable();
  dressMap(map, document.getElementById("map_desk"));
  const frame = () => {
    const bounds = cluster.getBounds();
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [40, 40], maxZoom: 16 });
  };
  // The points may have come before this file did.
  if (cluster.getLayers().length) frame();
  else feed.once("update", frame);
  for (const button of document.querySelectorAll("[data-show-point]")) {
    button.hidden = false;
    button.addEventListener("click", () => showPoint(button.dataset));
  }
}

function showPoint({ showPoint: id, lat, lon }) {
  const marker = feed.getLayer(id);
  map.getContainer().scrollIntoView({ block: "nearest" });
  if (!marker) return map.setView([Number(lat), Number(lon)], CLOSE);
  return cluster.zoomToShowLayer(marker, () => marker.openPopup());
}
