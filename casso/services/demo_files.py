"""Small real files for the demo's mails: a PNG that browsers draw and a PDF that viewers open."""

import struct
import zlib
from functools import lru_cache


@lru_cache(maxsize=32)
def png(width: int, height: int, *, hue: int) -> bytes:
    """A picture of soft diagonal stripes; `hue` (0 to 255) tells one from another."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            shade = 40 if (x + y) // 12 % 2 else 0
            rows += bytes(((hue + shade) % 256, 110 + (x * 90) // width, 150 + (y * 80) // height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_part(kind, data) for kind, data in parts)


def pdf(title: str, lines: tuple[str, ...]) -> bytes:
    """One page of plain text; characters beyond Latin-1 become question marks."""
    text = [f"BT /F1 18 Tf 60 780 Td ({_pdf_text(title)}) Tj ET"]
    for place, line in enumerate(lines):
        text.append(f"BT /F1 11 Tf 60 {740 - 18 * place} Td ({_pdf_text(line)}) Tj ET")
    content = "\n".join(text).encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    return _pdf_file(objects)


def _png_part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pdf_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _pdf_file(objects: tuple[bytes, ...]) -> bytes:
    made = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(made)
