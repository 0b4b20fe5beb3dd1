"""How long a promise may take on this machine right now."""

import os


def within(seconds: float) -> float:
    """The promised time; on a machine busy with other things, as many times longer as it is busy."""
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
    return seconds * max(1.0, waiting)
