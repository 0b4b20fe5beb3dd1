"""Tell the reporter: owe a message with the ledger line that gives the reason, then send it.

At least once, and exactly once unless the process dies between the mail server's yes and our
commit. Which words are sent is decided by the templates in `templates/messages`.
"""

from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.extensions import bound, db, render_message
from dispatch.gateways import gateways
from dispatch.gateways.messenger import KeptMessenger, MessengerRefused, OutgoingMail
from dispatch.lifecycle import work_list
from dispatch.models import (
    Contact,
    Message,
    MessageState,
    ServiceRequest,
    StatusChange,
    Via,
    WorkKind,
)
from dispatch.rules.telling import is_news

HIDDEN = "•••"


def owe_message(session: Session, request: ServiceRequest, line: StatusChange) -> None:
    """Owe one message about this line, where the reporter left a mail address and would care."""
    if not is_news(old=line.old, new=line.new, outcome=line.outcome, reason=line.reason):
        return
    contact = session.scalar(select(Contact).where(Contact.service_request_id == request.id))
    if contact is None or contact.kind != "mail":
        return
    message = Message(
        service_request_id=request.id,
        status_change_id=line.id,
        state=MessageState.WAITING,
        created_at=line.at,
    )
    session.add(message)
    session.flush()
    work_list.owe(session, WorkKind.SEND_MESSAGE, message.id)


def send_message(message_id: int, via: Via) -> None:
    """Render and send what is owed; the words are kept only where nothing leaves the machine."""
    mail = _compose(message_id)
    state = MessageState.NO_CONTACT
    if mail is not None:
        state = _hand_over(mail)
    with work_list.finishing(WorkKind.SEND_MESSAGE, message_id, via) as finish:
        message = finish.session.get(Message, message_id)
        if message is None or message.state != MessageState.WAITING:
            return
        message.state = state
        message.sent_at = gateways().clock.now()
        if mail is not None and state == MessageState.KEPT:
            # The coordinator sees what would be sent, but the link is the reporter's alone.
            request = finish.session.get_one(ServiceRequest, message.service_request_id)
            message.subject = mail.subject
            message.body = mail.text.replace(request.token, HIDDEN)


def _hand_over(mail: OutgoingMail) -> MessageState:
    try:
        gateways().messenger.send(mail)
    except MessengerRefused:
        return MessageState.REFUSED
    kept = isinstance(gateways().messenger, KeptMessenger)
    return MessageState.KEPT if kept else MessageState.SENT


def _compose(message_id: int) -> OutgoingMail | None:
    message = db.session.get(Message, message_id)
    if message is None or message.state != MessageState.WAITING:
        return None
    request = db.session.get_one(ServiceRequest, message.service_request_id)
    line = db.session.get_one(StatusChange, message.status_change_id)
    contact = db.session.scalar(select(Contact).where(Contact.service_request_id == request.id))
    if contact is None or contact.kind != "mail":
        return None
    settings = bound("settings")
    values = {
        "request": request,
        "change": line,
        "link": f"{settings.base_url}/r/{request.token}",
    }
    return OutgoingMail(
        to=contact.value,
        subject=render_message("messages/subject.txt", request.language, **values).strip(),
        text=render_message("messages/body.txt", request.language, **values),
        html=None,
        language=request.language,
        # The same letter keeps its name, should it be sent twice after all.
        headers={"Message-ID": f"<message-{message_id}@{urlsplit(settings.base_url).hostname}>"},
    )
