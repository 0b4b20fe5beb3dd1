"""Makes a safe WebP of whatever a phone sends, or says why it cannot.

Looks at size, format, frames and pixels before decoding anything; afterwards only the pixels are
left: no EXIF, place, XMP, thumbnail, colour profile or hidden transparent parts. Finding faces and
keeping files is not done here. Costs memory: at most two at a time, in the worker only.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import pillow_heif
from PIL import Image, ImageCms

from dispatch.rules.photo_signature import HEAD_BYTES, looks_like_a_photo
from dispatch.rules.problems import Problem

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 1600
QUALITY = 80
# Larger profiles are printers' tables; a phone's is under 4 kB.
MAX_PROFILE_BYTES = 64 * 1024
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")
ORIENTATION = 0x0112

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Every kind of exception that damaged files were seen to raise. Not Exception: a job's own
# timeout is an ordinary Exception and must pass through.
DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    NotImplementedError,
    EOFError,
    LookupError,
    ArithmeticError,
    TypeError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
)

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


class BadPhoto(Problem):
    """Not a photo we take: too_large, too_many_pixels, unknown_format, broken or animated."""


@dataclass(frozen=True)
class PreparedPhoto:
    """A WebP with nothing in it but pixels."""

    webp: bytes
    width: int
    height: int


def to_webp(stream: IO[bytes]) -> PreparedPhoto:
    """1. measure, 2. read the header, 3. refuse, 4. decode small, 5. turn, 6. keep only colours.

    Raises BadPhoto and nothing else for anything a file can contain.
    """
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise BadPhoto("too_large", limit_bytes=MAX_BYTES)
    with _damage_is_bad_photo(), _opened(content) as photo:
        _refuse_what_is_too_much(photo)
        small = _plain_colours(_upright(_decoded_small(photo)))
    return _encoded(small)


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    if not looks_like_a_photo(content[:HEAD_BYTES]):
        raise BadPhoto("unknown_format")
    with Image.open(io.BytesIO(content), formats=FORMATS) as photo:
        yield photo


def _refuse_what_is_too_much(photo: Image.Image) -> None:
    if photo.width * photo.height > MAX_PIXELS:
        raise BadPhoto("too_many_pixels", limit_pixels=MAX_PIXELS)
    # MPO is an ordinary JPEG from a phone that put a depth picture behind it.
    if photo.format != "MPO" and getattr(photo, "n_frames", 1) > 1:
        raise BadPhoto("animated")


def _decoded_small(photo: Image.Image) -> Image.Image:
    if photo.format in ("JPEG", "MPO"):
        photo.draft("RGB", (MAX_SIDE, MAX_SIDE))
    photo.load()
    picture = _eight_bits(photo)
    if max(picture.size) <= MAX_SIDE:
        return picture
    scale = MAX_SIDE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    small.info = dict(photo.info)
    return small


def _eight_bits(photo: Image.Image) -> Image.Image:
    """Palettes and sixteen-bit greys cannot be made smaller as they are."""
    if photo.mode.startswith(("I", "F")):
        grey = photo.convert("F").point(lambda level: level / 256)
        return grey.convert("L")
    if photo.mode in ("L", "RGB", "RGBA", "LA", "CMYK"):
        return photo
    has_gaps = "transparency" in photo.info or photo.mode.endswith(("A", "a"))
    return photo.convert("RGBA" if has_gaps else "RGB")


def _upright(photo: Image.Image) -> Image.Image:
    turn = TURNS.get(_orientation(photo))
    return photo if turn is None else photo.transpose(turn)


def _orientation(photo: Image.Image) -> int:
    try:
        return int(photo.getexif().get(ORIENTATION, 1))
    except DAMAGED:
        return 1


def _plain_colours(photo: Image.Image) -> Image.Image:
    """Three channels in sRGB on white, and nothing else along."""
    profile = photo.info.get("icc_profile")
    if photo.mode in ("RGBA", "LA"):
        white = Image.new("RGBA", photo.size, "white")
        photo = Image.alpha_composite(white, photo.convert("RGBA"))
    plain = (
        _in_srgb(photo.convert("RGB"), profile) if photo.mode != "CMYK" else photo.convert("RGB")
    )
    plain.info = {}
    return plain


def _in_srgb(photo: Image.Image, profile: bytes | None) -> Image.Image:
    """A profile that is large, damaged or for other channels is ignored: the place still shows."""
    if not profile or len(profile) > MAX_PROFILE_BYTES:
        return photo
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(photo, given, srgb)
    except (ImageCms.PyCMSError, *DAMAGED):
        return photo
    return converted or photo


def _encoded(photo: Image.Image) -> PreparedPhoto:
    webp = io.BytesIO()
    photo.save(webp, "WEBP", quality=QUALITY, method=4, exif=b"", xmp=b"", icc_profile=None)
    return PreparedPhoto(webp.getvalue(), photo.width, photo.height)


@contextmanager
def _damage_is_bad_photo() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise BadPhoto("too_many_pixels", limit_pixels=MAX_PIXELS) from None
        except DAMAGED as damage:
            raise BadPhoto("broken") from damage
