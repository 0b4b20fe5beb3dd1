"""The way a message leaves: by mail, or not at all in a demonstration.

What is said, to whom and how often is decided by the lifecycle; what was said is kept in the outbox
row, not here. Nothing in an error from this room names a person, so it may be logged.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from dispatch.gateways.clock import Clock
from dispatch.settings import Settings, SettingsProblem

TIMEOUT_S = 10.0
PERMANENT = 500
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# One line of printable ASCII; RFC 5322 allows 998.
HEADER_VALUE = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,899}")
# What this room writes itself, and what would send the message to somebody else.
OWN_HEADERS = frozenset(
    {
        "from", "to", "cc", "bcc", "sender", "subject", "date", "mime-version", "content-type",
        "content-transfer-encoding", "content-language", "auto-submitted",
    }
)  # fmt: skip


class MessengerDown(Exception):
    """Not delivered, and nothing wrong with the message: try again later."""


class MessengerRefused(Exception):
    """Not delivered and never will be: the address or the message is not accepted."""


@dataclass(frozen=True)
class OutgoingMail:
    """One message to one address. `headers` are sent as written, one printable line each."""

    to: str
    subject: str
    text: str
    html: str | None = None
    language: str = "da"
    headers: Mapping[str, str] = field(default_factory=dict)


class Messenger(Protocol):
    """What the lifecycle asks."""

    def send(self, mail: OutgoingMail) -> None:
        """Returns when the message is handed over; raises MessengerDown or MessengerRefused."""
        ...


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, as `SMTP_URL` says it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool
    starttls: bool

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """`smtp://user:password@host:port?starttls=1` or `smtps://…`; else SettingsProblem."""
        try:
            parts = urlsplit(url)
            port, starttls = parts.port, _wants_starttls(parts)
        except ValueError:
            raise SettingsProblem("SMTP_URL cannot be read: write smtp://host:port.") from None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise SettingsProblem("SMTP_URL must begin with smtp:// or smtps:// and name a host.")
        tls = parts.scheme == "smtps"
        if tls and starttls:
            raise SettingsProblem("SMTP_URL: smtps:// is already encrypted; leave out starttls.")
        usual = 465 if tls else 587 if starttls else 25
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, port or usual, user, password, tls, starttls)


class SmtpMessenger:
    """Hands each message to a mail server, over one connection of its own."""

    def __init__(
        self, server: MailServer, mail_from: str, clock: Clock, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._server = server
        self._sender = _sender(mail_from)
        self._clock = clock
        self._timeout_s = timeout_s

    def send(self, mail: OutgoingMail) -> None:
        recipient = _recipient(mail.to)
        content = self._written(mail, recipient)
        with _smtp_answers(), self._connected() as connection:
            connection.sendmail(self._sender.addr_spec, [recipient.addr_spec], content)

    def _written(self, mail: OutgoingMail, recipient: Address) -> bytes:
        """The whole message as 7-bit lines. The caller's headers go on top unfolded.

        A caller that may have to send twice gives its own Message-ID, the same each time.

        The standard library would fold a long address in List-Unsubscribe into pieces that no
        mail program puts together again.
        """
        try:
            message = EmailMessage(policy=SMTP)
            message["From"] = self._sender
            message["To"] = recipient
            message["Subject"] = " ".join(NOT_PRINTABLE.sub(" ", mail.subject).split())
            message["Date"] = format_datetime(self._clock.now())
            message["Auto-Submitted"] = "auto-generated"
            if "message-id" not in {name.lower() for name in mail.headers}:
                message["Message-ID"] = make_msgid(domain=self._sender.domain)
            message.set_content(mail.text, cte="quoted-printable")
            if mail.html is not None:
                message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
            message["Content-Language"] = mail.language
            return _verbatim(mail.headers) + message.as_bytes()
        except (MessageError, ValueError):
            raise MessengerRefused("the message cannot be written") from None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """What goes wrong while saying goodbye is not told: the message has been taken."""
        connection = self._dialled()
        try:
            if self._server.starttls:
                connection.starttls(context=ssl.create_default_context())
            if self._server.user:
                connection.login(self._server.user, self._server.password)
            yield connection
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
        finally:
            connection.close()

    def _dialled(self) -> smtplib.SMTP:
        where, patience = (self._server.host, self._server.port), self._timeout_s
        name = self._sender.domain
        if self._server.tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(*where, name, timeout=patience, context=context)
        return smtplib.SMTP(*where, name, timeout=patience)


class KeptMessenger:
    """Nothing leaves the machine: the outbox row the caller keeps is what the coordinator reads."""

    def send(self, mail: OutgoingMail) -> None:
        """Takes what a mail server would take, so that a demonstration shows the same refusals."""
        _recipient(mail.to)


class RecordingMessenger:
    """A messenger that remembers, and fails when a test tells it to."""

    def __init__(self) -> None:
        self.sent: list[OutgoingMail] = []
        self.fails_with: MessengerDown | MessengerRefused | None = None

    def send(self, mail: OutgoingMail) -> None:
        if self.fails_with is not None:
            raise self.fails_with
        self.sent.append(mail)


def open_messenger(settings: Settings, clock: Clock) -> Messenger:
    """By mail when SMTP_URL is set, but never from a demonstration.

    Raises SettingsProblem when what is set cannot work.
    """
    if settings.demo or not settings.smtp_url:
        return KeptMessenger()
    return SmtpMessenger(MailServer.from_url(settings.smtp_url), settings.mail_from or "", clock)


def _wants_starttls(parts: SplitResult) -> bool:
    options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    if set(options) - {"starttls"}:
        raise ValueError("unknown option")
    return options.get("starttls", ["0"])[-1] == "1"


def _sender(mail_from: str) -> Address:
    name, address = parseaddr(mail_from)
    try:
        return _address(address if mail_from.isprintable() else "", name)
    except ValueError:
        raise SettingsProblem("MAIL_FROM must be an address, alone or as Name <address>.") from None


def _recipient(to: str) -> Address:
    try:
        return _address(to.strip())
    except ValueError:
        raise MessengerRefused("not a mail address") from None


def _address(text: str, name: str = "") -> Address:
    """Exactly one ASCII address; a domain with Danish letters is written as the network does."""
    local, at, domain = text.rpartition("@")
    if not at or not local.isascii() or not re.fullmatch(r"[^\s,;<>\[\]]+", text):
        raise ValueError("not one address")
    try:
        address = Address(name, addr_spec=f"{local}@{domain.encode('idna').decode('ascii')}")
    except (MessageError, UnicodeError, IndexError):
        raise ValueError("not an address") from None
    return address


def _verbatim(headers: Mapping[str, str]) -> bytes:
    for name, value in headers.items():
        fits = HEADER_NAME.fullmatch(name) and HEADER_VALUE.fullmatch(value)
        if not fits or name.lower() in OWN_HEADERS or name.lower().startswith("resent-"):
            raise ValueError("not a header for callers")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


@contextmanager
def _smtp_answers() -> Iterator[None]:
    """What the server says about this message may be final; all else may pass.

    A refused sign-in or sender is our own set-up, so those messages wait. Causes are cut off
    because servers repeat the address in their words.
    """
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        raise _answer(max(code for code, _ in refused.recipients.values())) from None
    except smtplib.SMTPDataError as refused:
        raise _answer(refused.smtp_code) from None
    except smtplib.SMTPResponseException as refused:
        raise MessengerDown(f"the mail server answered {refused.smtp_code}") from None
    except (smtplib.SMTPException, OSError, ValueError) as problem:
        raise MessengerDown(f"no mail server: {type(problem).__name__}") from None


def _answer(code: int) -> MessengerDown | MessengerRefused:
    said = f"the mail server answered {code}"
    return MessengerRefused(said) if code >= PERMANENT else MessengerDown(said)
