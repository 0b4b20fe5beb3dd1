"""The reporter is told what happened, once, in their language, and only where they asked to be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.gateways.messenger import (
    KeptMessenger,
    MessengerDown,
    MessengerRefused,
    RecordingMessenger,
)
from dispatch.lifecycle.perform import perform
from dispatch.lifecycle.sweep import sweep
from dispatch.models import Contact, Message, MessageState, Via, WorkKind
from dispatch.models.transaction import transaction
from tests.people import People

WorkOff = Callable[[], int]
MAIL = "beboer@example.dk"


def test_a_receipt_is_sent_with_number_and_link(
    people: People, work_off: WorkOff, messenger: RecordingMessenger
) -> None:
    receipt = people.report(contact=MAIL)
    work_off()
    (mail,) = messenger.sent
    assert mail.to == MAIL
    assert receipt.reference in mail.subject
    assert f"http://localhost/r/{receipt.token}" in mail.text
    assert "Vi forventer at være på stedet senest" in mail.text


def test_the_desk_sees_the_kept_words_but_never_the_reporters_link(
    app: Flask, people: People, work_off: WorkOff
) -> None:
    bound = app.extensions["renhold.gateways"]
    app.extensions["renhold.gateways"] = replace(bound, messenger=KeptMessenger())
    receipt = people.report(contact=MAIL)
    work_off()
    message = db.session.scalars(select(Message)).one()
    assert receipt.reference in message.subject
    assert "http://localhost/r/•••" in message.body
    assert receipt.token not in message.body


def test_words_that_left_the_machine_are_not_kept(people: People, work_off: WorkOff) -> None:
    people.report(contact=MAIL)
    work_off()
    message = db.session.scalars(select(Message)).one()
    assert (message.state, message.body) == (MessageState.SENT, "")


def test_an_english_reporter_is_told_in_english(
    people: People, work_off: WorkOff, messenger: RecordingMessenger
) -> None:
    people.report(contact=MAIL, language="en")
    work_off()
    assert "We have received your report" in messenger.sent[0].subject


def test_what_was_removed_is_told_with_its_number(
    people: People, work_off: WorkOff, messenger: RecordingMessenger
) -> None:
    member = people.crew()
    receipt = people.report(contact=MAIL)
    work_off()
    people.act(member, "done", task_id=people.live_task(receipt), outcome="removed", needles=2)
    work_off()
    assert "2 kanyler" in messenger.sent[-1].text


def test_no_contact_means_no_message(
    people: People, work_off: WorkOff, messenger: RecordingMessenger
) -> None:
    people.report()
    people.report(contact="20 30 40 50")
    work_off()
    assert messenger.sent == []


def test_being_put_on_a_route_is_no_news_by_mail(
    people: People, work_off: WorkOff, messenger: RecordingMessenger
) -> None:
    people.crew()
    people.report(contact=MAIL)
    work_off()
    assert len(messenger.sent) == 1


def test_a_message_is_sent_once_however_often_its_job_runs(
    people: People, work_off: WorkOff, messenger: RecordingMessenger
) -> None:
    people.report(contact=MAIL)
    message_id = db.session.scalars(select(Message.id)).one()
    for _ in range(3):
        perform(WorkKind.SEND_MESSAGE, message_id, Via.QUEUE)
    assert len(messenger.sent) == 1


def test_a_mail_server_that_is_down_is_tried_again(
    people: People, clock: SettableClock, messenger: RecordingMessenger
) -> None:
    people.report(contact=MAIL)
    messenger.fails_with = MessengerDown("down")
    clock.advance(timedelta(seconds=10))
    sweep()
    assert messenger.sent == []
    messenger.fails_with = None
    clock.advance(timedelta(seconds=10))
    sweep()
    assert len(messenger.sent) == 1


def test_an_address_the_server_refuses_is_not_tried_for_ever(
    people: People, work_off: WorkOff, messenger: RecordingMessenger
) -> None:
    people.report(contact=MAIL)
    messenger.fails_with = MessengerRefused("no such address")
    work_off()
    assert db.session.scalars(select(Message.state)).all() == [MessageState.REFUSED]


def test_a_contact_erased_meanwhile_silences_the_message(
    people: People, work_off: WorkOff, messenger: RecordingMessenger
) -> None:
    people.report(contact=MAIL)
    with transaction() as session:
        session.query(Contact).delete()
    work_off()
    assert messenger.sent == []
    assert db.session.scalars(select(Message.state)).all() == [MessageState.NO_CONTACT]
