"""The photo decoder: any file in; a plain, upright, small WebP or a reason out."""

import io
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from dispatch.gateways.photo_decoder import MAX_BYTES, BadPhoto, to_webp

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 180, 30), (30, 30, 220), (255, 255, 255)
SECRET = b"55.6712N 12.5512E somebody"


def street(width=800, height=600):
    """A picture whose corners tell which way is up: red top left, green top right, blue below."""
    picture = Image.new("RGB", (width, height), WHITE)
    picture.paste(RED, (0, 0, width // 2, height // 2))
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    return picture


def grain(width, height):
    """A picture that does not compress, as photos of asphalt do not."""
    return Image.fromarray(
        np.random.default_rng(7).integers(0, 255, (height, width, 3), dtype=np.uint8)
    )


def saved(picture, kind="JPEG", **how):
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def prepared(content):
    return to_webp(io.BytesIO(content))


def reason(content):
    with pytest.raises(BadPhoto) as bad:
        prepared(content)
    return bad.value.code


def shown(photo):
    return Image.open(io.BytesIO(photo.webp)).convert("RGB")


def corners(photo):
    """Top left, top right, bottom left, bottom right, each as the nearest of our four colours."""
    picture = shown(photo)
    x, y = picture.width // 4, picture.height // 4
    places = [(x, y), (3 * x, y), (x, 3 * y), (3 * x, 3 * y)]
    return [nearest(picture.getpixel(place)) for place in places]


def nearest(colour):
    named = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    return min(
        named, key=lambda n: sum((a - b) ** 2 for a, b in zip(named[n], colour, strict=True))
    )


UPRIGHT = ["red", "green", "blue", "white"]


def exif_with(orientation=1):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Somebody's phone"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (55.0, 40.0, 16.3)
    place[3], place[4] = "E", (12.0, 33.0, 4.3)
    return exif.tobytes()


def chunks_of(webp):
    assert webp[:4] == b"RIFF" and webp[8:12] == b"WEBP"
    names, at = [], 12
    while at < len(webp):
        names.append(webp[at : at + 4])
        size = struct.unpack("<I", webp[at + 4 : at + 8])[0]
        at += 8 + size + size % 2
    return names


def png_chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_claiming(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"x" * 50)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_every_kind_a_phone_sends_becomes_a_webp(kind):
    photo = prepared(saved(street(), kind))
    assert (photo.width, photo.height) == (800, 600)
    assert Image.open(io.BytesIO(photo.webp)).format == "WEBP"
    assert corners(photo) == UPRIGHT


def test_a_heic_from_a_telephone_is_read():
    heic = saved(street(1200, 900), "HEIF", quality=70)
    assert heic[4:12] == b"ftypheic"
    photo = prepared(heic)
    assert (photo.width, photo.height) == (1200, 900)
    assert corners(photo) == UPRIGHT


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_large_photo_becomes_1600_pixels_on_its_long_side(kind):
    photo = prepared(saved(street(3200, 2400), kind))
    assert (photo.width, photo.height) == (1600, 1200)
    assert shown(photo).size == (1600, 1200)


def test_a_tall_photo_becomes_1600_pixels_high():
    photo = prepared(saved(street(900, 3200)))
    assert (photo.width, photo.height) == (450, 1600)


def test_a_photo_of_1600_pixels_keeps_its_size():
    assert prepared(saved(street(1600, 1000))).width == 1600


def test_a_hair_thin_photo_keeps_at_least_one_pixel():
    assert prepared(saved(street(8000, 2), "PNG")).height == 1


ORIENTATIONS = {
    1: ["red", "green", "blue", "white"],
    2: ["green", "red", "white", "blue"],
    3: ["white", "blue", "green", "red"],
    4: ["blue", "white", "red", "green"],
    5: ["red", "blue", "green", "white"],
    6: ["blue", "red", "white", "green"],
    7: ["white", "green", "blue", "red"],
    8: ["green", "white", "red", "blue"],
}


@pytest.mark.parametrize(("orientation", "seen"), ORIENTATIONS.items())
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_photo_taken_with_a_turned_phone_stands_upright(kind, orientation, seen):
    photo = prepared(saved(street(), kind, exif=exif_with(orientation)))
    assert corners(photo) == seen
    assert (photo.width > photo.height) == (orientation < 5)


def test_a_heic_taken_with_a_turned_phone_is_turned_once_and_not_twice():
    picture = street()
    exif = Image.Exif()
    exif.load(exif_with(6))
    picture.getexif()[0x0112] = 6
    photo = prepared(saved(picture, "HEIF"))
    assert (photo.width, photo.height) == (600, 800)
    assert corners(photo) == ORIENTATIONS[6]


def test_a_large_turned_photo_is_both_turned_and_made_smaller():
    photo = prepared(saved(street(3200, 2400), exif=exif_with(6)))
    assert (photo.width, photo.height) == (1200, 1600)
    assert corners(photo) == ORIENTATIONS[6]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_the_place_and_the_phone_in_the_exif_are_gone(kind):
    sent = saved(street(), kind, exif=exif_with())
    assert b"Somebody's phone" in sent
    photo = prepared(sent)
    assert b"Somebody" not in photo.webp
    assert dict(Image.open(io.BytesIO(photo.webp)).getexif()) == {}


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "HEIF"])
def test_nothing_but_pixels_is_left(kind):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    sent = saved(street(), kind, exif=exif_with(), icc_profile=srgb, xmp=xmp)
    assert SECRET in sent
    photo = prepared(sent)
    assert chunks_of(photo.webp) == [b"VP8 "]
    assert SECRET not in photo.webp


