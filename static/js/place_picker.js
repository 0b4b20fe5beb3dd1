// Where it is, in four ways that end in the same two fields: a tap, the keyboard, the phone's position, an address.
// No pin is set by itself, and a poor position asks for a tap instead of guessing.
import { offerAddresses } from "./address_search.js";
import { isInside, openStreetMap } from "./street_map.js";

const POOR_METRES = 40;
const CLOSE = 18;

const root = document.querySelector("[data-place-picker]");
if (root && window.L) pickPlace(root, window.L);

function pickPlace(root, leaflet) {
  const part = (name) => root.querySelector(`[data-place="${name}"]`);
  const [lat, lon, address, says] = ["lat", "lon", "address", "says"].map(part);
  const words = says.dataset;
  const box = part("map");
  for (const element of root.querySelectorAll("[data-with-script]")) element.hidden = false;
  const { map, ready } = openStreetMap(box);
  const pinSign = leaflet.divIcon({ className: "map-pin", html: part("pin").innerHTML, iconSize: [40, 52], iconAnchor: [20, 50] });
  let pin = null;
  let halo = null;
  let area = null;
  let typed = Boolean(address.value);
  let asked = 0;
  ready.then((found) => { area = found; });

  const say = (text, tone = "") => {
    says.textContent = text;
    says.dataset.tone = tone;
  };

  function setPin(place, { name = "", zoom = false } = {}) {
    const point = leaflet.latLng(place);
    if (!isInside(area, point.lat, point.lng)) {
      say(words.outside, "problem");
      return;
    }
    lat.value = point.lat.toFixed(6);
    lon.value = point.lng.toFixed(6);
    pin ??= leaflet.marker(point, { icon: pinSign, keyboard: false, interactive: false }).addTo(map);
    pin.setLatLng(point);
    if (zoom) map.setView(point, Math.max(map.getZoom(), CLOSE - 1));
    if (name) {
      address.value = name;
      typed = false;
      say(words.set.replace("…", name), "good");
      return;
    }
    nameIt(point);
  }

  async function nameIt(point) {
    const question = ++asked;
    say(words.set.replace("…", words.onMap), "good");
    const answer = await fetch(`${root.dataset.addresses}?lat=${point.lat.toFixed(6)}&lon=${point.lng.toFixed(6)}`).catch(() => null);
    if (!answer?.ok || question !== asked) return;
    const name = (await answer.json()).address;
    if (!name) return;
    if (!typed) address.value = name;
    say(words.set.replace("…", name), "good");
  }

  function forgetPin() {
    asked += 1;
    lat.value = lon.value = "";
    pin?.remove();
    halo?.remove();
    pin = halo = null;
    say("");
  }

  map.on("click", (event) => {
    halo?.remove();
    typed = false;
    setPin(event.latlng);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== box) return;
    event.preventDefault();
    typed = false;
    setPin(map.getCenter());
  });

  const locate = part("locate");
  if (navigator.geolocation) {
    locate.addEventListener("click", () => {
      say(words.searching);
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => atPosition([coords.latitude, coords.longitude], coords.accuracy),
        (fault) => say(fault.code === fault.PERMISSION_DENIED ? words.denied : words.unknown, "problem"),
        { enableHighAccuracy: true, timeout: 12000, maximumAge: 15000 },
      );
    });
  } else locate.hidden = true;

  function atPosition(place, accuracy) {
    if (!isInside(area, ...place)) return say(words.outside, "problem");
    halo?.remove();
    halo = leaflet.circle(place, { radius: accuracy, className: "map-accuracy", interactive: false }).addTo(map);
    if (accuracy > POOR_METRES) {
      map.fitBounds(halo.getBounds(), { maxZoom: CLOSE });
      return say(words.poor.replace("…", Math.round(accuracy)), "warn");
    }
    typed = false;
    setPin(place, { zoom: true });
    map.setView(place, CLOSE);
  }

  address.addEventListener("input", () => {
    typed = Boolean(address.value);
    if (!address.value) forgetPin();
  });
  offerAddresses({
    field: address,
    list: part("suggestions"),
    source: root.dataset.addresses,
    choose: (place) => setPin([place.lat, place.lon], { name: place.label, zoom: true }),
    left: (place) => { if (!lat.value && place) setPin([place.lat, place.lon], { name: place.label, zoom: true }); },
  });

  if (lat.value && lon.value) {
    const point = [Number(lat.value), Number(lon.value)];
    setPin(point, { name: address.value, zoom: true });
  }
}
