"""The report form: the shape of what was sent, and all of it shown again when it must be.

Shape only: lengths, numbers, whether the page was ours. What the words and the place mean is asked
of `lifecycle/receive.py`. Photos are in `report_photos.py`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from uuid import uuid4

from flask import request
from flask_wtf import FlaskForm
from wtforms import StringField

from dispatch.lifecycle.receive import MOST_NEEDLES, NewReport
from dispatch.rules.catalogue import PlaceKind, ServiceCode, Source
from dispatch.rules.problems import FieldProblem
from dispatch.web.problem_words import problem_text

# Far beyond what is accepted: how long a description may be, the coordinator decides.
MOST_DESCRIPTION = 20_000
MOST_ADDRESS = 200
MOST_CONTACT = 200
FORM_KEY = re.compile(r"[0-9A-Za-z_-]{16,64}")
YES = frozenset({"1", "on", "true", "yes", "y", "ja"})
NO = frozenset({"0", "off", "false", "no", "n", "nej"})
# The order of the page, so that the list of problems reads as the page does.
PAGE_ORDER = (
    "csrf_token",
    "form_key",
    "website",
    "service_code",
    "place",
    "address",
    "place_kind",
    "needle_count",
    "capped",
    "surface",
    "description",
    "photo",
    "contact",
)


class ReportForm(FlaskForm):
    """The fields of the contract, as they were sent; the file field is read by `report_photos`."""

    service_code = StringField()
    lat = StringField()
    lon = StringField()
    address = StringField()
    address_choice = StringField()
    place_kind = StringField()
    place_unverified = StringField()
    needle_count = StringField()
    surface = StringField()
    capped = StringField()
    risk_now = StringField()
    description = StringField()
    contact = StringField()
    language = StringField()
    form_key = StringField()
    kept_photos = StringField()
    website = StringField()

    def says(self, name: str) -> str:
        """What was sent in this field, without the space around it."""
        return (self[name].data or "").strip()

    def shape_problems(self) -> list[FieldProblem]:
        """What is wrong with the shape; empty when the meaning can be asked for."""
        self.validate()
        problems = []
        if "csrf_token" in self.errors:
            problems.append(FieldProblem("csrf_token", "form_expired"))
        if self.says("website"):
            problems.append(FieldProblem("website", "honeypot_filled"))
        return [*problems, *self._kind_problems(), *self._size_problems()]

    def _kind_problems(self) -> list[FieldProblem]:
        problems = []
        if not self.says("service_code"):
            problems.append(FieldProblem("service_code", "service_missing"))
        if (self.says("lat") or self.says("lon")) and self.pin() is None:
            problems.append(FieldProblem("place", "place_unreadable"))
        elif not (self.pin() or self.says("address") or self.says("address_choice")):
            problems.append(FieldProblem("place", "place_missing"))
        if self.says("needle_count") and self._needles() is None:
            strange = FieldProblem("needle_count", "needle_count_strange", {"most": MOST_NEEDLES})
            problems.append(strange)
        return problems

    def _size_problems(self) -> list[FieldProblem]:
        limits = {"description": MOST_DESCRIPTION, "address": MOST_ADDRESS, "contact": MOST_CONTACT}
        return [
            FieldProblem(name, "text_too_long", {"most": most, "is": now})
            for name, most in limits.items()
            if (now := len(self[name].data or "")) > most
        ]

    def pin(self) -> tuple[float, float] | None:
        """Latitude and longitude, when both were sent and can be a place on Earth."""
        return _pin(self.says("lat"), self.says("lon"))

    def key(self) -> str:
        """The form's own key, or a fresh one where none of ours came along."""
        sent = self.says("form_key")
        return sent if FORM_KEY.fullmatch(sent) else fresh_key()

    def to_report(self, key: str, photos: tuple[str, ...] = ()) -> NewReport:
        """What was sent, as the one thing `receive` takes."""
        choice = _chosen(self.says("address_choice"))
        lat, lon = (choice[0], choice[1]) if choice else (self.pin() or (None, None))
        return NewReport(
            service_code=self.says("service_code"),
            form_key=key,
            lat=lat,
            lon=lon,
            address=choice[2] if choice else self.says("address"),
            place_kind=self.says("place_kind") or None,
            needle_count=self._needles(),
            surface=self.says("surface") or None,
            capped=_yes_or_no(self.says("capped")),
            risk_now=_yes_or_no(self.says("risk_now")) is True,
            description=(self.description.data or "").replace("\r\n", "\n"),
            contact=self.says("contact"),
            language="en" if self.says("language") == "en" else "da",
            source=Source.FORM,
            photos=photos,
            place_unverified=_yes_or_no(self.says("place_unverified")) is True,
        )

    def _needles(self) -> int | None:
        sent = self.says("needle_count")
        if not re.fullmatch(r"[0-9]{1,3}", sent):
            return None
        return int(sent)