def test_words_in_a_png_are_gone():
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", SECRET.decode())
    photo = prepared(saved(street(), "PNG", pnginfo=words))
    assert chunks_of(photo.webp) == [b"VP8 "]
    assert SECRET not in photo.webp


def test_what_is_hidden_behind_the_end_of_a_jpeg_is_gone():
    assert SECRET not in prepared(saved(street()) + SECRET).webp


def test_what_is_hidden_under_transparency_is_gone():
    picture = street().convert("RGBA")
    picture.putalpha(0)
    assert corners(prepared(saved(picture, "PNG"))) == ["white"] * 4


def test_a_screenshot_with_a_palette_and_a_gap_gets_a_white_ground():
    picture = Image.new("P", (400, 300), 0)
    picture.putpalette([10, 10, 10, 220, 30, 30])
    picture.paste(1, (0, 0, 200, 150))
    photo = prepared(saved(picture, "PNG", transparency=0))
    assert corners(photo) == ["red", "white", "white", "white"]


def test_colours_of_a_wide_profile_are_brought_to_srgb():
    """The same numbers mean a stronger red in a wide profile than in ours."""
    wide = saved(Image.new("RGB", (64, 64), (200, 80, 80)), icc_profile=wide_profile())
    plain = saved(Image.new("RGB", (64, 64), (200, 80, 80)))
    red_wide, green_wide, _ = shown(prepared(wide)).getpixel((32, 32))
    red, green, _ = shown(prepared(plain)).getpixel((32, 32))
    assert red_wide - green_wide > red - green + 10


def wide_profile():
    """An ICC profile with primaries far apart (ProPhoto's) and a gamma of 1.8."""

    def s15(*values):
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    tags = {
        b"rXYZ": b"XYZ \0\0\0\0" + s15(0.7977, 0.2880, 0.0),
        b"gXYZ": b"XYZ \0\0\0\0" + s15(0.1352, 0.7119, 0.0),
        b"bXYZ": b"XYZ \0\0\0\0" + s15(0.0313, 0.0001, 0.8249),
        b"wtpt": b"XYZ \0\0\0\0" + s15(0.9642, 1.0, 0.8249),
    }
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        tags[name] = b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(1.8 * 256))
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">II", start + len(body), len(tag))
        body += tag
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    header += s15(0.9642, 1.0, 0.8249)
    return header.ljust(128, b"\0") + table + body


def test_a_damaged_colour_profile_does_not_lose_the_photo():
    assert corners(prepared(saved(street(), icc_profile=b"not a profile"))) == UPRIGHT


