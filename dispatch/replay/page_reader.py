"""What a simulated person needs from a page: the hidden fields of its form, and what it refused."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

REFERENCE = re.compile(r"\b20\d\d-\d{6}\b")


@dataclass
class Page:
    """`hidden` are the hidden inputs by name (the last one wins), `codes` all `data-code` values."""

    hidden: dict[str, str] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "data-code" in values:
            self.page.codes.update(values["data-code"].split())
        if tag == "input" and values.get("type") == "hidden" and "name" in values:
            self.page.hidden[values["name"]] = values.get("value", "")


def read_page(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


def reference_in(html: str) -> str | None:
    """The first reference a person would read on the page, such as 2026-000412."""
    found = REFERENCE.search(html)
    return found[0] if found else None
