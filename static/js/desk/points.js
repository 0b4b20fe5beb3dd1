// What folium's shell asks of us: points from our own endpoint, and a marker for each. Words are put in with
// textContent only; what comes from the server are codes, references and degrees.

const element = document.getElementById("map_desk");
const { points, request, pictograms, lateWord, openWord, manyWord } = element.dataset;
const words = JSON.parse(element.dataset.words);
document.querySelector("[data-with-map]").hidden = false;
let tag = "";
let last = { type: "FeatureCollection", features: [] };

window.renholdDesk = { fetchPoints, marker, updateMarker, clusterIcon };

async function fetchPoints(take, fail) {
  const answer = await fetch(points, { cache: "no-store", headers: { Accept: "application/json", ...(tag && { "If-None-Match": tag }) } }).catch(() => null);
  lost(!answer || (!answer.ok && answer.status !== 304));
  if (answer?.status === 401) return location.reload();
  if (answer?.ok) {
    tag = answer.headers.get("ETag") ?? "";
    last = await answer.json();
  }
  if (answer) take(last);
  else fail(new Error("no connection"), "");
}

function marker(feature, at) {
  const made = window.L.marker(at, { icon: iconOf(feature.properties), riseOnHover: true, keyboard: true });
  made.properties = feature.properties;
  made.bindPopup(() => popup(made.properties), { minWidth: 220 });
  return made;
}

function updateMarker(feature, old) {
  if (!old) return undefined;
  const [lon, lat] = feature.geometry.coordinates;
  const before = old.properties;
  const now = feature.properties;
  if (!old.getLatLng().equals([lat, lon])) old.setLatLng([lat, lon]);
  if (before.status === now.status && before.late === now.late && before.service_code === now.service_code) return old;
  old.properties = now;
  old.setIcon(iconOf(now));
  return old;
}

function clusterIcon(cluster) {
  const inside = cluster.getAllChildMarkers();
  const late = inside.some((each) => each.properties?.late);
  const face = document.createElement("span");
  face.append(String(inside.length), hidden(` ${manyWord}${late ? `, ${lateWord}` : ""}`));
  return window.L.divIcon({ html: face, className: `point-many${late ? " is-late" : ""}`, iconSize: [44, 44] });
}

function iconOf({ service_code, status, late, reference }) {
  const face = document.createElement("span");
  const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${pictograms}#${known(words.service, service_code) ? service_code : "other"}`);
  sign.setAttribute("aria-hidden", "true");
  sign.append(use);
  face.append(sign, hidden([words.service[service_code], words.status[status], late && lateWord, reference].filter(Boolean).join(", ")));
  const state = late ? "late" : known(words.status, status) ? status : "received";
  return window.L.divIcon({ html: face, className: `point is-${state}`, iconSize: [36, 36], iconAnchor: [18, 18], popupAnchor: [0, -16] });
}

function popup({ service_code, status, late, reference }) {
  const box = document.createElement("div");
  box.className = "point-popup";
  const link = document.createElement("a");
  link.href = request.replace(/-$/, encodeURIComponent(reference));
  link.textContent = openWord;
  box.append(line("strong", words.service[service_code]), line("span", reference), line("span", [words.status[status], late && lateWord].filter(Boolean).join(" · ")), link);
  return box;
}

function line(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text ?? "";
  return made;
}

function hidden(text) {
  const made = line("span", text);
  made.className = "sr-only";
  return made;
}

function known(list, code) {
  return Object.hasOwn(list, code);
}

function lost(is) {
  for (const note of document.querySelectorAll("[data-lost]")) note.hidden = !is;
}