def test_damaged_exif_does_not_lose_the_photo():
    assert corners(prepared(saved(street(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"))) == UPRIGHT


@pytest.mark.parametrize("mode", ["L", "LA", "1", "P", "RGBA", "I;16"])
def test_unusual_pngs_are_read(mode):
    grey = np.linspace(0, 65535, 300 * 400).reshape(300, 400).astype(np.uint16)
    picture = Image.fromarray(grey) if mode == "I;16" else street(400, 300).convert(mode)
    photo = prepared(saved(picture, "PNG"))
    assert (photo.width, photo.height) == (400, 300)


def test_a_sixteen_bit_grey_keeps_its_shades():
    grey = np.linspace(0, 65535, 300 * 400).reshape(300, 400).astype(np.uint16)
    picture = shown(prepared(saved(Image.fromarray(grey), "PNG")))
    top, middle, bottom = (picture.getpixel((200, y))[0] for y in (5, 150, 295))
    assert top < 20
    assert 110 < middle < 145
    assert bottom > 235


def test_a_printers_four_colours_are_read():
    assert corners(prepared(saved(street().convert("CMYK")))) == UPRIGHT


def test_a_phone_that_puts_a_depth_picture_behind_the_photo_is_read():
    """Many phones do; Pillow calls it MPO and counts two frames."""
    content = saved(street(), "MPO", save_all=True, append_images=[Image.new("RGB", (80, 60))])
    assert Image.open(io.BytesIO(content)).n_frames == 2
    assert corners(prepared(content)) == UPRIGHT


def test_a_photo_over_15_mb_is_too_large():
    assert reason(saved(street()) + bytes(MAX_BYTES)) == "too_large"


def test_a_photo_of_exactly_15_mb_is_read():
    photo = saved(street())
    assert prepared(photo + bytes(MAX_BYTES - len(photo))).width == 800


@pytest.mark.parametrize("size", [(8000, 7000), (30_000, 30_000), (60_000, 60_000)])
def test_a_small_file_with_huge_measures_is_refused_before_decoding(size):
    bomb = png_claiming(*size)
    assert len(bomb) < 200
    begun = time.perf_counter()
    assert reason(bomb) == "too_many_pixels"
    assert time.perf_counter() - begun < 0.2


def test_a_real_bomb_of_one_colour_is_refused_before_decoding():
    bomb = saved(Image.new("1", (9000, 9000)), "PNG")
    assert len(bomb) < 20_000
    assert reason(bomb) == "too_many_pixels"


def test_a_photo_of_48_megapixels_is_read():
    assert prepared(saved(Image.new("L", (8000, 6000), 128))).width == 1600


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_a_moving_picture_is_refused(kind):
    frames = [Image.new("RGB", (64, 64), colour) for colour in (RED, GREEN, BLUE)]
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert reason(content) == "animated"


def test_a_heic_with_several_pictures_is_refused():
    content = saved(
        street(), "HEIF", save_all=True, append_images=[Image.new("RGB", (80, 60), BLUE)]
    )
    assert reason(content) == "animated"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PDF", "ICO", "PPM", "JPEG2000", "TGA"])
def test_other_kinds_of_pictures_are_refused(kind):
    assert reason(saved(Image.new("RGB", (64, 64), RED), kind)) == "unknown_format"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><!DOCTYPE svg><svg/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"<html><body>not a photo</body></html>",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100),
        b"RIFF\0\0\0\0WAVEfmt " + bytes(100),
        b"PK\3\4" + bytes(100),
        bytes(1000),
    ],
)
def test_what_is_no_photo_is_refused(content):
    assert reason(content) == "unknown_format"


def test_a_jpeg_cut_in_the_middle_is_broken():
    photo = saved(grain(400, 300))
    assert reason(photo[: len(photo) // 2]) == "broken"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
@pytest.mark.parametrize("kept", [0.05, 0.3, 0.7])
def test_a_photo_whose_end_never_came_is_broken(kind, kept):
    photo = saved(grain(400, 300), kind)
    assert reason(photo[: int(len(photo) * kept)]) == "broken"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_a_damaged_file_gives_a_photo_or_a_reason_and_nothing_else(kind):
    content = saved(grain(120, 90), kind, exif=exif_with(6))
    chance = np.random.default_rng(20261122)
    seen = set()
    for _ in range(150):
        damaged = bytearray(content)
        reach = min(len(damaged), int(chance.choice([40, 400, len(damaged)])))
        for place in chance.integers(0, reach, int(chance.integers(1, 9))):
            damaged[place] = int(chance.integers(0, 256))
        try:
            seen.add(prepared(bytes(damaged)).width)
        except BadPhoto as bad:
            seen.add(bad.code)
    assert "broken" in seen
    assert seen <= {90, 120, "broken", "unknown_format", "too_many_pixels", "animated"}


@pytest.mark.parametrize(
    "kind,head",
    [
        ("JPEG", b"\xff\xd8\xff\xe0"),
        ("PNG", b"\x89PNG\r\n\x1a\n"),
        ("WEBP", b"RIFF\x10\0\0\0WEBPVP8 "),
        ("HEIF", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("AVIF", b"\0\0\0\x18ftypavif\0\0\0\0avifmif1"),
    ],
)
def test_a_photos_first_bytes_and_then_rubbish_is_broken(kind, head):
    assert reason(head + b"rubbish" * 50) == "broken", kind
