"""Pictures become small squares in another process; whatever is in them, this process never feels it."""

import resource
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from casso.errors import GatewayError
from casso.gateways import picture_child, pictures
from tests.gateways.picture_files import BLUE, CANARY, RED, bomb, lying, picture, turned_photo


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def is_near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 30 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("PNG", "1"), ("JPEG", "RGB"),
     ("JPEG", "CMYK"), ("WEBP", "RGB"), ("WEBP", "RGBA"), ("GIF", "P")],
)  # fmt: skip
def test_every_kind_of_picture_becomes_a_small_square(form: str, mode: str) -> None:
    made = opened(pictures.square(picture(form, (400, 300), mode)))
    assert (made.format, made.mode, made.size) == ("WEBP", "RGB", (256, 256))
    if mode in ("RGB", "RGBA", "P"):
        assert is_near(made.getpixel((128, 128)), RED)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (255, 257), (3000, 2000)])
def test_every_shape_becomes_one(size: tuple[int, int]) -> None:
    assert opened(pictures.square(picture(size=size))).size == (256, 256)


def test_a_photo_stands_upright_and_tells_nothing_but_its_pixels() -> None:
    data = turned_photo()
    assert CANARY in data
    made = pictures.square(data)
    shown = opened(made)
    assert is_near(shown.getpixel((128, 40)), RED)
    assert is_near(shown.getpixel((128, 216)), BLUE)
    assert CANARY not in made
    assert not set(shown.info) & {"exif", "icc_profile", "xmp", "comment"}


def test_what_is_clear_becomes_white() -> None:
    made = BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(made, "PNG")
    assert is_near(opened(pictures.square(made.getvalue())).getpixel((10, 10)), (255, 255, 255))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 1000,
        picture()[:200],
        lying(),
        picture("BMP"),
        picture("TIFF"),
        picture("ICO", (64, 64)),
        bytes(range(256)) * 20,
    ],
    ids=lambda data: repr(data[:8]),
)
def test_what_is_no_picture_of_the_four_kinds_is_refused(data: bytes) -> None:
    with pytest.raises(GatewayError) as caught:
        pictures.square(data)
    assert (caught.value.permanent, caught.value.code) == (True, "no_picture")


def test_a_bomb_is_refused_and_this_process_never_grows() -> None:
    data = bomb()
    assert len(data) < 1_000_000
    pictures.square(picture())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(GatewayError) as caught:
        pictures.square(data)
    assert caught.value.permanent
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes


def test_more_pixels_than_allowed_are_refused_though_they_would_fit(tmp_path: Path) -> None:
    data = bomb(7_000)
    with pytest.raises(GatewayError) as caught:
        pictures.square(data)
    assert caught.value.permanent
    uncounted = _in_child("child.MOST_PIXELS = 10**12\nsys.exit(child.main())", data, tmp_path)
    assert (uncounted.returncode, uncounted.stdout[8:12]) == (0, b"WEBP")


def test_a_bomb_that_gets_past_the_count_of_pixels_dies_of_its_memory(tmp_path: Path) -> None:
    """The wall behind the wall: as if nobody had counted."""
    grown = _in_child("child.MOST_PIXELS = 10**12\nsys.exit(child.main())", bomb(), tmp_path)
    assert grown.returncode == picture_child.REFUSED
    assert grown.stdout == b""


@pytest.mark.parametrize(
    "deed",
    ["bytearray(600_000_000)", "open('written', 'wb', buffering=0).write(b'x')", "while True: pass"],
    ids=["memory", "file", "time"],
)
def test_the_child_gets_neither_memory_nor_files_nor_time_without_end(deed: str, tmp_path: Path) -> None:
    limits = "child.CPU_SECONDS = 1\nchild.limit()\n"
    done = _in_child(f"{limits}{deed}\nprint('done')", b"", tmp_path)
    assert done.returncode != 0
    assert b"done" not in done.stdout
    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0


def _in_child(code: str, data: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Code beside the child's own module, in a process like its own."""
    place = str(Path(picture_child.__file__).parent)
    start = f"import sys; sys.path.insert(0, {place!r})\nimport picture_child as child\n"
    command = [sys.executable, "-I", "-c", start + code]
    return subprocess.run(command, input=data, capture_output=True, cwd=folder, check=False, timeout=30)


def test_the_child_knows_nothing_of_casso(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its settings nor its modules: a broken decoder finds no key in there."""
    spy = tmp_path / "spy.py"
    spy.write_text(
        "import os, sys\n"
        "loaded = [name for name in sys.modules if name.startswith('casso')]\n"
        "sys.stdout.write(repr((sorted(os.environ), loaded)))\n"
    )
    monkeypatch.setenv("CASSO_SECRET_KEY", "canary")
    monkeypatch.setattr(pictures, "_CHILD", spy)
    seen, loaded = eval(pictures.square(b""))
    assert set(seen) <= {"LD_LIBRARY_PATH", "LC_CTYPE"}
    assert loaded == []


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time; time.sleep(600)")
    monkeypatch.setattr(pictures, "_CHILD", sleeper)
    monkeypatch.setattr(pictures, "LIMIT_SECONDS", 0.5)
    with pytest.raises(GatewayError) as caught:
        pictures.square(picture())
    assert caught.value.permanent


def test_a_child_that_cannot_run_is_our_trouble_and_not_the_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_CHILD", tmp_path / "missing.py")
    with pytest.raises(GatewayError) as caught:
        pictures.square(picture())
    assert (caught.value.permanent, caught.value.code) == (False, "picture_failed")
