"""Times, distances and durations in words, in the reader's language and Copenhagen's time.

Aware UTC comes in, words go out. Which moment is "now" comes from the clock, so tests can set it.
"""

from datetime import datetime, timedelta

from babel.dates import format_datetime
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from dispatch.gateways import gateways
from dispatch.rules.working_hours import COPENHAGEN

PATTERNS = {
    "when": {"da": "d. MMMM y 'kl.' H.mm", "en": "d MMMM y 'at' HH:mm"},
    "day": {"da": "d. MMMM y", "en": "d MMMM y"},
    "short_day": {"da": "d. MMMM", "en": "d MMMM"},
    "clock": {"da": "H.mm", "en": "HH:mm"},
}


def when(moment: datetime) -> str:
    """`22. november 2026 kl. 14.05`"""
    return _formatted(moment, "when")


def day(moment: datetime) -> str:
    """`22. november 2026`"""
    return _formatted(moment, "day")


def clock(moment: datetime) -> str:
    """`14.05`"""
    return _formatted(moment, "clock")


def when_near(moment: datetime) -> str:
    """`i dag kl. 16.00`, `i morgen kl. 12.00`, `i går kl. 9.15`; further away the whole date."""
    today = _local(gateways().clock.now()).date()
    time = clock(moment)
    match _local(moment).date() - today:
        case timedelta(days=0):
            return str(_("i dag kl. %(time)s", time=time))
        case timedelta(days=1):
            return str(_("i morgen kl. %(time)s", time=time))
        case timedelta(days=-1):
            return str(_("i går kl. %(time)s", time=time))
        case _:
            return when(moment)


def distance_text(metres: float) -> str:
    """`320 m`, `1,4 km`"""
    if metres < 995:
        return f"{round(metres, -1):.0f} m" if metres >= 100 else f"{metres:.0f} m"
    kilometres = f"{metres / 1000:.1f}"
    return f"{kilometres if _language() == 'en' else kilometres.replace('.', ',')} km"


def minutes_text(minutes: float) -> str:
    """`12 min.`, `1 time 5 min.`"""
    hours, rest = divmod(max(round(minutes), 0), 60)
    if not hours:
        return str(_("%(count)s min.", count=rest))
    words = str(ngettext("%(num)d time", "%(num)d timer", hours))
    return f"{words} {_('%(count)s min.', count=rest)}" if rest else words


def _formatted(moment: datetime, pattern: str) -> str:
    language = _language()
    return str(format_datetime(_local(moment), PATTERNS[pattern][language], locale=language))


def _language() -> str:
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "da"


def _local(moment: datetime) -> datetime:
    """Copenhagen's time; at the ends of the calendar, where that cannot be told, UTC."""
    try:
        return moment.astimezone(COPENHAGEN)
    except OverflowError:
        return moment
