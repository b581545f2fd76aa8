"""What a check of `casso doctor` says: fine or wrong, one sentence, and values that a program may read."""

from dataclasses import dataclass, field

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; the sentence of a wrong one ends with what to do."""

    name: str
    is_fine: bool
    text: str
    values: dict[str, Value] = field(default_factory=dict)


def fine(name: str, text: str, **values: Value) -> Finding:
    """Nothing to do."""
    return Finding(name, True, text, values)


def wrong(name: str, text: str, **values: Value) -> Finding:
    """Something to mend."""
    return Finding(name, False, text, values)
