"""Tells by its first bytes whether a file can be a photo we take; nothing is decoded here.

JPEG, PNG, WebP, and the HEIF family (HEIC, AVIF). What calls itself a picture but is text, such as
SVG, is none. Sizes and pixels are looked at by whoever decodes.
"""

HEAD_BYTES = 32
# What an HEIF or AVIF file calls itself; a film calls itself isom or mp42.
BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis")


def looks_like_a_photo(head: bytes) -> bool:
    """`head` is the file's first HEAD_BYTES bytes."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    return head[4:8] == b"ftyp" and any(brand in head[8:HEAD_BYTES] for brand in BRANDS)
