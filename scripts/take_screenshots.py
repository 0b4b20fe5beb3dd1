"""Take the pictures of the README anew: `make screenshots`.

Starts the program with demonstration data on a folder and a port of its own, opens it in Chromium
as a resident, a crew and the coordinator would, and keeps three small pictures in docs/images.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "images"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
START_S = 90
COLOURS = 128
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main() -> None:
    """Run the program, take the pictures, stop it."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        sys.exit(f"No browser: install one of {', '.join(CHROMIUM)}.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="renhold-pictures-") as folder,
        demonstration(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        passwords = read_sign_ins(Path(folder))
        report_form(visit(browser, url, PHONE))
        crew_phone(visit(browser, url, PHONE), passwords)
        desk(visit(browser, url, DESKTOP), passwords)
        browser.close()


@contextmanager
def demonstration(folder: Path) -> Iterator[str]:
    """The whole program; its address."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = int(door.getsockname()[1])
    own = {"RENHOLD_DATA_DIR": str(folder), "PORT": str(port), "TILE_URL": ""}
    process = subprocess.Popen(
        [sys.executable, "-m", "dispatch.cli", "up", "--demo"],
        env=os.environ | own | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with DIRECT.open(f"{url}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"The program is not ready after {START_S} s.")


def read_sign_ins(folder: Path) -> dict[str, str]:
    rows = json.loads((folder / "demo-sign-ins.json").read_text(encoding="utf-8"))
    return {row["name"]: row["password"] for row in rows}


def visit(browser: Browser, url: str, size: ViewportSize) -> Page:
    """A fresh visitor from Copenhagen in daylight."""
    context = browser.new_context(
        base_url=url, viewport=size, locale="da-DK", timezone_id="Europe/Copenhagen",
        color_scheme="light", reduced_motion="reduce",
    )  # fmt: skip
    return context.new_page()


def report_form(page: Page) -> None:
    """The form with the kind chosen and the pin set, where the map and the advice can be seen."""
    page.goto("/report")
    page.locator("label:has(input[value=syringe])").click()
    page.locator('[data-place="map"]').scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    page.locator('[data-place="map"]').click()
    page.locator(".map-pin").wait_for()
    page.locator(".safety-advice").evaluate("part => { part.scrollIntoView(); scrollBy(0, 16); }")
    keep(page, "report.png")


def crew_phone(page: Page, passwords: dict[str, str]) -> None:
    """Today's stops of the crew that has the most of them."""
    best, most = "", -1
    for name in ("cykelholdet", "istedholdet", "enghaveholdet"):
        sign_in(page, name, passwords[name])
        page.goto("/crew")
        stops = page.locator("[data-task]").count()
        if stops > most:
            best, most = name, stops
    sign_in(page, best, passwords[best])
    page.goto("/crew")
    page.wait_for_load_state("networkidle")
    keep(page, "crew.png")


def desk(page: Page, passwords: dict[str, str]) -> None:
    """What the coordinator sees first."""
    sign_in(page, "koordinator", passwords["koordinator"])
    page.goto("/desk")
    keep(page, "desk.png")


def sign_in(page: Page, name: str, password: str) -> None:
    page.context.clear_cookies()
    page.goto("/staff/sign-in")
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(password)
    page.locator("main form [type=submit]").click()
    page.wait_for_url(lambda address: "/staff/sign-in" not in address)


def keep(page: Page, name: str) -> None:
    """Fewer colours, smaller file."""
    page.evaluate("document.activeElement?.blur()")
    with Image.open(BytesIO(page.screenshot())) as picture:
        few = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
        few.save(PICTURES / name, optimize=True)
    print(f"docs/images/{name}: {(PICTURES / name).stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
