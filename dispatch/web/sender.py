"""Who a limit counts: a sender, without keeping an address anywhere.

The address is the socket's, or the one `TRUSTED_PROXIES` hops say; a forged header changes
nothing. It leaves this file only as a keyed hash, and the key is another one every day.
"""

import hashlib
import hmac
from ipaddress import IPv6Address, ip_address, ip_network

from flask import request

from dispatch.extensions import bound
from dispatch.gateways import gateways

FORWARDING_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")
IPV6_HOME = 64


def sender_key() -> str:
    """A name for the sender of this request that says nothing to anyone, and only today."""
    return hidden(f"sender {_home_of(request.remote_addr or '')}")


def hidden(text: str) -> str:
    """A keyed hash of something typed or of an address: equal today, unreadable, gone tomorrow."""
    day = gateways().clock.now().date().isoformat()
    secret = str(bound("settings").secret_key).encode()
    key = hmac.digest(secret, f"renhold senders {day}".encode(), "sha256")
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def is_from_this_machine() -> bool:
    """Whether the socket's other end is this machine, and no proxy speaks for someone else."""
    if any(name in request.headers for name in FORWARDING_HEADERS):
        return False
    kept = request.environ.get("werkzeug.proxy_fix.orig", {})
    peer = str(kept.get("REMOTE_ADDR") or request.environ.get("REMOTE_ADDR") or "")
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False


def _home_of(address: str) -> str:
    """The address, or for IPv6 its whole subscription: a home has 2^64 of them to change between."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, IPV6_HOME), strict=False))
