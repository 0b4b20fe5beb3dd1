"""One web process: waitress, ended by a signal or by the death of its supervisor."""

import signal
import sys
from typing import Any

from waitress.server import create_server

from dispatch import create_app
from dispatch.parent_watch import watch_parent
from dispatch.settings import Settings

THREADS = 12
CONNECTIONS = 1000


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first."""
    app = create_app(settings)
    server = create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=300,
        ident="renhold",
        # Nobody is believed by these headers (TRUSTED_PROXIES says how many hops are), but that
        # they are there tells that somebody else speaks: sender.py must see them.
        clear_untrusted_proxy_headers=False,
    )

    def stop(_number: int, _frame: Any) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    watch_parent()
    server.run()
