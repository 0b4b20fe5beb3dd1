"""A crew with its phone and a coordinator at the desk: what they press and what they read."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect


@dataclass
class CrewPhone:
    """A signed-in crew; `page` may be looked at directly."""

    page: Page

    def opens_today(self) -> None:
        self.page.goto("/crew")

    def stop(self, task_id: int) -> Locator:
        """One stop on today's page, the large one or one of the list."""
        return self.page.locator(f'[data-task="{task_id}"]')

    def order(self) -> list[int]:
        """The tasks on today's page, first to last."""
        stops = self.page.locator("[data-task]")
        return [int(stop.get_attribute("data-task") or 0) for stop in stops.all()]

    def opens_stop(self, task_id: int) -> None:
        self.page.goto(f"/crew/stops/{task_id}")

    def presses_step(self) -> None:
        """The one large button under the thumb: start, arrived or finish."""
        self.page.locator(".action-bar .step").click()

    def told(self) -> Locator:
        """The sentence that answers the last action."""
        return self.page.locator(".told").first

    def goes_to(self, task_id: int) -> None:
        """Start and arrive at one stop."""
        self.opens_stop(task_id)
        self.presses_step()
        expect(self.page.locator(".stop-state-started")).to_be_visible()
        self.presses_step()
        expect(self.page.locator(".stop-state-arrived")).to_be_visible()

    def closes(self, needles: int) -> None:
        """Finish the stop that the crew stands at."""
        self.page.locator("#close-form [name=needles]").fill(str(needles))
        self.presses_step()
        expect(self.told()).to_be_visible()


@dataclass
class Desk:
    """A signed-in coordinator; `page` may be looked at directly."""

    page: Page

    def export(self) -> dict[str, dict[str, Any]]:
        """Every request by reference, from the export."""
        answer = self.page.request.get("/desk/export.json")
        assert answer.status == 200, answer.status
        return {row["reference"]: row for row in answer.json()}

    def request(self, reference: str) -> dict[str, Any]:
        return self.export()[reference]

    def opens(self, reference: str) -> None:
        self.page.goto(f"/desk/requests/{reference}")

    def deed(self, name: str) -> Locator:
        """One thing the coordinator can do, unfolded."""
        box = self.page.locator(f"#deed-{name}")
        if box.get_attribute("open") is None:
            box.locator("summary").click()
        return box
