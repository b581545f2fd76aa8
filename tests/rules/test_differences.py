"""What the trail says of a change: only what differs, old and new side by side."""

from casso.rules.differences import differences


def test_only_what_differs_is_told() -> None:
    before = {"name": "Example", "zone": "UTC", "locale": "en"}
    after = {"name": "Example", "zone": "Europe/Berlin", "locale": "de"}
    assert differences(before, after) == ("zone: UTC, locale: en", "zone: Europe/Berlin, locale: de")


def test_nothing_changed_tells_nothing() -> None:
    assert differences({"name": "x"}, {"name": "x"}) == ("", "")


def test_switches_numbers_and_nothing_can_be_read() -> None:
    before = {"on": False, "port": 993, "name": "", "new": None}
    assert differences(before, {"on": True, "port": 143, "name": "Help", "new": "x"}) == (
        "on: no, port: 993, name: –, new: –",
        "on: yes, port: 143, name: Help, new: x",
    )
