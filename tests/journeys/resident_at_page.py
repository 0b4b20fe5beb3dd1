"""A resident before the report form: fills it in as asked, and reads the receipt."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, expect

REFERENCE = re.compile(r"\d{4}-\d{6}")


@dataclass
class Resident:
    """One person with one browser; `page` may be looked at directly."""

    page: Page

    def opens_report(self) -> None:
        self.page.goto("/report")

    def chooses(self, field: str, value: str) -> None:
        """A tile or a chip: the label is what one hits."""
        self.page.locator(f"label:has(input[name={field}][value={value}])").click()

    def taps_the_map(self, right: int = 0, down: int = 0) -> None:
        """So many pixels from the middle of the map; returns when the pin is there."""
        box = self.page.locator('[data-place="map"]')
        box.scroll_into_view_if_needed()
        expect(box.locator(".leaflet-control-zoom-in")).to_be_visible()
        size = box.bounding_box()
        assert size is not None
        box.tap(position={"x": size["width"] / 2 + right, "y": size["height"] / 2 + down})
        expect(self.page.locator('[data-place="lat"]')).to_have_value(re.compile(r"^55\.6\d+$"))
        expect(self.page.locator(".map-pin")).to_be_visible()

    def types_address(self, text: str) -> None:
        self.page.locator("#address").fill(text)

    def counts_needles(self, number: int) -> None:
        """With the plus button where there is one."""
        plus = self.page.locator('.stepper:has(#needle_count) [data-step="1"]')
        if not plus.is_visible():
            self.page.locator("#needle_count").fill(str(number))
            return
        for _ in range(number):
            plus.click()
        expect(self.page.locator("#needle_count")).to_have_value(str(number))

    def writes(self, text: str) -> None:
        self.page.locator("#description").fill(text)

    def adds_photo(self, photo: bytes, name: str = "foto.jpg", kind: str = "image/jpeg") -> None:
        self.page.locator("#photo").set_input_files(
            FilePayload(name=name, mimeType=kind, buffer=photo)
        )

    def adds_file(self, path: Path) -> None:
        self.page.locator("#photo").set_input_files(path)

    def leaves_contact(self, contact: str) -> None:
        self.page.locator("#contact").fill(contact)

    def sends(self) -> None:
        self.page.locator(".send [type=submit]").click()

    def receipt(self) -> tuple[str, str]:
        """Waits for the receipt: its address and the reference on it."""
        self.page.wait_for_url("**/r/*")
        found = REFERENCE.search(self.page.locator(".reference").inner_text())
        assert found, "the receipt has no number"
        return self.page.url, found[0]

    def withdraws(self) -> None:
        """Takes the report back, on the receipt's page."""
        self.page.locator("details summary").click()
        self.page.locator('form[action$="/withdraw"] [type=submit]').click()
        expect(self.page.locator(".tag-withdrawn")).to_be_visible()

    @property
    def problems(self) -> Locator:
        """The list of problems on top of a refused form."""
        return self.page.locator(".error-summary")
