"""What changed between two sets of values, in the short form that the trail keeps."""

from collections.abc import Mapping


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, str]:
    """Old and new values of what differs, as `name: value, name: value`; both empty when nothing does."""
    names = [name for name in after if before.get(name) != after[name]]
    return _listed(names, before), _listed(names, after)


def _listed(names: list[str], values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}: {_shown(values.get(name))}" for name in names)


def _shown(value: object) -> str:
    """Yes and no for a switch, a dash for nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in (None, "") else "–"
