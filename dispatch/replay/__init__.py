"""`renhold replay`: a real report stream, sent through the public form of the running system.

Knows the system only as residents, crews and the coordinator know it: by its pages, over HTTP, on
loopback. Nothing here opens the database, so what the closing table says was seen from outside.
"""

from dispatch.replay.command import replay

__all__ = ["replay"]
