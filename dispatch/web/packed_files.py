"""Style sheets, scripts and map documents go out packed: a phone on a slow net waits for bytes.

Packed once per content and process at a high level; pages, which differ each time, are the
compression extension's. What the browser keeps is still recognised: the ETag is only made weak.
"""

import gzip
from functools import lru_cache

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, request

PACKED_TYPES = frozenset(
    {
        "text/css",
        "text/javascript",
        "application/javascript",
        "application/json",
        "application/geo+json",
        "application/manifest+json",
        "image/svg+xml",
    }
)
WORTH_IT = 500


def register_packed_files(app: Flask) -> None:
    """Pack the answers of the static folder; other doors call `packed` themselves."""
    app.after_request(_pack_static)


def packed(response: Response) -> Response:
    """The same answer with its content packed, where the browser can unpack it."""
    if response.status_code != 200 or response.mimetype not in PACKED_TYPES:
        return response
    response.vary.add("Accept-Encoding")
    encoding = request.accept_encodings.best_match(["br", "gzip"])
    if encoding is None or "Content-Encoding" in response.headers or "Range" in request.headers:
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) < WORTH_IT:
        return response
    response.set_data(_pack(content, encoding))
    response.headers["Content-Encoding"] = encoding
    etag, _weak = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)
    return response


@lru_cache(maxsize=128)
def _pack(content: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(content, quality=9))
    return gzip.compress(content, compresslevel=9, mtime=0)


def _pack_static(response: Response) -> Response:
    return packed(response) if request.endpoint == "static" else response
