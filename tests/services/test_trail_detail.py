"""What stands beside the chain: forged or removed detail is found, shortened and erased detail holds."""

import pytest

from casso.db import transaction
from casso.models import TrailDetail, TrailEntry
from casso.services.trail import record_access
from casso.services.trail_keeping import shorten_addresses
from tests.desks import Desk
from tests.services.test_trail_checking import tamper, verdict
from tests.services.test_trail_keeping import act, come, holds, stored


def test_a_row_of_detail_that_is_gone_as_a_whole_is_found(desk: Desk) -> None:
    """Erasing blanks a row and pruning takes its entry along: nothing of ours deletes it alone."""
    act(desk)
    act(desk)
    tamper(desk, "DELETE FROM trail_detail WHERE organization_id = :here AND number = 3")
    assert verdict(desk) == ("detail", 3)


def test_an_entry_that_said_nothing_has_no_row_and_holds(desk: Desk) -> None:
    with transaction(desk.mine.organization_id) as session:
        record_access(session, desk.mine.organization_id, None, "session.ended", ip="", browser="")
    assert len(stored(desk, TrailDetail)) < len(stored(desk, TrailEntry))
    assert holds()


@pytest.mark.parametrize(
    "forged",
    [
        "what_salt = '', after = 'FORGED'",
        "what_salt = '', before = 'FORGED', after = ''",
        "who_salt = '', ip = '203.0.113.7'",
        "who_salt = '', ip = '203.0.113.0'",
        "who_salt = '', ip = '203.0.113.0/25'",
        "who_salt = '', ip = 'somewhere'",
        "who_salt = '', who_mark = '', ip = '', actor_name = 'Somebody Else'",
    ],
)
def test_a_part_without_its_salt_says_only_what_shortening_or_erasing_leaves(desk: Desk, forged: str) -> None:
    come(desk)
    act(desk)
    tamper(desk, f"UPDATE trail_detail SET {forged} WHERE organization_id = :here AND number = 3")
    assert verdict(desk) == ("detail", 3)


@pytest.mark.parametrize(
    "ip", ["192.0.2.77", "2001:db8:1:2::3", "::ffff:192.0.2.7", "fe80::1%eth0", "unknown"]
)
def test_whatever_shortening_leaves_of_an_address_holds(desk: Desk, ip: str) -> None:
    come(desk, ip)
    assert shorten_addresses(desk.system, before=desk.clock.tick(days=1)) == 1
    assert holds()
