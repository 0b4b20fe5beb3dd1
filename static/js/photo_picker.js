// Photos chosen one after the other, shown small, taken away again, and made smaller before they are sent.
// Without this the file field works as it is; a photo that cannot be made smaller is sent as it came.

const SIDE = 1600;
const SMALL_ENOUGH = 700 * 1024;

for (const root of document.querySelectorAll("[data-photo-picker]")) pickPhotos(root);

function pickPhotos(root) {
  const field = root.querySelector("input[type=file]");
  const shelf = root.querySelector("[data-photos]");
  const says = root.querySelector("[data-photo-says]");
  const most = Number(root.dataset.most);
  let photos = [];

  field.addEventListener("change", async () => {
    const fresh = [...field.files].filter((file) => !photos.includes(file));
    const room = most - photos.length;
    says.textContent = fresh.length > room ? root.dataset.tooMany : "";
    const taken = await Promise.all(fresh.slice(0, room).map(smaller));
    photos = [...photos, ...taken];
    show();
  });

  function show() {
    const carrier = new DataTransfer();
    photos.forEach((file) => carrier.items.add(file));
    field.files = carrier.files;
    shelf.replaceChildren(...photos.map(cardFor));
  }

  function cardFor(file, index) {
    const card = root.querySelector("template").content.cloneNode(true).firstElementChild;
    const picture = card.querySelector("img");
    picture.src = URL.createObjectURL(file);
    picture.alt = root.dataset.name.replace("…", index + 1);
    picture.onload = () => URL.revokeObjectURL(picture.src);
    picture.onerror = () => picture.remove();
    const button = card.querySelector("button");
    button.setAttribute("aria-label", root.dataset.remove.replace("…", index + 1));
    button.addEventListener("click", () => {
      photos = photos.filter((other) => other !== file);
      show();
      field.focus();
    });
    return card;
  }
}

async function smaller(file) {
  if (file.size < SMALL_ENOUGH || !file.type.startsWith("image/") || file.type === "image/svg+xml") return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}
