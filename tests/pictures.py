"""Small pictures made on the spot."""

from io import BytesIO

from PIL import Image


def jpeg(width: int = 640, height: int = 480, colour: str = "#7a5") -> bytes:
    """A JPEG of one colour."""
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()
