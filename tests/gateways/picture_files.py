"""Pictures for tests: ordinary ones, and those that somebody made to do harm."""

import struct
import zlib
from io import BytesIO

from PIL import Image

RED, BLUE = (220, 20, 20), (20, 20, 220)
CANARY = b"canary-in-the-metadata"


def picture(
    form: str = "PNG", size: tuple[int, int] = (400, 300), mode: str = "RGB", **options: object
) -> bytes:
    """A picture of one colour."""
    made = BytesIO()
    colour = (*RED, 255) if mode == "RGBA" else RED
    Image.new("RGBA" if mode == "RGBA" else "RGB", size, colour).convert(mode).save(made, form, **options)
    return made.getvalue()


def turned_photo() -> bytes:
    """A JPEG as a phone writes it: lying on its side, with a camera and a comment; red above blue."""
    whole = Image.new("RGB", (300, 300), RED)
    whole.paste(BLUE, (0, 150, 300, 300))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to see it upright
    exif[0x010F] = CANARY.decode()
    made = BytesIO()
    whole.transpose(Image.Transpose.ROTATE_90).save(made, "JPEG", exif=exif, comment=CANARY, quality=95)
    return made.getvalue()


def bomb(side: int = 50_000) -> bytes:
    """A PNG of a few hundred kilobytes that says it has that many lines of that many pixels, and means it."""
    line = b"\0" + b"\0" * (side // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(line * 500) for _ in range(side // 500)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def lying(side: int = 6_000) -> bytes:
    """A GIF's head before nothing that fits it."""
    return b"GIF89a" + struct.pack("<HHBBB", side, side, 0, 0, 0) + b"," + b"\xff" * 64


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
