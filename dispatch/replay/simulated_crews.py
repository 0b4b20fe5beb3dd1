"""Crews that work what they are given, through the door their phones use.

Each is one thread: read the day, go to the first stop at a crew's real speed in simulated time,
start, arrive, work, close. An action that gets no answer is sent again with the same key, for as
long as the crew is there, as a phone does.
"""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, repeat
from threading import Event, Thread
from typing import Any

from requests import Response

from dispatch.replay.demo_staff import NoStaff, SignIn, sign_in
from dispatch.replay.loopback import PAUSES_S, Browser, Unanswered
from dispatch.replay.pace import Pace
from dispatch.replay.page_reader import read_page
from dispatch.rules.catalogue import SERVICES, ServiceCode, Skill, Vehicle
from dispatch.rules.distance import SPEED, STOP_OVERHEAD_S, Point, metres, street_metres

NOTHING_FOUND = 0.12
# Real seconds between two looks at a day without stops: short at first, then longer.
LOOKS_S = (0.1, 0.2, 0.4, 0.8)
AFTER_A_NO_S = 0.5
SIGNED_OUT = 401


@dataclass
class CrewTally:
    """What one crew did; `kept` are closes that came too late and were kept as observations."""

    name: str
    done: int = 0
    kept: int = 0
    sent_again: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def note_refusal(self, code: str) -> None:
        self.refused[code] = self.refused.get(code, 0) + 1


class SimulatedCrew:
    """One crew and its phone. `tally` may be read at any time from another thread."""

    def __init__(self, browser: Browser, who: SignIn, pace: Pace, seed: int, stop: Event) -> None:
        self._browser, self._who, self._pace, self._seed = browser, who, pace, seed
        self._stop = stop
        self._token = ""
        self._version = ""
        self._day: dict[str, Any] = {}
        self._at: Point | None = None
        self.tally = CrewTally(who.name)

    def sign_in(self) -> None:
        """Open the phone; raises NoStaff or Unanswered when that cannot be done."""
        sign_in(self._browser, self._who)
        self._read_token()

    def work(self) -> None:
        """Until told to stop: the first stop of the day, again and again."""
        looks = 0
        while not self._stop.is_set():
            try:
                stop = self._next_stop()
                if stop is not None:
                    self._attend(stop)
            except Unanswered:
                stop = None
            except NoStaff:
                self.tally.note_refusal("sign_in")
                stop = None
            looks = 0 if stop else looks + 1
            if stop is None:
                self._stop.wait(LOOKS_S[min(looks, len(LOOKS_S)) - 1])
        self._browser.close()

    def _next_stop(self) -> dict[str, Any] | None:
        """The stop under way, or the first; a crew without a shift starts one."""
        self._look()
        if self._day.get("shift") is None:
            self._act({"action": "shift_start"})
            return None
        stops: list[dict[str, Any]] = self._day["stops"]
        under_way = [stop for stop in stops if stop["state"] != "planned"]
        return next(iter(under_way or stops), None)

    def _look(self) -> None:
        headers = {"If-None-Match": self._version} if self._version else {}
        answer = self._browser.get("/crew/day.json", headers=headers)
        if answer.status_code == SIGNED_OUT:
            self.sign_in()
            answer = self._browser.get("/crew/day.json")
        if answer.status_code == 304:
            return
        if not answer.ok:
            raise Unanswered(f"day {answer.status_code}")
        self._day, self._version = answer.json(), answer.headers.get("ETag", "")

    def _attend(self, stop: Mapping[str, Any]) -> None:
        """Go there, do it, close it; a step that is refused ends the attempt."""
        service = SERVICES[ServiceCode(stop["service_code"])]
        if not self._act(_about(stop, "start")):
            return
        self._spend(self._way_s(stop))
        if not self._act(_about(stop, "arrive")):
            return
        self._spend(service.work_minutes * 60)
        if self._act(_about(stop, "done") | self._finding(stop)):
            self.tally.done += 1

    def _way_s(self, stop: Mapping[str, Any]) -> float:
        """Simulated seconds from the last stop; the first one of the replay is at hand."""
        there = Point(stop["lat"], stop["lon"])
        here, self._at = self._at or there, there
        vehicle = Vehicle(self._day["shift"]["vehicle"])
        return street_metres(metres(here, there)) / SPEED[vehicle] + STOP_OVERHEAD_S[vehicle]

    def _finding(self, stop: Mapping[str, Any]) -> dict[str, Any]:
        """What the crew finds, drawn for the task: mostly what was reported."""
        dice = random.Random(f"{self._seed}:finding:{stop['task_id']}")
        service = SERVICES[ServiceCode(stop["service_code"])]
        if dice.random() < NOTHING_FOUND:
            return {"outcome": "nothing_found"}
        minutes = {"outcome": "removed", "minutes": round(service.work_minutes)}
        if Skill.NEEDLES not in service.skills:
            return minutes | {"bags": 1}
        return minutes | {"needles": stop["needle_count"] or dice.choice((1, 1, 2, 3))}

    def _spend(self, simulated_s: float) -> None:
        self._stop.wait(self._pace.real_seconds(simulated_s))

    def _act(self, body: Mapping[str, Any]) -> bool:
        """Send one action until it is answered; whether it was applied, or was so already."""
        dated = {**body, "occurred_at": datetime.now(UTC).isoformat()}
        answer = self._until_answered(dated, uuid.uuid4().hex)
        if answer is None:
            return False
        said = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
        if answer.ok and said.get("kind") != "observation":
            return True
        if answer.ok:
            self.tally.kept += 1
        else:
            self.tally.note_refusal(said.get("reason") or str(answer.status_code))
            self._read_token()
        self._version = ""
        self._stop.wait(AFTER_A_NO_S)
        return False

    def _until_answered(self, body: Mapping[str, Any], key: str) -> Response | None:
        """The answer to this body under this key; None when told to stop before there was one."""
        pauses = chain(PAUSES_S, repeat(PAUSES_S[-1]))
        while True:
            try:
                answer = self._send(body, key)
                if answer.status_code != SIGNED_OUT:
                    return answer
                self.sign_in()
            except Unanswered:
                self.tally.sent_again += 1
                if self._stop.wait(next(pauses)):
                    return None

    def _read_token(self) -> None:
        self._token = read_page(self._browser.get("/crew").text).hidden.get("csrf_token", "")

    def _send(self, body: Mapping[str, Any], key: str) -> Response:
        headers = {"Idempotency-Key": key, "X-CSRFToken": self._token}
        return self._browser.post("/crew/actions", json=body, headers=headers)


def _about(stop: Mapping[str, Any], action: str) -> dict[str, Any]:
    return {"action": action, "task_id": stop["task_id"], "task_version": stop["version"]}


class WorkingCrews:
    """All simulated crews, each in its own thread, until told to go home."""

    def __init__(self, base_url: str, who: Sequence[SignIn], pace: Pace, seed: int) -> None:
        self._stop = Event()
        self._crews = [
            SimulatedCrew(Browser(base_url), each, pace, seed, self._stop) for each in who
        ]
        self._threads = [Thread(target=crew.work, name=crew.tally.name) for crew in self._crews]

    def start(self) -> None:
        """Sign all in, then let them work; raises NoStaff or Unanswered before anybody works."""
        for crew in self._crews:
            crew.sign_in()
        for thread in self._threads:
            thread.start()

    def go_home(self) -> list[CrewTally]:
        """Stop after the action under way; what each crew did."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        return [crew.tally for crew in self._crews]
