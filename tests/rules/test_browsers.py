"""A User-Agent header becomes a name that people know, and nothing else of it is kept."""

import subprocess
import sys

import pytest

from casso.clock import ticks
from casso.rules.browsers import LONGEST, NAME_LIMIT, browser_kind, browser_name

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
APPLE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (f"{WINDOWS}; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox 144 on Windows"),
        (f"{WINDOWS}) {APPLE} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0", "Edge 141 on Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/26.1 Safari/605.1.15",
            "Safari 26 on Mac OS X",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {APPLE} Chrome/141.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile 141 on Android",
        ),
        ("curl/8.5.0", "curl 8"),
    ],
)
def test_a_header_becomes_program_version_and_system(header: str, name: str) -> None:
    assert browser_name(header) == name


def test_an_update_of_the_browser_does_not_change_its_kind() -> None:
    old, new = (f"{WINDOWS}; rv:{major}.0) Gecko/20100101 Firefox/{major}.0" for major in (144, 145))
    assert browser_kind(old) == browser_kind(new) == "Firefox on Windows"
    assert browser_kind("nothing known") == " on "


@pytest.mark.parametrize("header", ["", "nothing known", "\x00\ud800", "<script>alert(1)</script>"])
def test_an_unknown_header_names_nothing(header: str) -> None:
    assert browser_name(header) == ""


def test_a_long_header_is_cut_before_it_is_read() -> None:
    """Reading 100 kB of it would take half a second, and there are a few hundred patterns."""
    browser_name("warm up")
    begun = ticks()
    assert browser_name("x" * 1_000_000) == ""
    assert ticks() - begun < 0.2
    assert browser_name("x" * LONGEST + f"{WINDOWS}; rv:144.0) Firefox/144.0") == ""


def test_a_name_never_grows_beyond_its_column() -> None:
    assert len(browser_name("Mozilla/5.0 (Windows NT 10.0) Firefox/" + "9" * 390)) <= NAME_LIMIT


def test_the_table_is_loaded_at_the_first_use_only() -> None:
    code = "import sys, casso.rules.browsers, casso.services.trail; print('ua_parser' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
