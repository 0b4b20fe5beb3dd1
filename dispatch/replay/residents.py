"""One row of the stream is one resident: reads the form, sends it, reads the receipt.

A resident who gets no answer tries again with the form that is still on the screen, so with the
same form key: the system must make one report of it. After the last pause the resident gives up.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from requests import Response

from dispatch.replay.loopback import PAUSES_S, Browser, Unanswered, path_of, patiently
from dispatch.replay.page_reader import read_page, reference_in
from dispatch.replay.stream import StreamRow
from dispatch.rules.catalogue import PlaceKind, ServiceCode

# Yards and stairwells are private ground, which a person decides about: none of these is one.
PLACE_KINDS = {
    PlaceKind.STREET: 60,
    PlaceKind.STAIRS: 12,
    PlaceKind.PARK: 10,
    PlaceKind.STATION: 8,
    PlaceKind.PUBLIC_TOILET: 5,
    PlaceKind.OTHER: 5,
}
NEEDLES = {1: 55, 2: 22, 3: 12, 4: 6, 6: 3, 12: 2}
OUTSIDE = "outside_area"


class Fate(StrEnum):
    """How it ended for one resident."""

    ACCEPTED = "accepted"
    OUTSIDE = "outside"
    REFUSED = "refused"
    GAVE_UP = "gave_up"


@dataclass(frozen=True)
class Sent:
    """One resident's end; `said` is the reference, the code of the refusal, or the last failure."""

    row_number: int
    fate: Fate
    said: str = ""


class _Refused(Exception):
    """The form came back, or something else that is no receipt."""

    def __init__(self, fate: Fate, said: str) -> None:
        super().__init__(said)
        self.fate, self.said = fate, said


class Resident:
    """Who saw what the row says. The same row and seed always give the same answers."""

    def __init__(
        self,
        browser: Browser,
        row: StreamRow,
        seed: int,
        *,
        pauses: tuple[float, ...] = PAUSES_S,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._browser, self._row = browser, row
        self._answers = answers_of(row, seed)
        self._pauses, self._sleep = pauses, sleep
        self._form_key = ""
        self._receipt_path = ""

    def report(self) -> Sent:
        """Until there is a receipt, a refusal, or no patience left."""
        number = self._row.number
        try:
            reference = patiently(self._try_once, self._pauses, self._sleep)
        except _Refused as refused:
            return Sent(number, refused.fate, refused.said)
        except Unanswered as failure:
            return Sent(number, Fate.GAVE_UP, str(failure))
        finally:
            self._browser.close()
        return Sent(number, Fate.ACCEPTED, reference)

    def _try_once(self) -> str:
        """The reference on the receipt; what an earlier try has reached is not done again."""
        if not self._receipt_path:
            self._receipt_path = self._send(self._token())
        page = self._browser.get(self._receipt_path)
        reference = reference_in(page.text) if page.ok else None
        if reference is None:
            raise Unanswered(f"receipt {page.status_code} without a reference")
        return reference

    def _token(self) -> str:
        """A fresh token; the form key is that of the first form, as it stands on the screen."""
        page = read_page(self._browser.get("/report").text)
        self._form_key = self._form_key or page.hidden.get("form_key", "")
        return page.hidden.get("csrf_token", "")

    def _send(self, token: str) -> str:
        """Where the receipt is; raises _Refused with the reason the page gives."""
        hidden = {"csrf_token": token, "form_key": self._form_key, "language": "da", "website": ""}
        answer = self._browser.post("/report", data=self._answers | hidden)
        path = path_of(answer.headers.get("Location", ""))
        if answer.status_code == 303 and path.startswith("/r/"):
            return path
        raise _refusal(answer)


def answers_of(row: StreamRow, seed: int) -> dict[str, str]:
    """What this resident fills in; kind of place and number of needles are drawn for the row."""
    dice = random.Random(f"{seed}:answers:{row.number}")
    return {
        "service_code": ServiceCode.SYRINGE.value,
        "lat": f"{row.lat:.6f}",
        "lon": f"{row.lon:.6f}",
        "place_kind": dice.choices(list(PLACE_KINDS), list(PLACE_KINDS.values()))[0].value,
        "needle_count": str(dice.choices(list(NEEDLES), list(NEEDLES.values()))[0]),
        "description": row.description,
    }


def _refusal(answer: Response) -> _Refused:
    codes = read_page(answer.text).codes
    if OUTSIDE in codes:
        return _Refused(Fate.OUTSIDE, OUTSIDE)
    return _Refused(Fate.REFUSED, " ".join([str(answer.status_code), *sorted(codes)]))
