// The backdrop that needs no network: our own GeoJSON drawn on canvas tiles, in the page's own colours.
// Knows nothing of pins or requests. Labels are laid out once a zoom for the whole map, so that none is cut at a tile's edge.
import { layOutLabels } from "./map_labels.js";

const TILE = 256;
const STREET_WIDTHS = {
  primary: 15, secondary: 14, tertiary: 12, primary_link: 9, tertiary_link: 9, unclassified: 9, residential: 9,
  living_street: 8, pedestrian: 8, approx: 9, construction: 7, service: 4.5,
};
const PATHS = new Set(["footway", "path", "cycleway", "steps", "track"]);
const TOKENS = {
  land: "--map-land", building: "--map-building", street: "--map-street", edge: "--map-street-edge", path: "--map-path",
  rail: "--map-rail", green: "--map-green", water: "--map-water", label: "--map-label", halo: "--map-halo",
};

export function baseMapLayer(leaflet, collection) {
  const shapes = collection.features.flatMap(shapesOf);
  const labelsByZoom = new Map();
  const BaseMap = leaflet.GridLayer.extend({
    createTile(coords) {
      const canvas = document.createElement("canvas");
      const sharp = Math.min(window.devicePixelRatio || 1, 2);
      canvas.width = canvas.height = TILE * sharp;
      if (!labelsByZoom.has(coords.z)) labelsByZoom.set(coords.z, layOutLabels(shapes, coords.z));
      const brush = canvas.getContext("2d");
      brush.scale(sharp, sharp);
      drawTile(brush, shapes, labelsByZoom.get(coords.z), coords, coloursOf(this._map.getContainer()));
      return canvas;
    },
  });
  const layer = new BaseMap({ tileSize: TILE, minZoom: 11, maxZoom: 19, keepBuffer: 3, updateWhenIdle: false });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => layer.redraw());
  document.fonts?.ready.then(() => { labelsByZoom.clear(); layer.redraw(); });
  return layer;
}

// World coordinates: Web Mercator with the whole world 256 wide.
function project([lon, lat]) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [((lon + 180) / 360) * TILE, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * TILE];
}

function shapesOf(feature) {
  const { lag, klasse, navn } = feature.properties;
  const { type, coordinates } = feature.geometry;
  const pieces = type.startsWith("Multi") ? coordinates : [coordinates];
  const area = type.endsWith("Polygon");
  if (!area && !type.endsWith("LineString")) return [];
  return pieces.map((piece) => {
    const lines = (area ? piece : [piece]).map((line) => line.map(project));
    return { layer: lag, kind: klasse, name: navn, area, lines, box: boxOf(lines[0]) };
  });
}

function boxOf(line) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of line) {
    box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
  }
  return box;
}

function coloursOf(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(Object.entries(TOKENS).map(([name, token]) => [name, style.getPropertyValue(token).trim()]));
}

function drawTile(brush, shapes, labels, coords, colours) {
  const scale = 2 ** coords.z;
  const [left, top] = [coords.x * TILE, coords.y * TILE];
  const margin = 20;
  const seen = shapes.filter(({ box }) =>
    box[2] * scale > left - margin && box[0] * scale < left + TILE + margin && box[3] * scale > top - margin && box[1] * scale < top + TILE + margin);
  brush.fillStyle = colours.land;
  brush.fillRect(0, 0, TILE, TILE);
  brush.lineJoin = brush.lineCap = "round";
  const trace = (shape) => {
    brush.beginPath();
    for (const line of shape.lines) {
      line.forEach(([x, y], index) => brush[index ? "lineTo" : "moveTo"](x * scale - left, y * scale - top));
      if (shape.area) brush.closePath();
    }
  };
  const grow = 2 ** ((coords.z - 17) * 0.75);
  const each = (wanted, draw) => seen.filter(wanted).forEach((shape) => { trace(shape); draw(shape); });
  const fill = (colour) => () => { brush.fillStyle = colour; brush.fill("evenodd"); };
  const line = (colour, width, dash = []) => { brush.setLineDash(dash); brush.strokeStyle = colour; brush.lineWidth = width; brush.stroke(); };
  const street = (shape) => shape.layer === "vej" && !shape.area && !PATHS.has(shape.kind);
  const width = (shape) => (STREET_WIDTHS[shape.kind] ?? 8) * grow;

  each((s) => s.layer === "groent" && s.area, fill(colours.green));
  each((s) => s.layer === "vand" && s.area, fill(colours.water));
  if (coords.z >= 14) each((s) => s.layer === "bygning" && s.area, fill(colours.building));
  each((s) => s.layer === "vand" && !s.area, () => line(colours.water, 1.5));
  each((s) => s.layer === "bane", () => line(colours.rail, Math.max(0.8, 1.4 * grow)));
  if (coords.z >= 15) each((s) => s.layer === "vej" && PATHS.has(s.kind), () => line(colours.path, Math.max(0.8, 1.6 * grow), [4 * grow, 4 * grow]));
  each(street, (s) => line(colours.edge, width(s) + 1.6));
  each(street, (s) => line(colours.street, width(s)));
  brush.setLineDash([]);
  drawLabels(brush, labels, left, top, colours);
}

function drawLabels(brush, labels, left, top, colours) {
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  brush.lineJoin = "round";
  brush.lineWidth = 3.5;
  brush.strokeStyle = colours.halo;
  brush.fillStyle = colours.label;
  for (const { text, x, y, angle, reach, font } of labels) {
    if (x + reach < left || x - reach > left + TILE || y + reach < top || y - reach > top + TILE) continue;
    brush.save();
    brush.translate(x - left, y - top);
    brush.rotate(angle);
    brush.font = font;
    brush.strokeText(text, 0, 0);
    brush.fillText(text, 0, 0);
    brush.restore();
  }
}
