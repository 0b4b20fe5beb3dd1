"""Things that only one process may do at a time, for a while: held as a row, so on any machine."""

import os
import socket
from datetime import timedelta

from sqlalchemy import or_

from dispatch.gateways import gateways
from dispatch.models import Lease
from dispatch.models.transaction import insert_into, transaction


def take_lease(name: str, span: timedelta, *, renew: bool = False) -> bool:
    """Whether this process may go on for `span`; with `renew` the holder itself may take it again."""
    now = gateways().clock.now()
    mine = f"{socket.gethostname()[:40]}:{os.getpid()}"
    free = Lease.until < now
    with transaction() as session:
        taken = session.scalar(
            insert_into(session, Lease)
            .values(name=name, holder=mine, until=now + span)
            .on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": mine, "until": now + span},
                where=or_(free, Lease.holder == mine) if renew else free,
            )
            .returning(Lease.name)
        )
        return taken is not None
