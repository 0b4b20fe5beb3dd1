"""The messenger: against a small mail server on loopback that can refuse, delay and hang up."""

import base64
import email
import socketserver
import ssl
import subprocess
import threading
import time
from datetime import UTC, datetime
from email.policy import default as modern
from types import SimpleNamespace

import pytest

from dispatch.gateways.clock import SettableClock
from dispatch.gateways.messenger import (
    KeptMessenger,
    MailServer,
    MessengerDown,
    MessengerRefused,
    OutgoingMail,
    RecordingMessenger,
    SmtpMessenger,
    open_messenger,
)
from dispatch.settings import SettingsProblem

NOW = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
FROM = "Renhold på Vesterbro <renhold@example.org>"
TO = "beboer@example.org"


class MailHouse:
    """A mail server on loopback: remembers what it was told, answers as a test decides."""

    def __init__(self, answers=None, features=(), tls=None, slow=0.0):
        self.told: list[str] = []
        self.letters: list[bytes] = []
        self.answers = answers or {}
        house = self

        class Handler(socketserver.StreamRequestHandler):
            def setup(self):
                if tls:
                    self.request = tls.wrap_socket(self.request, server_side=True)
                super().setup()

            def handle(self):
                self.say(house.answers.get("hello", "220 here"))
                for line in self.rfile:
                    command = line.decode().strip()
                    house.told.append(command)
                    time.sleep(slow)
                    word = command.split(" ")[0].split(":")[0].upper()
                    reply = house.answers.get(word, "250 fine")
                    if reply == "hang up":
                        return
                    if word == "EHLO" and word not in house.answers:
                        reply = "\r\n".join(["250-here", *(f"250-{f}" for f in features), "250 OK"])
                    if word == "AUTH" and word not in house.answers:
                        reply = "235 welcome"
                    if word == "DATA" and reply == "250 fine":
                        reply = self.take_letter()
                    self.say(reply)
                    if word == "QUIT":
                        return

            def take_letter(self):
                self.say("354 go on")
                letter = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    letter += line.removeprefix(b".")
                house.letters.append(letter)
                return house.answers.get("letter", "250 taken")

            def say(self, text):
                self.wfile.write(text.encode() + b"\r\n")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, client_address):
                """A caller who hangs up first is part of the tests."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def letter(self):
        (only,) = self.letters
        return email.message_from_bytes(only.replace(b"\r\n", b"\n"), policy=modern)


@pytest.fixture
def opened():
    houses = []

    def build(**how):
        houses.append(MailHouse(**how))
        return houses[-1]

    yield build
    for house in houses:
        house.close()


def messenger_for(house, sender=FROM, options="", timeout_s=5.0, sign_in=""):
    server = MailServer.from_url(f"smtp://{sign_in}127.0.0.1:{house.port}{options}")
    return SmtpMessenger(server, sender, SettableClock(NOW), timeout_s=timeout_s)


def mail(**changes):
    parts = {"to": TO, "subject": "Udført", "text": "Vi har fjernet 3 sprøjter.\n"}
    return OutgoingMail(**(parts | changes))


# What arrives


def test_the_words_arrive_with_their_danish_letters(opened):
    house = opened()
    messenger_for(house).send(mail(subject="Udført: sprøjter på Halmtorvet", text="Blåbær – æøå\n"))
    assert house.letter["Subject"] == "Udført: sprøjter på Halmtorvet"
    assert house.letter.get_content() == "Blåbær – æøå\n"


def test_the_letter_says_who_it_is_from_to_and_when(opened):
    house = opened()
    messenger_for(house).send(mail())
    assert house.letter["From"].addresses[0].display_name == "Renhold på Vesterbro"
    assert house.letter["From"].addresses[0].addr_spec == "renhold@example.org"
    assert house.letter["To"] == TO
    assert house.letter["Date"].datetime == NOW
    assert house.letter["Content-Language"] == "da"


def test_the_envelope_carries_the_bare_addresses(opened):
    house = opened()
    messenger_for(house).send(mail())
    assert any(line.startswith("mail FROM:<renhold@example.org>") for line in house.told)
    assert f"rcpt TO:<{TO}>" in house.told


def test_holiday_answers_are_asked_not_to_answer(opened):
    house = opened()
    messenger_for(house).send(mail())
    assert house.letter["Auto-Submitted"] == "auto-generated"


def test_every_letter_has_its_own_message_id_at_the_senders_domain(opened):
    house = opened()
    for _ in range(2):
        messenger_for(house).send(mail())
    first, second = (email.message_from_bytes(letter)["Message-ID"] for letter in house.letters)
    assert first != second
    assert first.endswith("@example.org>")


def test_a_letter_sent_again_can_keep_its_message_id(opened):
    house = opened()
    messenger_for(house).send(mail(headers={"Message-ID": "<message-412@example.org>"}))
    assert house.letter.get_all("Message-ID") == ["<message-412@example.org>"]


def test_a_letter_with_html_has_both_kinds_text_first(opened):
    house = opened()
    messenger_for(house).send(mail(text="Færdig\n", html="<p>Færdig</p>\n"))
    kinds = [part.get_content_type() for part in house.letter.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    assert house.letter.get_body(("html",)).get_content() == "<p>Færdig</p>\n"


def test_the_letter_is_seven_bit_with_short_lines(opened):
    house = opened()
    messenger_for(house).send(mail(text="å" * 3000, html="<p>" + "ø" * 3000 + "</p>"))
    (letter,) = house.letters
    assert letter.isascii()
    assert max(len(line) for line in letter.split(b"\r\n")) < 200


def test_a_line_with_a_single_dot_does_not_end_the_letter(opened):
    house = opened()
    messenger_for(house).send(mail(text="før\n.\nefter\n"))
    assert house.letter.get_content() == "før\n.\nefter\n"


def test_a_long_unsubscribe_address_stays_in_one_piece(opened):
    house = opened()
    address = f"<https://renhold.example.org/r/{'t' * 200}>"
    one_click = "List-Unsubscribe=One-Click"
    headers = {"List-Unsubscribe": address, "List-Unsubscribe-Post": one_click}
    messenger_for(house).send(mail(headers=headers))
    assert f"List-Unsubscribe: {address}\r\n".encode() in house.letters[0]
    assert house.letter["List-Unsubscribe-Post"] == one_click


def test_a_domain_with_danish_letters_is_written_as_the_network_does(opened):
    house = opened()
    messenger_for(house).send(mail(to="post@rødgrød.dk"))
    assert "rcpt TO:<post@xn--rdgrd-vuad.dk>" in house.told


def test_an_address_may_have_space_around_it(opened):
    house = opened()
    messenger_for(house).send(mail(to=f"  {TO}\n"))
    assert f"rcpt TO:<{TO}>" in house.told


# Nobody can smuggle in a header


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\0"])
def test_a_subject_cannot_smuggle_in_a_header(opened, break_):
    house = opened()
    messenger_for(house).send(mail(subject=f"Hej{break_}Bcc: everybody@example.org"))
    assert house.letter["Bcc"] is None
    assert house.letter["Subject"] == "Hej Bcc: everybody@example.org"
    assert sum(line.startswith("rcpt") for line in house.told) == 1


@pytest.mark.parametrize(
    "to",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nRCPT TO:<b@example.org>",
        "a@example.org, b@example.org",
        "a@example.org;b@example.org",
        "Somebody <a@example.org>",
        "<a@example.org>",
        "a@example.org>",
        "a b@example.org",
        "a@b@example.org",
        "@example.org",
        "a@",
        "a",
        "",
        "a@exa mple.org",
        "a@[127.0.0.1]",
        "å@example.org",
        "a..b@example.org",
        "a@example..org",
        "a@" + "x" * 300 + ".org",
        "12345678",
    ],
)
def test_what_is_not_exactly_one_address_is_refused_before_anyone_is_called(opened, to):
    house = opened()
    with pytest.raises(MessengerRefused):
        messenger_for(house).send(mail(to=to))
    assert house.told == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Bcc": "b@example.org"},
        {"cc": "b@example.org"},
        {"From": "b@example.org"},
        {"Resent-To": "b@example.org"},
        {"Subject": "other"},
        {"Content-Type": "text/html"},
        {"X-Note": "a\r\nBcc: b@example.org"},
        {"X-Note": "a\nBcc: b@example.org"},
        {"X-Note": "å"},
        {"X-Note": ""},
        {"X-Note": "x" * 2000},
        {"X-Note\r\nBcc": "b@example.org"},
        {"X Note": "a"},
        {"": "a"},
    ],
)
def test_a_header_that_could_change_the_letter_is_refused(opened, headers):
    house = opened()
    with pytest.raises(MessengerRefused):
        messenger_for(house).send(mail(headers=headers))
    assert house.letters == []


@pytest.mark.parametrize("changes", [{"text": "half \ud83d"}, {"language": "da\r\nBcc: b@x.org"}])
def test_a_letter_that_cannot_be_written_is_refused_and_not_tried_for_ever(opened, changes):
    with pytest.raises(MessengerRefused):
        messenger_for(opened()).send(mail(**changes))


# What the server answers


@pytest.mark.parametrize("where", ["RCPT", "letter"])
@pytest.mark.parametrize("answer", ["550 no such user", "554 spam", "552 too big"])
def test_a_final_no_about_the_address_or_the_letter_is_final(opened, where, answer):
    house = opened(answers={where: answer})
    with pytest.raises(MessengerRefused) as refused:
        messenger_for(house).send(mail())
    assert answer[:3] in str(refused.value)


@pytest.mark.parametrize("where", ["RCPT", "DATA", "letter", "MAIL", "EHLO", "hello"])
@pytest.mark.parametrize("answer", ["450 greylisted", "421 going down"])
def test_a_no_for_now_is_tried_again(opened, where, answer):
    answers = {where: answer}
    if where == "EHLO":
        answers["HELO"] = answer
    with pytest.raises(MessengerDown):
        messenger_for(opened(answers=answers)).send(mail())


@pytest.mark.parametrize("where", ["MAIL", "EHLO", "hello"])
def test_a_no_that_is_about_ourselves_does_not_give_up_the_reporter(opened, where):
    answers = {where: "550 not from here", "HELO": "550 not from here"}
    with pytest.raises(MessengerDown):
        messenger_for(opened(answers=answers)).send(mail())


def test_a_refused_sign_in_does_not_give_up_the_reporter(opened):
    house = opened(answers={"AUTH": "535 wrong password"}, features=["AUTH PLAIN"])
    with pytest.raises(MessengerDown):
        messenger_for(house, sign_in="renhold:wrong@").send(mail())
    assert house.letters == []


@pytest.mark.parametrize("where", ["EHLO", "MAIL", "RCPT", "DATA", "letter"])
def test_a_server_that_hangs_up_is_down(opened, where):
    answers = {where: "hang up"}
    if where == "letter":
        answers = {"letter": ""}
    with pytest.raises(MessengerDown):
        messenger_for(opened(answers=answers), timeout_s=0.5).send(mail())


@pytest.mark.parametrize("goodbye", ["hang up", "500 what?", "421 bye"])
def test_a_bad_goodbye_after_the_letter_was_taken_does_not_send_it_twice(opened, goodbye):
    house = opened(answers={"QUIT": goodbye})
    messenger_for(house).send(mail())
    assert len(house.letters) == 1


def test_a_dead_port_is_down(opened):
    house = opened()
    house.close()
    begun = time.perf_counter()
    with pytest.raises(MessengerDown):
        messenger_for(house).send(mail())
    assert time.perf_counter() - begun < 1


def test_an_unknown_host_is_down():
    server = MailServer.from_url("smtp://mail.invalid")
    with pytest.raises(MessengerDown):
        SmtpMessenger(server, FROM, SettableClock(NOW), timeout_s=2).send(mail())


def test_a_slow_server_is_given_up_after_the_time_set(opened):
    house = opened(slow=5.0)
    begun = time.perf_counter()
    with pytest.raises(MessengerDown):
        messenger_for(house, timeout_s=0.4).send(mail())
    assert time.perf_counter() - begun < 2


def test_something_that_is_no_mail_server_is_down(opened):
    with pytest.raises(MessengerDown):
        messenger_for(opened(answers={"hello": "SSH-2.0-OpenSSH_9.2"})).send(mail())


def test_an_error_can_be_logged_because_it_names_nobody(opened):
    house = opened(answers={"RCPT": f"550 {TO} is unknown here"})
    with pytest.raises(MessengerRefused) as refused:
        messenger_for(house).send(mail())
    assert TO not in repr(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


# How the server is reached


def test_name_and_password_are_used_when_given(opened):
    house = opened(features=["AUTH PLAIN"])
    messenger_for(house, sign_in="renhold:p%40ss%2Fword@").send(mail())
    (sign_in,) = [line for line in house.told if line.startswith("AUTH PLAIN")]
    assert base64.b64decode(sign_in.split()[2]) == b"\0renhold\0p@ss/word"


def test_without_a_name_nobody_signs_in(opened):
    house = opened(features=["AUTH PLAIN"])
    messenger_for(house).send(mail())
    assert not any(line.startswith("AUTH") for line in house.told)


def test_encryption_asked_for_but_not_offered_sends_nothing_in_the_clear(opened):
    house = opened(features=["AUTH PLAIN"])
    with pytest.raises(MessengerDown):
        messenger_for(house, options="?starttls=1", sign_in="renhold:secret@").send(mail())
    assert house.letters == []
    assert not any(line.startswith(("AUTH", "MAIL", "mail")) for line in house.told)


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(opened, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = subprocess.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
        f" -subj /CN=127.0.0.1 -keyout {key} -out {certificate}",
        shell=True,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("openssl is not here")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    house = opened(tls=tls)
    server = MailServer.from_url(f"smtps://renhold:secret@127.0.0.1:{house.port}")
    with pytest.raises(MessengerDown):
        SmtpMessenger(server, FROM, SettableClock(NOW), timeout_s=2).send(mail())
    assert house.told == []


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "starttls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 25, False, False),
        ("smtp://mail.example.org?starttls=1", "mail.example.org", 587, False, True),
        ("smtp://mail.example.org/?starttls=1", "mail.example.org", 587, False, True),
        ("smtp://mail.example.org:2525?starttls=0", "mail.example.org", 2525, False, False),
        ("smtps://mail.example.org", "mail.example.org", 465, True, False),
        ("smtp://[::1]:1025", "::1", 1025, False, False),
    ],
)
def test_the_address_of_the_server_is_read(url, host, port, tls, starttls):
    server = MailServer.from_url(url)
    assert (server.host, server.port, server.tls, server.starttls) == (host, port, tls, starttls)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://mail.example.org:port",
        "smtp://mail.example.org:99999",
        "smtp://mail.example.org?tls=1",
        "smtps://mail.example.org?starttls=1",
        "smtp://[::1",
    ],
)
def test_an_address_that_cannot_work_stops_the_start_without_the_password(url):
    with_password = url.replace("://", "://renhold:secret@")
    with pytest.raises(SettingsProblem) as problem:
        MailServer.from_url(with_password)
    assert "SMTP_URL" in str(problem.value)
    assert "secret" not in str(problem.value)


def test_the_password_is_not_shown_when_the_server_is_printed():
    assert "secret" not in repr(MailServer.from_url("smtp://renhold:secret@mail.example.org"))


@pytest.mark.parametrize("sender", ["", "Renhold", "a@b@c", "a@example.org\nBcc: b@example.org"])
def test_a_sender_that_is_no_address_stops_the_start(sender):
    settings = SimpleNamespace(demo=False, smtp_url="smtp://127.0.0.1", mail_from=sender)
    with pytest.raises(SettingsProblem) as problem:
        open_messenger(settings, SettableClock(NOW))
    assert "MAIL_FROM" in str(problem.value)


def test_with_a_mail_server_named_mail_is_sent(opened):
    house = opened()
    settings = SimpleNamespace(
        demo=False, smtp_url=f"smtp://127.0.0.1:{house.port}", mail_from="renhold@example.org"
    )
    open_messenger(settings, SettableClock(NOW)).send(mail())
    assert len(house.letters) == 1


# Nothing leaves the machine


def test_without_a_mail_server_nothing_leaves_the_machine():
    settings = SimpleNamespace(demo=False, smtp_url=None, mail_from=None)
    messenger = open_messenger(settings, SettableClock(NOW))
    assert isinstance(messenger, KeptMessenger)
    messenger.send(mail())


def test_a_demonstration_sends_nothing_though_a_mail_server_is_named(opened):
    house = opened()
    settings = SimpleNamespace(
        demo=True, smtp_url=f"smtp://127.0.0.1:{house.port}", mail_from="renhold@example.org"
    )
    open_messenger(settings, SettableClock(NOW)).send(mail())
    assert house.letters == []


def test_a_demonstration_refuses_the_same_addresses_as_a_mail_server():
    with pytest.raises(MessengerRefused):
        KeptMessenger().send(mail(to="not an address"))


def test_the_recording_messenger_remembers_what_was_sent():
    recording = RecordingMessenger()
    recording.send(mail())
    assert [letter.to for letter in recording.sent] == [TO]


def test_the_recording_messenger_fails_when_told_to():
    recording = RecordingMessenger()
    recording.fails_with = MessengerDown("down")
    with pytest.raises(MessengerDown):
        recording.send(mail())
    assert recording.sent == []
