"""What a journey can ask for: the running program, and visitors with a real browser.

Chromium is the system's own. Where there is none the journeys are skipped with a word; a browser
that complains, asks another host or is answered with a fault fails the journey it visits.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.journeys.running_app import RunningApp, SignIn, running_app
from tests.journeys.watch import Watch

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
PATIENCE_MS = 8_000

NewVisitor = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run; each visitor gets a context of their own."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.skip(f"no browser here: none of {', '.join(CHROMIUM)} is on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The whole program with demonstration staff on shift and no reports yet."""
    with running_app(tmp_path_factory.mktemp("journeys") / "var") as app:
        yield app


@pytest.fixture
def visitor(running: RunningApp, chromium: Browser) -> Iterator[NewVisitor]:
    """Makes pages, each in a fresh context: a phone in Copenhagen unless told otherwise."""
    visits = Visits(chromium, running)
    yield visits.page
    visits.end()


class Visits:
    """The contexts of one test; at its end none of them may have anything to complain of."""

    def __init__(self, browser: Browser, app: RunningApp) -> None:
        self._browser, self._app = browser, app
        self._contexts: list[BrowserContext] = []
        self._watches: list[Watch] = []

    def page(self, who: SignIn | None = None, **options: Any) -> Page:
        """A page at nobody's address yet; signed in as `who` where somebody is named."""
        language = options.pop("language", "da-DK")
        context = self._browser.new_context(
            base_url=self._app.url,
            locale=language,
            viewport=options.pop("viewport", PHONE),
            timezone_id="Europe/Copenhagen",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        self._watches.append(Watch(urlsplit(self._app.url).netloc).over(context))
        page = context.new_page()
        if who is not None:
            sign_in(page, who)
        return page

    def complaints(self) -> list[str]:
        """What the browser has complained of since this was last asked, and what the program said."""
        faults = [fault for watch in self._watches for fault in watch.faults]
        for watch in self._watches:
            watch.faults.clear()
        return [*faults, *self._app.errors()] if faults else []

    def end(self) -> None:
        for context in self._contexts:
            context.close()
        faults = self.complaints()
        assert not faults, "the browser complained:\n" + "\n".join(faults)


def sign_in(page: Page, who: SignIn) -> None:
    """By the page, as staff do."""
    page.goto("/staff/sign-in")
    page.locator("[name=name]").fill(who.name)
    page.locator("[name=password]").fill(who.password)
    page.locator("main form [type=submit]").click()
    page.wait_for_url(lambda address: "/staff/sign-in" not in address)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies in this folder is a journey."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)
