// A map of the service area on a page: our own backdrop, tiles above it where there are any, the area's edge.
// Pins and markers are the business of whoever opens it. Everything is asked of our own server.
import { baseMapLayer } from "./base_map.js";

const GIVE_UP_AFTER = 4;

export function openStreetMap(element) {
  const map = window.L.map(element, {
    zoomControl: false, attributionControl: false, scrollWheelZoom: false, minZoom: 12, maxZoom: 19,
    keyboardPanDelta: 40, maxBoundsViscosity: 0.8,
  });
  return { map, ready: dressMap(map, element) };
}

// The same looks for a map that somebody else made.
export function dressMap(map, element) {
  const leaflet = window.L;
  const { south, west, north, east } = element.dataset;
  leaflet.control.zoom({ zoomInTitle: element.dataset.zoomIn, zoomOutTitle: element.dataset.zoomOut, position: "topright" }).addTo(map);
  leaflet.control.attribution({ prefix: false }).addAttribution(plain(element.dataset.attribution)).addTo(map);
  const bounds = leaflet.latLngBounds([[Number(south), Number(west)], [Number(north), Number(east)]]);
  if (element.dataset.zoom) map.setView([Number(element.dataset.lat), Number(element.dataset.lon)], Number(element.dataset.zoom));
  else map.fitBounds(bounds);
  map.setMaxBounds(bounds.pad(0.6));
  map.getContainer().addEventListener("focusin", () => map.scrollWheelZoom.enable());
  map.getContainer().addEventListener("focusout", () => map.scrollWheelZoom.disable());
  const ready = near(element).then(() => {
    if (element.dataset.tiles) addTiles(leaflet, map, element);
    return Promise.all([addBackdrop(leaflet, map, element), addArea(leaflet, map, element)]);
  }).then(([, area]) => area);
  return ready;
}

// A map far down a page costs nothing until somebody comes near it.
function near(element) {
  return new Promise((come) => {
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((each) => each.isIntersecting)) return;
      watch.disconnect();
      come();
    }, { rootMargin: "600px" });
    watch.observe(element);
  });
}

async function addBackdrop(leaflet, map, element) {
  const answer = await fetch(element.dataset.base);
  if (answer.ok) baseMapLayer(leaflet, await answer.json()).setZIndex(1).addTo(map);
}

// Outside the area the map is veiled; the answer is the area itself, for whoever wants to ask about a point.
async function addArea(leaflet, map, element) {
  const answer = await fetch(element.dataset.area);
  if (!answer.ok) return null;
  const area = await answer.json();
  const rings = ringsOf(area);
  const world = [[-85, -180], [-85, 180], [85, 180], [85, -180]];
  leaflet.polygon([world, ...rings.map((ring) => ring.map(([lon, lat]) => [lat, lon]))], { className: "map-veil", interactive: false }).addTo(map);
  return { rings };
}

function ringsOf(area) {
  const shapes = area.type === "FeatureCollection" ? area.features.map((feature) => feature.geometry) : [area.geometry ?? area];
  return shapes.flatMap((shape) => (shape.type === "MultiPolygon" ? shape.coordinates.map((polygon) => polygon[0]) : [shape.coordinates[0]]));
}

export function isInside(area, lat, lon) {
  if (!area) return true;
  return area.rings.some((ring) => {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
      if (ay > lat !== by > lat && lon < ((bx - ax) * (lat - ay)) / (by - ay) + ax) inside = !inside;
    }
    return inside;
  });
}

// Where no tile comes the backdrop shows; where none comes at all we stop asking.
function addTiles(leaflet, map, element) {
  const tiles = leaflet.tileLayer(element.dataset.tiles, { maxZoom: 19, className: "map-tiles", zIndex: 2, attribution: plain(element.dataset.tilesAttribution ?? "") });
  let failed = 0;
  let came = 0;
  tiles.on("tileload", () => { came += 1; });
  tiles.on("tileerror", () => {
    failed += 1;
    if (!came && failed >= GIVE_UP_AFTER) tiles.remove();
  });
  tiles.addTo(map);
}

function plain(text) {
  const carrier = document.createElement("span");
  carrier.textContent = text;
  return carrier.innerHTML;
}
