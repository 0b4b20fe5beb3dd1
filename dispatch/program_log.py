"""How the processes speak: one JSON object a line on standard error, with no personal data.

Records carry ids, kinds and error names only; what a resident wrote never comes here.
"""

import logging
import sys
from typing import Any

import structlog

QUIET = ("werkzeug", "waitress.queue", "rq.worker", "urllib3", "geopy", "PIL")


def set_up_log(level: int = logging.INFO) -> None:
    """Send everything through one handler; safe to call twice."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[_drop_internals, _name_error, structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def _drop_internals(_logger: Any, _method: str, event: Any) -> Any:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(_logger, _method, event)


def _name_error(_logger: Any, _method: str, event: Any) -> Any:
    """The error's name and where it happened, not its text: that may quote what a person wrote."""
    found = event.pop("exc_info", None)
    if not found or found is True:
        return event
    event["error"] = found[0].__name__
    frames = []
    trace = found[2]
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    event["at"] = frames[-6:]
    return event
