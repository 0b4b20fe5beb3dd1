"""The shape of one crew action, from a form or as JSON, becomes one `CrewAction`.

Kind and size of each field are looked at here, all problems at once; what an action means, and
whether it fits the task, is decided in `lifecycle/attend`. A field nobody knows is left aside.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dispatch.lifecycle.attend import STEPS
from dispatch.lifecycle.crew_action import MOST_COUNTED, MOST_MEMBERS, MOST_NOTE, CrewAction
from dispatch.models.policy_in_force import policy_in_force
from dispatch.rules.catalogue import ServiceCode, Vehicle
from dispatch.rules.outcome import Outcome
from dispatch.rules.personal_data import blocks, clean_text, find_personal_data
from dispatch.rules.problems import FieldProblem, Refused

ON_A_TASK = frozenset({"start", "arrive", "done", "problem", "hand_back"})
KEY = re.compile(r"[\x21-\x7e]{1,64}")
PHOTO = re.compile(r"[0-9a-f]{64}")
DIGITS = re.compile(r"[0-9]{1,9}")
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Actor:
    """Whose action it is."""

    account_id: int
    crew_id: int
    name: str


def action_from_json(body: object, key: str, actor: Actor) -> CrewAction:
    """From a phone's unsent actions. Raises Refused: `key_missing`, `body_unreadable`, fields."""
    if not isinstance(body, Mapping):
        raise Refused.at("body", "body_unreadable")
    return _action(_Reader(body), key, actor)


def action_from_form(form: Mapping[str, str], photos: tuple[str, ...], actor: Actor) -> CrewAction:
    """From a page's form: everything came as text, and empty means not said."""
    values: dict[str, Any] = {name: text.strip() or None for name, text in form.items()}
    for name in ("task_id", "task_version", "needles", "other_sharps", "bags", "minutes"):
        if values.get(name) and DIGITS.fullmatch(values[name]):
            values[name] = int(values[name])
    for name in ("lat", "lon"):
        values[name] = _degrees_as_typed(values.get(name))
    values.pop("occurred_at", None)
    values["photos"] = list(photos)
    return _action(_Reader(values), values.pop("idempotency_key", None) or "", actor)


def _action(reader: "_Reader", key: str, actor: Actor) -> CrewAction:
    if not KEY.fullmatch(key):
        reader.refuse("idempotency_key", "key_missing")
    name = reader.code("action", frozenset(STEPS), "action_unknown")
    if name is None:
        reader.refuse("action", "action_unknown")
    task_id = reader.whole("task_id", LARGEST_ID)
    if task_id is None and name in ON_A_TASK:
        reader.refuse("task_id", "task_missing")
    action = CrewAction(
        key=key,
        account_id=actor.account_id,
        crew_id=actor.crew_id,
        by=actor.name,
        action=name or "",
        occurred_at=reader.moment("occurred_at"),
        task_id=task_id if name in ON_A_TASK else None,
        task_version=reader.whole("task_version", LARGEST_ID),
        outcome=reader.code("outcome", frozenset(Outcome), "outcome_unknown"),
        needles=reader.whole("needles", MOST_COUNTED),
        other_sharps=reader.whole("other_sharps", MOST_COUNTED),
        bags=reader.whole("bags", MOST_COUNTED),
        minutes=reader.whole("minutes", MOST_COUNTED),
        note=reader.text("note", MOST_NOTE),
        photos=reader.photos("photos"),
        vehicle=reader.code("vehicle", frozenset(Vehicle), "vehicle_unknown"),
        members=reader.names("members", MOST_MEMBERS),
        service_code=reader.code("service_code", frozenset(ServiceCode), "service_unknown"),
        lat=reader.degrees("lat", 90),
        lon=reader.degrees("lon", 180),
    )
    reader.done()
    return action


class _Reader:
    """Takes values out of a body one by one and remembers what was wrong with them."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._problems: dict[str, FieldProblem] = {}

    def refuse(self, name: str, code: str, **values: str | int | float) -> None:
        self._problems.setdefault(name, FieldProblem(name, code, values))

    def done(self) -> None:
        if self._problems:
            raise Refused(self._problems.values())

    def code(self, name: str, known: frozenset[str], problem: str) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or value not in known:
            self.refuse(name, problem)
            return None
        return value

    def whole(self, name: str, most: int) -> int | None:
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self.refuse(name, "number_strange", most=most)
            return None
        return value

    def degrees(self, name: str, limit: float) -> float | None:
        value = self._values.get(name)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or abs(value) > limit or not math.isfinite(value):
            self.refuse("place", "place_unreadable")
            return None
        return float(value)

    def text(self, name: str, most: int) -> str:
        value = self._values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(name, "text_unreadable")
            return ""
        return self._checked(name, value, most)

    def _checked(self, name: str, value: str, most: int) -> str:
        text = clean_text(value).strip()
        if len(text) > most:
            self.refuse(name, "text_too_long", **{"most": most, "is": len(text)})
        if blocks(find_personal_data(text)):
            self.refuse(name, "cpr_in_text")
        return text

    def names(self, name: str, most: int) -> str:
        """One text, or a list of names that become one."""
        value = self._values.get(name)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return self._checked(name, ", ".join(value), most)
        return self.text(name, most)

    def photos(self, name: str) -> tuple[str, ...]:
        value = self._values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(_is_photo_name(each) for each in value):
            self.refuse(name, "photo_unknown")
            return ()
        most = policy_in_force().photos_per_report
        if len(value) > most:
            self.refuse(name, "too_many_photos", most=most)
        return tuple(value)

    def moment(self, name: str) -> datetime | None:
        """An ISO time with its zone; what a phone calls now is kept beside the server's own time."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValueError
        except (TypeError, ValueError):
            self.refuse(name, "time_unreadable")
            return None
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            # At the end of the calendar a few hours do not matter: `attend` moves it near now.
            return moment.replace(tzinfo=UTC)


def _is_photo_name(value: object) -> bool:
    return isinstance(value, str) and PHOTO.fullmatch(value) is not None


def _degrees_as_typed(text: str | None) -> float | str | None:
    """A number where it is one; else the text, which the reader then refuses."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text
