"""The shape of the sign-in form: what was typed, and whether there is anything to check."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from dispatch.rules.personal_data import clean_text
from dispatch.web.safe_address import safe_next


@dataclass(frozen=True)
class SignInForm:
    """What stands in the form; the password is never written back into the page."""

    name: str = ""
    password: str = ""
    next: str | None = None

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "SignInForm":
        return cls(
            name=clean_text(fields.get("name", "")).strip()[:200],
            password=fields.get("password", ""),
            next=safe_next(fields.get("next")),
        )

    def problems(self) -> dict[str, str]:
        """Field and sentence for what is not filled in."""
        found: dict[str, str] = {}
        if not self.name:
            found["name"] = _("Skriv dit navn")
        if not self.password:
            found["password"] = _("Skriv din adgangskode")
        return found