@dataclass(frozen=True)
class PhotoShown:
    """A photo that is already here; `name` is what the box to drop it sends."""

    name: str
    label: str


@dataclass(frozen=True)
class ShownForm:
    """The form as a page shows it: what was typed, and what is wrong, in words."""

    form_key: str
    service_code: str = ""
    lat: str = ""
    lon: str = ""
    address: str = ""
    place_kind: str = ""
    needle_count: str = ""
    surface: str = ""
    capped: str = ""
    risk_now: bool = False
    description: str = ""
    contact: str = ""
    place_unverified: bool = False
    kept_photos: str = ""
    photos_kept: tuple[PhotoShown, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)


def empty_form(asked: Mapping[str, str]) -> ShownForm:
    """A fresh form; a link may have chosen the kind and the place, as a QR code on a wall does."""
    service = asked.get("service_code", "")
    place_kind = asked.get("place_kind", "")
    return ShownForm(
        form_key=fresh_key(),
        service_code=service if service in set(ServiceCode) else "",
        place_kind=place_kind if place_kind in set(PlaceKind) else "",
        address=asked.get("address", "")[:MOST_ADDRESS],
    )


def shown_again(
    form: ReportForm,
    key: str,
    problems: Iterable[FieldProblem],
    *,
    kept_photos: str = "",
    photos_kept: tuple[PhotoShown, ...] = (),
) -> ShownForm:
    """Everything that was typed, with the problems beside it."""
    return ShownForm(
        form_key=key,
        service_code=form.says("service_code"),
        lat=form.says("lat") if form.pin() else "",
        lon=form.says("lon") if form.pin() else "",
        address=form.says("address"),
        place_kind=form.says("place_kind"),
        needle_count=form.says("needle_count"),
        surface=form.says("surface"),
        capped=form.says("capped"),
        risk_now=_yes_or_no(form.says("risk_now")) is True,
        description=form.description.data or "",
        contact=form.says("contact"),
        place_unverified=_yes_or_no(form.says("place_unverified")) is True,
        kept_photos=kept_photos,
        photos_kept=photos_kept,
        problems=in_page_order(problems),
    )


def in_page_order(problems: Iterable[FieldProblem]) -> dict[str, str]:
    """One sentence a field, in the order of the page."""
    found: dict[str, str] = {}
    for problem in problems:
        found.setdefault(problem.field, problem_text(problem))
    place = {name: at for at, name in enumerate(PAGE_ORDER)}
    return dict(sorted(found.items(), key=lambda item: place.get(item[0], len(place))))


def choice_of(lat: float, lon: float, label: str) -> str:
    """An address to choose, as a radio button's value."""
    return f"{lat:.6f},{lon:.6f},{label}"


def fresh_key() -> str:
    """A key no form had before."""
    return uuid4().hex


def sent_form() -> ReportForm:
    """What was typed; a file in the place of a text is not looked at."""
    return ReportForm(request.form)


def _pin(lat_sent: str, lon_sent: str) -> tuple[float, float] | None:
    try:
        lat, lon = float(lat_sent), float(lon_sent)
    except ValueError:
        return None
    if not (isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        return None
    return lat, lon


def _chosen(value: str) -> tuple[float, float, str] | None:
    parts = value.split(",", 2)
    if len(parts) != 3:
        return None
    pin = _pin(parts[0], parts[1])
    return None if pin is None else (*pin, parts[2].strip()[:MOST_ADDRESS])


def _yes_or_no(sent: str) -> bool | None:
    word = sent.lower()
    if word in YES:
        return True
    return False if word in NO else None
