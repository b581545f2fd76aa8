"""What a browser fetches to show the inbox: compressed bytes of scripts and styles that its page names."""

import gzip
import re
from pathlib import Path

from casso.services.bench.desk import ROOT

BUILD = ROOT / ".web" / "build" / "client"
_NAMED = re.compile(
    r"""(?:src|href)=["'](/[^"']+\.(?:js|css))|import\(?\s*["'](/[^"']+\.js)["']|["'](/assets/[^"']+\.(?:js|css))["']"""
)
_IMPORTED = re.compile(r"""(?:from|import)\s*["'](\.{1,2}/[^"']+\.js)["']""")


def first_load_bytes(build: Path = BUILD, page: str = "index.html") -> int | None:
    """Scripts and styles of the page and what those import at once; None when nothing is built."""
    start = build / page
    if not start.is_file():
        return None
    wanted = [build / name.lstrip("/") for name in _named(start.read_text(errors="replace"))]
    seen: set[Path] = set()
    while wanted:
        path = wanted.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        if path.suffix == ".js":
            text = path.read_text(errors="replace")
            wanted += [(path.parent / name).resolve() for name in _IMPORTED.findall(text)]
    return sum(_compressed(path) for path in seen)


def _named(text: str) -> list[str]:
    return [name for found in _NAMED.findall(text) for name in found if name]


def _compressed(path: Path) -> int:
    """The size on the wire: brotli where the build made it, else gzip."""
    for suffix in (".br", ".gz"):
        ready = path.with_name(path.name + suffix)
        if ready.is_file():
            return ready.stat().st_size
    return len(gzip.compress(path.read_bytes(), 6))
