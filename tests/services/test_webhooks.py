"""The replay store: a token counts once, also after a restart, and is forgotten in time."""

from sqlalchemy import func, select

from casso import db
from casso.models import WebhookReceipt
from casso.services.webhooks import note_taken, was_taken
from tests.desks import Desk


def test_a_token_is_remembered_and_noting_it_twice_is_harmless(desk: Desk) -> None:
    assert not was_taken("a")
    note_taken("a")
    note_taken("a")
    db.engine().dispose()
    assert was_taken("a")
    assert not was_taken("A")


def test_old_tokens_are_forgotten(desk: Desk) -> None:
    note_taken("old")
    desk.clock.tick(days=3)
    note_taken("new")
    with db.reading() as session:
        assert session.execute(select(func.count()).select_from(WebhookReceipt)).scalar_one() == 1
