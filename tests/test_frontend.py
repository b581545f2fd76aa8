"""When the front end is built again, and how a finished build is made to serve any address."""

from pathlib import Path

import pytest

from casso import frontend
from casso.ui.same_origin import SameOriginPlugin, rewrite


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A small tree shaped like ours."""
    for name, text in {
        "casso/ui/page.py": "a",
        "casso/words/de.po": "b",
        "casso/casso.py": "c",
        "assets/casso.css": "d",
        "rxconfig.py": "e",
        "requirements.txt": "f",
        "reflex.lock/package-lock.json": "{}",
        "casso/services/reply.py": "g",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


CHANGES = [
    "casso/ui/page.py",
    "casso/words/de.po",
    "casso/casso.py",
    "assets/casso.css",
    "rxconfig.py",
    "requirements.txt",
    "reflex.lock/package-lock.json",
]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_reaches_the_browser_needs_a_build(sources: Path, name: str) -> None:
    before = frontend.sources_hash(sources)
    (sources / name).write_text("changed")
    assert frontend.sources_hash(sources) != before


def test_a_new_and_a_moved_file_need_a_build(sources: Path) -> None:
    before = frontend.sources_hash(sources)
    (sources / "casso/ui/new.py").write_text("")
    added = frontend.sources_hash(sources)
    (sources / "casso/ui/new.py").rename(sources / "casso/ui/moved.py")
    assert len({before, added, frontend.sources_hash(sources)}) == 3


def test_a_change_on_the_server_alone_needs_none(sources: Path) -> None:
    before = frontend.sources_hash(sources)
    (sources / "casso/services/reply.py").write_text("changed")
    (sources / "casso/ui/__pycache__").mkdir()
    (sources / "casso/ui/__pycache__/page.pyc").write_text("x")
    assert frontend.sources_hash(sources) == before


def test_nothing_that_calls_home_is_left_on() -> None:
    for environment in (frontend.build_environment(), frontend.serve_environment()):
        assert environment["REFLEX_TELEMETRY_ENABLED"] == "false"
        assert environment["REFLEX_CHECK_LATEST_VERSION"] == "0"


def test_the_build_takes_node_from_the_virtual_environment() -> None:
    first = Path(frontend.build_environment()["PATH"].partition(":")[0])
    assert (first / "node").exists()
    assert (first / "npm").exists()


BAKED = 'a={EVENT:`ws://localhost:3000/_event`,PING:`http://localhost:3000/ping`,B:"ws://localhost:3000/x"}'


def test_baked_addresses_become_where_the_page_came_from(tmp_path: Path) -> None:
    script = tmp_path / "env.js"
    script.write_text(BAKED)
    assert rewrite(script)
    text = script.read_text()
    assert "localhost" not in text
    assert "location.host+`/_event`" in text
    assert "location.origin+`/ping`" in text
    assert 'location.host+"/x"' in text


def test_a_build_without_the_expected_addresses_fails_instead_of_serving_one_port_only(
    tmp_path: Path,
) -> None:
    (tmp_path / "env.js").write_text("a={}")
    with pytest.raises(RuntimeError, match="no baked address"):
        SameOriginPlugin().post_build(static_dir=tmp_path)


def test_the_lock_names_no_registry() -> None:
    lock = (frontend.ROOT / "reflex.lock" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
