"""The first load counts each script and style once, compressed, with what they import at once."""

import gzip
from pathlib import Path

from casso.services.bench.weight import first_load_bytes


def test_nothing_built_is_no_figure(tmp_path: Path) -> None:
    assert first_load_bytes(tmp_path) is None


def test_named_and_imported_files_are_counted_once_and_others_not(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(
        '<link rel="stylesheet" href="/casso.css"><link rel="modulepreload" href="/assets/a.js"/>'
        '<script type="module">import "/assets/a.js";import * as b from "/assets/b.js"</script>'
    )
    (tmp_path / "casso.css").write_text("body{}")
    (tmp_path / "assets" / "a.js").write_text('import{x}from"./c.js";const late=()=>import("./d.js")')
    (tmp_path / "assets" / "b.js").write_text('import"./c.js";')
    (tmp_path / "assets" / "c.js").write_text("c" * 5_000)
    (tmp_path / "assets" / "d.js").write_text("d" * 5_000)
    (tmp_path / "assets" / "c.js.br").write_bytes(b"1" * 11)
    parts = [tmp_path / "casso.css", tmp_path / "assets" / "a.js", tmp_path / "assets" / "b.js"]
    expected = 11 + sum(len(gzip.compress(path.read_bytes(), 6)) for path in parts)
    assert first_load_bytes(tmp_path) == expected
