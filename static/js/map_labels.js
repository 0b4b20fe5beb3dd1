// Where street names go: along the straightest middle of the longest piece, never over one another.
// Deterministic for a zoom, in world pixels of that zoom.

const RANK = { primary: 0, secondary: 1, tertiary: 2, pedestrian: 3, residential: 3, approx: 3, unclassified: 3, living_street: 3 };
const NAMELESS_BELOW = { service: 18, footway: 18, path: 18, cycleway: 18, steps: 18 };
const FAMILY = '"Renhold Sans", "Renhold Stand-in", system-ui, sans-serif';
const REPEAT = 420;

export function layOutLabels(shapes, zoom) {
  if (zoom < 14) return [];
  const scale = 2 ** zoom;
  const font = `600 ${zoom >= 17 ? 13 : zoom === 16 ? 12 : 11}px ${FAMILY}`;
  const measure = document.createElement("canvas").getContext("2d");
  measure.font = font;
  const taken = [];
  const placed = [];
  for (const { name, line, kind } of streetLines(shapes)) {
    if (zoom < (NAMELESS_BELOW[kind] ?? 0)) continue;
    const width = measure.measureText(name).width;
    for (const spot of spotsAlong(line.map(([x, y]) => [x * scale, y * scale]), width + 6)) {
      const near = placed.some((other) => other.text === name && Math.hypot(other.x - spot.x, other.y - spot.y) < REPEAT);
      if (near) continue;
      const discs = discsOf(spot, width);
      if (discs.some((disc) => taken.some((other) => Math.hypot(disc[0] - other[0], disc[1] - other[1]) < 15))) continue;
      taken.push(...discs);
      placed.push({ text: name, ...spot, reach: width / 2 + 8, font });
      break;
    }
  }
  if (zoom >= 16) placed.push(...areaLabels(shapes, scale, measure, font, taken));
  return placed;
}

// Ways of one name are split at every corner: join them again where their ends meet.
function streetLines(shapes) {
  const byName = new Map();
  for (const shape of shapes) {
    if (shape.layer !== "vej" || !shape.name || shape.area) continue;
    if (!byName.has(shape.name)) byName.set(shape.name, { kind: shape.kind, lines: [] });
    const entry = byName.get(shape.name);
    if ((RANK[shape.kind] ?? 9) < (RANK[entry.kind] ?? 9)) entry.kind = shape.kind;
    entry.lines.push(...shape.lines);
  }
  const all = [];
  for (const [name, { kind, lines }] of byName) for (const line of joined(lines)) all.push({ name, kind, line, length: lengthOf(line) });
  return all.sort((a, b) => (RANK[a.kind] ?? 9) - (RANK[b.kind] ?? 9) || b.length - a.length || a.name.localeCompare(b.name));
}

function joined(lines) {
  const rest = lines.map((line) => [...line]);
  const done = [];
  const key = ([x, y]) => `${x.toFixed(7)},${y.toFixed(7)}`;
  while (rest.length) {
    const line = rest.pop();
    for (let grew = true; grew; ) {
      grew = false;
      for (let i = 0; i < rest.length; i += 1) {
        const other = rest[i];
        const [head, tail] = [key(line[0]), key(line.at(-1))];
        if (key(other[0]) === tail) line.push(...other.slice(1));
        else if (key(other.at(-1)) === tail) line.push(...other.reverse().slice(1));
        else if (key(other.at(-1)) === head) line.unshift(...other.slice(0, -1));
        else if (key(other[0]) === head) line.unshift(...other.reverse().slice(0, -1));
        else continue;
        rest.splice(i, 1);
        grew = true;
        break;
      }
    }
    done.push(line);
  }
  return done;
}

function lengthOf(line) {
  let length = 0;
  for (let i = 1; i < line.length; i += 1) length += Math.hypot(line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]);
  return length;
}

// Candidate places from the middle outwards, each nearly straight over the label's width.
function* spotsAlong(line, width) {
  const length = lengthOf(line);
  if (length < width) return;
  const middle = length / 2;
  for (let away = 0; away <= middle - width / 2; away += width / 4) {
    for (const at of away ? [middle - away, middle + away] : [middle]) {
      const [a, b] = [pointAt(line, at - width / 2), pointAt(line, at + width / 2)];
      const chord = Math.hypot(b[0] - a[0], b[1] - a[1]);
      if (chord < width * 0.96) continue;
      const upright = a[0] <= b[0] ? 1 : -1;
      const on = pointAt(line, at);
      yield { x: (on[0] + (a[0] + b[0]) / 2) / 2, y: (on[1] + (a[1] + b[1]) / 2) / 2, angle: Math.atan2((b[1] - a[1]) * upright, (b[0] - a[0]) * upright) };
    }
  }
}

function pointAt(line, distance) {
  let left = Math.max(distance, 0);
  for (let i = 1; i < line.length; i += 1) {
    const step = Math.hypot(line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]);
    if (left <= step && step) {
      const part = left / step;
      return [line[i - 1][0] + (line[i][0] - line[i - 1][0]) * part, line[i - 1][1] + (line[i][1] - line[i - 1][1]) * part];
    }
    left -= step;
  }
  return line.at(-1);
}

function discsOf({ x, y, angle }, width) {
  const discs = [];
  for (let along = -width / 2; along <= width / 2; along += 8) discs.push([x + Math.cos(angle) * along, y + Math.sin(angle) * along]);
  return discs;
}

function areaLabels(shapes, scale, measure, font, taken) {
  const labels = [];
  for (const shape of shapes) {
    if (!shape.name || !shape.area || !["groent", "vand"].includes(shape.layer)) continue;
    const spot = { x: ((shape.box[0] + shape.box[2]) / 2) * scale, y: ((shape.box[1] + shape.box[3]) / 2) * scale, angle: 0 };
    const width = measure.measureText(shape.name).width;
    if ((shape.box[2] - shape.box[0]) * scale < width * 0.6) continue;
    const discs = discsOf(spot, width);
    if (discs.some((disc) => taken.some((other) => Math.hypot(disc[0] - other[0], disc[1] - other[1]) < 15))) continue;
    taken.push(...discs);
    labels.push({ text: shape.name, ...spot, reach: width / 2 + 8, font });
  }
  return labels;
}
