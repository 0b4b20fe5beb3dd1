"""What people read when something cannot be: a heading and what to do next, one pair a status."""

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _


class ErrorWords(NamedTuple):
    """`reason` is for programs, the rest for people; both texts are lazy."""

    reason: str
    heading: Any
    text: Any


CSRF = ErrorWords(
    "csrf",
    _("Tryk på Send en gang til"),
    _(
        "Siden har været åben længe, eller browseren gemmer ikke cookies. Gå tilbage, genindlæs "
        "siden, og send igen. Kopiér først det, du har skrevet."
    ),
)
NOT_SAVED = ErrorWords(
    "unavailable",
    _("Prøv igen om lidt"),
    _(
        "Vi kan ikke gemme noget lige nu, og intet er gemt. Gå tilbage: det, du har skrevet, står "
        "der endnu. Send igen om et par minutter."
    ),
)
NOT_SHOWN = ErrorWords(
    "unavailable",
    _("Prøv igen om lidt"),
    _("Vi kan ikke vise siden lige nu. Prøv igen om et par minutter."),
)
FAULT = ErrorWords(
    "fault",
    _("Prøv igen om lidt"),
    _("Vi kan ikke vise siden, fordi der er noget galt hos os. Fejlen er noteret."),
)
BY_STATUS: dict[int, ErrorWords] = {
    400: ErrorWords(
        "bad_request",
        _("Gå tilbage, og prøv igen"),
        _("Vi kunne ikke læse det, der blev sendt. Det, du har skrevet, står der endnu."),
    ),
    401: ErrorWords("signed_out", _("Log på"), _("Log på for at se siden.")),
    403: ErrorWords(
        "not_allowed",
        _("Du har ikke adgang til siden"),
        _("Log på med en anden konto, eller gå til din egen startside."),
    ),
    404: ErrorWords(
        "not_found",
        _("Siden findes ikke"),
        _("Tjek, at adressen er skrevet helt af, eller begynd forfra."),
    ),
    405: ErrorWords(
        "method_not_allowed",
        _("Brug knapperne på siden"),
        _("Adressen kan ikke bruges på den måde. Gå tilbage, og prøv igen."),
    ),
    409: ErrorWords(
        "already_done",
        _("Det er allerede sket"),
        _("Nogen var hurtigere. Gå tilbage, og genindlæs siden for at se, hvad der gælder nu."),
    ),
    410: ErrorWords(
        "gone",
        _("Siden er udløbet"),
        _("Den er slettet efter planen. Anmeld igen, hvis problemet er der endnu."),
    ),
    413: ErrorWords(
        "too_large",
        _("Send noget, der fylder mindre"),
        _(
            "Det, du sendte, fylder for meget. Vælg færre eller mindre billeder, eller skriv "
            "kortere. Intet er gemt: gå tilbage, og send igen."
        ),
    ),
    415: ErrorWords(
        "unsupported_type",
        _("Gå tilbage, og prøv igen"),
        _("Vi kan ikke læse den slags fil. Intet er gemt."),
    ),
    422: ErrorWords(
        "refused",
        _("Der er problemer"),
        _("Gå tilbage, og ret det, du har skrevet. Intet er gemt."),
    ),
    429: ErrorWords(
        "too_many",
        _("Vent lidt"),
        _("Der er sendt for meget på kort tid. Gå tilbage: det, du har skrevet, står der endnu."),
    ),
    500: FAULT,
    503: NOT_SAVED,
}
