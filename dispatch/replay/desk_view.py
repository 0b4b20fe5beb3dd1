"""What the coordinator and the operator can see of the system: the export, and the work tallies."""

import re
import time
from collections.abc import Callable, Collection

from dispatch.replay.closing_table import Exported, exported
from dispatch.replay.demo_staff import NoStaff, SignIn, sign_in
from dispatch.replay.loopback import Browser, Unanswered, patiently

ROUTED = re.compile(r'^renhold_work_done_total\{kind="assign_request",via="(\w+)"\} (\S+)', re.M)
# Between two looks: at least so many seconds, and ten times what a look costs.
LOOK_EVERY_S = 2.0
LOOK_SHARE = 10


class DeskView:
    """A coordinator's browser; reads only."""

    def __init__(self, base_url: str, who: SignIn) -> None:
        self._browser, self._who = Browser(base_url), who

    def sign_in(self) -> None:
        """Raises NoStaff or Unanswered when that cannot be done."""
        sign_in(self._browser, self._who)

    def export(self) -> dict[str, Exported]:
        """Every request by reference, as the export tells it now."""

        def try_once() -> dict[str, Exported]:
            answer = self._browser.get("/desk/export.json")
            if answer.status_code == 401:
                self.sign_in()
                raise Unanswered("the session ended")
            if not answer.ok:
                raise NoStaff(f"{self._who.name} cannot read the export ({answer.status_code}).")
            try:
                rows = answer.json()
            except ValueError:
                raise Unanswered("the export broke off") from None
            return {row["reference"]: exported(row) for row in rows}

        return patiently(try_once)

    def routings(self) -> dict[str, int]:
        """Routings done so far, by queue or by sweep; empty where the operator may not look."""
        try:
            answer = patiently(lambda: self._browser.get("/metrics"))
        except Unanswered:
            return {}
        return {via: int(float(done)) for via, done in ROUTED.findall(answer.text)}

    def wait_until(
        self,
        references: Collection[str],
        good: Callable[[Exported], bool],
        *,
        patience_s: float,
        tell: Callable[[int], object] = lambda _open: None,
    ) -> dict[str, Exported]:
        """Until all of these are good, or nothing about them has changed for so long: the last export."""
        seen: object = None
        changed_at = time.monotonic()
        while True:
            began = time.monotonic()
            found = self.export()
            ours = [found[reference] for reference in references if reference in found]
            left = sum(not good(each) for each in ours)
            now = time.monotonic()
            if ours != seen:
                seen, changed_at = ours, now
                tell(left)
            if not left or now - changed_at >= patience_s:
                return found
            time.sleep(max(LOOK_EVERY_S, LOOK_SHARE * (now - began)))
