"""A scratch data folder and settings of its own for every gateway test that asks for one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casso.config import settings


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Call with environment names to set them; returns the data folder."""

    def apply(**env: str) -> Path:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        return settings().data_dir

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASSO_DATA_DIR", str(tmp_path / "data"))
    yield apply
    settings.cache_clear()


@pytest.fixture
def data_dir(configure: Callable[..., Path]) -> Path:
    """The scratch data folder, everything else as by default."""
    return configure()
