"""A finding in codes, so that it can be said in every language: `check.<code>` with its values."""

from dataclasses import asdict, dataclass, field
from typing import Any

from casso.enums import Level
from casso.words import word


@dataclass(frozen=True, slots=True)
class Found:
    """One finding; the sentence of a wrong one ends with what to do."""

    code: str
    level: Level
    values: dict[str, str] = field(default_factory=dict)

    def sentence(self, locale: str = "en") -> str:
        """In words."""
        return word(locale, f"check.{self.code}", **self.values)

    def as_json(self) -> dict[str, object]:
        """For the database and for programs."""
        return asdict(self)


def from_json(kept: dict[str, Any]) -> Found:
    """A finding as it was kept."""
    return Found(kept["code"], Level(kept["level"]), kept["values"])


def fine(code: str, **values: str | int) -> Found:
    """Nothing to do."""
    return Found(code, Level.FINE, _texts(values))


def notice(code: str, **values: str | int) -> Found:
    """Perhaps meant so; somebody should know."""
    return Found(code, Level.NOTICE, _texts(values))


def wrong(code: str, **values: str | int) -> Found:
    """To be mended."""
    return Found(code, Level.WRONG, _texts(values))


def _texts(values: dict[str, str | int]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
