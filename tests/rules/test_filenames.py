"""Names that only look, and types that only serve what may be served."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from casso.rules.filenames import DOWNLOAD, LONGEST_NAME, allowed_type, display_name, extension_for

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 16
GIF = b"GIF89a" + b"\x00" * 16
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + b"\x00" * 16


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("/abs/olute.txt", "olute.txt"),
        ("C:\\Users\\x\\invoice.pdf", "invoice.pdf"),
        ("C:evil.txt", "C_evil.txt"),
        ("a\x00b.txt", "ab.txt"),
        ("two\r\nlines.txt", "two lines.txt"),
        ("\u202egpj.exe", "gpj.exe"),
        ("pay\u200bpal\ufeff.txt", "paypal.txt"),
        ("\u2066x\u2069.png", "x.png"),
        ("...", "file.pdf"),
        ("..", "file.pdf"),
        (".", "file.pdf"),
        ("", "file.pdf"),
        (" \t ", "file.pdf"),
        ("folder/", "file.pdf"),
        ("trailing. . .", "trailing"),
        (".htaccess", "_.htaccess"),
        (".bashrc.txt", "bashrc.txt"),
        ("Grüße 你好 🎉.txt", "Grüße 你好 🎉.txt"),
        ('a"b<c>?.txt', "a_b_c__.txt"),
    ],
)
def test_names_as_they_are_shown(raw: str, shown: str) -> None:
    assert display_name(raw, "application/pdf") == shown


def test_a_long_name_keeps_its_extension() -> None:
    shown = display_name("x" * 4096 + ".tar.pdf", "application/pdf")
    assert len(shown) == LONGEST_NAME
    assert shown.endswith(".pdf")
    assert len(display_name("y" * 4096, "text/plain")) == LONGEST_NAME
    assert len(display_name("z." + "w" * 4096, "text/plain")) == LONGEST_NAME


@pytest.mark.parametrize(
    ("content_type", "extension"),
    [
        ("image/png", ".png"),
        ("Text/Plain; charset=utf-8", ".txt"),
        ("message/rfc822", ".eml"),
        ("image/JPG", ".jpg"),
        ("x/unknown", ".bin"),
        ("", ".bin"),
    ],
)
def test_a_nameless_file_gets_a_name_from_its_type(content_type: str, extension: str) -> None:
    assert extension_for(content_type) == extension
    assert display_name("", content_type) == f"file{extension}"


@given(st.text(max_size=400), st.text(max_size=40))
@example("a" * 149 + "." + "b" * 9, "")
@example(". ." + "a" * 200 + " .x", "")
def test_any_name_is_harmless(raw: str, content_type: str) -> None:
    shown = display_name(raw, content_type)
    assert 0 < len(shown) <= LONGEST_NAME
    assert not set(shown) & set('/\\<>:"|?*\0')
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in shown)
    assert shown == shown.strip()
    assert shown.strip(".")
    assert not shown.startswith(".")
    shown.encode()
    assert display_name(shown, content_type) == shown


@pytest.mark.parametrize(
    ("head", "real"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif"), (WEBP, "image/webp")]
)
def test_real_raster_images_may_be_shown(head: bytes, real: str) -> None:
    for declared in (real, "image/jpg", "image/svg+xml", DOWNLOAD, "", real.upper() + "; name=x"):
        assert allowed_type(declared, head) == (real, True)


@pytest.mark.parametrize("declared", ["image/png", "image/jpeg", "image/gif", "image/webp", "image/jpg"])
@pytest.mark.parametrize(
    "head", [b"", b"<svg onload=alert(1)>", b"<html>", b"%PDF-1.7", PNG[:7], b"RIFF____AVI "]
)
def test_an_image_that_is_none_is_a_download(declared: str, head: bytes) -> None:
    assert allowed_type(declared, head) == (DOWNLOAD, False)


@pytest.mark.parametrize(
    "declared",
    [
        "image/svg+xml",
        "text/html",
        "application/xhtml+xml",
        "text/xml",
        "application/xml",
        "text/xsl",
        "multipart/related",
        "message/rfc822",
        "text/javascript",
        "application/x-shockwave-flash",
        "text/css",
        "application/x-msdownload",
        "nonsense",
    ],
)
def test_what_a_browser_could_run_is_a_download_without_a_type(declared: str) -> None:
    assert allowed_type(declared, b"<svg xmlns='http://www.w3.org/2000/svg'/>") == (DOWNLOAD, False)
    assert allowed_type(f"{declared}; charset=utf-8", b"") == (DOWNLOAD, False)


@pytest.mark.parametrize("declared", ["application/pdf", "text/plain", "text/csv", "video/mp4", "image/tiff"])
def test_known_types_keep_their_type_but_are_not_shown(declared: str) -> None:
    assert allowed_type(declared, b"<html>") == (declared, False)


def test_text_that_begins_like_an_image_stays_text() -> None:
    assert allowed_type("text/plain", GIF) == ("text/plain", False)


@given(st.text(max_size=60), st.binary(max_size=64))
def test_only_the_four_raster_types_are_ever_shown(declared: str, head: bytes) -> None:
    served, inline = allowed_type(declared, head)
    assert served.isascii()
    assert not inline or served in ("image/png", "image/jpeg", "image/gif", "image/webp")
