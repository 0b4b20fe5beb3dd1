"""Photos as phones send them, made on the spot: one says in its EXIF where and with what it was taken."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base

HALMTORVET = ((55.0, 40.0, 11.6), (12.0, 33.0, 37.8))


def photo_with_place() -> bytes:
    """A JPEG of 1800 × 1200 whose EXIF holds a GPS position, a time and the phone's name."""
    exif = Image.Exif()
    exif[Base.Make] = "Telefonfabrikken"
    exif[Base.DateTime] = "2026:11:22 13:05:00"
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", HALMTORVET[0]
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = "E", HALMTORVET[1]
    out = BytesIO()
    _pavement().save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()


def says_where(photo: bytes) -> bool:
    """Whether a picture tells anything about where and how it was taken."""
    with Image.open(BytesIO(photo)) as image:
        exif = image.getexif()
        return bool(exif or exif.get_ifd(IFD.GPSInfo) or image.info.get("xmp"))


def svg_in_disguise() -> bytes:
    """A drawing with a script in it, which some programs take for a picture."""
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def heavy_photo(folder: Path, megabytes: int) -> Path:
    """A JPEG of at least this size: a true picture, then padding that decoders pass over."""
    path = folder / "stort.jpg"
    path.write_bytes(photo_with_place() + b"\0" * (megabytes * 1024 * 1024))
    return path


def _pavement() -> Image.Image:
    image = Image.new("RGB", (1800, 1200), "#8b8f8c")
    pen = ImageDraw.Draw(image)
    for x in range(0, 1800, 150):
        pen.line([(x, 0), (x, 1200)], fill="#6d716e", width=6)
    for y in range(0, 1200, 150):
        pen.line([(0, y), (1800, y)], fill="#6d716e", width=6)
    pen.line([(700, 560), (1000, 640)], fill="#f2f5f4", width=24)
    pen.line([(1000, 640), (1090, 664)], fill="#c0392b", width=6)
    return image
