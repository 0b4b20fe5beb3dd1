// A button that copies the page's own link; without the clipboard it stays away.

for (const button of document.querySelectorAll("[data-copy-link]")) {
  if (!navigator.clipboard) continue;
  const words = button.querySelector("span");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copyLink);
    words.textContent = button.dataset.copied;
  });
}
