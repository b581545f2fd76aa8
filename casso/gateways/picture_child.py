"""Runs as a process of its own and ends after one picture: bytes in by standard input, 256 x 256 WebP out.

Nothing of Casso is loaded here, and no setting or key is in its environment. The limits
stand before the library that reads strangers' pictures is even imported: memory, time on
the processor, no file written. What is no picture, or too much work, ends with REFUSED.
"""

import resource
import sys
from io import BytesIO

REFUSED = 3
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 5
MOST_PIXELS = 40_000_000
SIDE = 256
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def limit() -> None:
    """Tell the system what this process may use at most; it cannot take that back."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def square(data: bytes) -> bytes:
    """The middle of the picture's first frame, upright, without anything but its pixels."""
    from PIL import Image, ImageOps, WebPImagePlugin  # after limit()

    assert WebPImagePlugin.SUPPORTED
    Image.MAX_IMAGE_PIXELS = None  # judged here, before anything is decoded
    with Image.open(BytesIO(data), formats=FORMATS) as found:
        if not 0 < found.width * found.height <= MOST_PIXELS:
            raise ValueError("too many pixels")
        found.draft("RGB", (SIDE * 2, SIDE * 2))  # a JPEG is decoded small at once
        whole = found if found.mode in ("RGB", "RGBA", "L") else found.convert("RGBA")
        side, left, top = _middle(whole.size)
        box = (left, top, left + side, top + side)
        small = whole.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    # The middle square stays the middle when it is turned, and turning it is cheap now.
    small = ImageOps.exif_transpose(small).convert("RGBA")
    # A new picture holds none of the old one's metadata; white shows through where it was clear.
    clean = Image.new("RGB", (SIDE, SIDE), "white")
    clean.paste(small, mask=small.getchannel("A"))
    made = BytesIO()
    clean.save(made, "WEBP", quality=82, method=4)
    return made.getvalue()


def _middle(size: tuple[int, int]) -> tuple[int, int, int]:
    """Side, left and top of the largest square in the middle."""
    width, height = size
    side = min(width, height)
    return side, (width - side) // 2, (height - side) // 2


def main() -> int:
    """One picture."""
    limit()
    try:
        made = square(sys.stdin.buffer.read())
    except ImportError:
        raise
    except Exception:  # whatever a decoder does with hostile bytes; the text of it may hold anything
        return REFUSED
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
