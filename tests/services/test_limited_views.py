"""What a person with a limited view does not see does not exist for them: in no query, by no service.

The functions are found, not listed: whoever adds one that takes a ticket is tested the same day.
"""

from collections.abc import Callable
from typing import Any

import pytest

from casso import access, db
from casso.access import Actor
from casso.enums import Queue, Sees
from casso.errors import NotAllowed, NotFound
from casso.queries.queues import queue_statement
from casso.queries.search import search_tickets
from casso.queries.tickets import (
    count_queues,
    get_ticket,
    list_accounts,
    list_mailboxes,
    list_queue,
    list_teams,
)
from casso.services import tickets
from casso.services.ticket_writing import lock_by_id, open_for_writing
from tests.desks import Desk
from tests.queries.plans import plans, recorded
from tests.services.limited_views import (
    CANARY,
    FILLERS,
    HIDDEN,
    LOOSE,
    OWN,
    SHOWN,
    View,
    everything,
    names_a_ticket,
    outcome,
    public_functions,
    required,
    view_of,
)
from tests.services.members import member

# Parts of statements, told whom they serve by their callers, who are tested.
PARTS = ("colleagues", "reachable_teams", "queue_statement")


@pytest.fixture(params=[Sees.TEAMS, Sees.MAILBOXES])
def view(request: pytest.FixtureRequest, desk: Desk) -> View:
    return view_of(desk, request.param)


def of_a_ticket() -> dict[str, Callable[..., Any]]:
    return {name: function for name, function in public_functions().items() if names_a_ticket(function)}


def of_no_ticket() -> dict[str, Callable[..., Any]]:
    """Every query that is not told which ticket is meant."""
    return {
        name: function
        for name, function in public_functions().items()
        if name.startswith("casso.queries.") and not names_a_ticket(function) and not name.endswith(PARTS)
    }


def test_the_functions_that_take_a_ticket_are_found() -> None:
    found = {name.rpartition(".")[2] for name in of_a_ticket()}
    assert found >= {"get_ticket", "get_message_frame", "get_row", "assign_ticket", "send_reply", "add_note"}
    assert found >= {"undo_send", "send_again", "open_file", "mark_read", "set_status", "set_tags"}


@pytest.mark.parametrize("number", [HIDDEN, LOOSE])
def test_a_ticket_out_of_sight_is_not_found_by_anything_and_nothing_is_written(
    view: View, number: int
) -> None:
    ids, before = view.ids(number), everything(view.desk)
    outcomes = {name: outcome(view, function, ids) for name, function in of_a_ticket().items()}
    assert {name: found for name, found in outcomes.items() if found != "NotFound"} == {}
    assert everything(view.desk) == before


@pytest.mark.parametrize("number", [SHOWN, OWN])
def test_a_ticket_in_sight_is_found_by_all_of_them(view: View, number: int) -> None:
    ids = view.ids(number)
    outcomes = {name: outcome(view, function, ids) for name, function in of_a_ticket().items()}
    assert {name: found for name, found in outcomes.items() if found in ("NotFound", "NotAllowed")} == {}


@pytest.mark.parametrize("number", [HIDDEN, LOOSE])
def test_the_look_ups_behind_the_services_do_not_find_it_either(view: View, number: int) -> None:
    ticket_id = view.ids(number)["ticket_id"]
    with db.transaction(view.ben.organization_id) as session:
        with pytest.raises(NotFound):
            access.get_ticket(session, view.ben, number)
        with pytest.raises(NotFound):
            open_for_writing(session, view.ben, number, intent="")
        with pytest.raises(NotFound):
            lock_by_id(session, view.ben, ticket_id)


def test_nothing_that_lists_counts_or_searches_shows_a_word_of_it(view: View) -> None:
    tickets.assign_ticket(view.desk.owner, OWN, account_id=None)
    files = {"public_ids": (view.ids(HIDDEN)["public_id"],)}
    answered = []
    for name, function in of_no_ticket().items():
        for text in (CANARY, "1", str(HIDDEN), "anna"):
            values = FILLERS | view.people() | files | {"text": text}
            try:
                found = function(view.ben, **{one: values[one] for one in required(function)})
            except NotAllowed:
                continue
            answered.append(name)
            assert CANARY not in repr(found), name
    assert {name.rpartition(".")[2] for name in answered} >= {"list_queue", "count_queues", "search_tickets"}
    owner_finds = repr(search_tickets(view.desk.owner, CANARY))
    assert CANARY in owner_finds


def test_lists_and_counts_hold_the_tickets_in_sight_and_no_others(view: View) -> None:
    assert numbers(view.ben, "open") == [OWN, SHOWN]
    assert numbers(view.ben, "mine") == [OWN]
    assert numbers(view.ben, "unassigned") == [SHOWN]
    assert {row.queue: row.count for row in count_queues(view.ben)} == {
        "mine": 1, "unassigned": 1, "open": 2, "closed": 0
    }  # fmt: skip
    tickets.set_status(view.desk.owner, HIDDEN, status="closed")
    tickets.set_status(view.desk.owner, SHOWN, status="closed")
    assert (numbers(view.ben, "closed"), numbers(view.ben, "open")) == ([SHOWN], [OWN])
    assert numbers(view.desk.owner, "closed") == [HIDDEN, SHOWN]


def numbers(actor: Actor, queue: str) -> list[int]:
    return [row.number for row in list_queue(actor, queue).rows]


def test_past_tickets_of_a_customer_are_those_in_sight(view: View) -> None:
    assert [past.number for past in get_ticket(view.ben, SHOWN).customer.past] == [OWN]
    assert [past.number for past in get_ticket(view.desk.owner, SHOWN).customer.past] == [OWN, LOOSE, HIDDEN]


def test_search_walks_past_what_is_out_of_sight_to_what_is_not(view: View) -> None:
    assert [row.number for row in search_tickets(view.ben, "anna", limit=1)[0]] == [OWN]
    hits, cursor = search_tickets(view.ben, "anna", limit=1)
    more, end = search_tickets(view.ben, "anna", limit=1, cursor=cursor)
    assert [row.number for row in (*hits, *more)] == [OWN, SHOWN]
    assert search_tickets(view.ben, "anna", limit=1, cursor=end)[0] == () or end == ""
    for number in (HIDDEN, LOOSE):
        assert [row.number for row in search_tickets(view.ben, str(number))[0]] == []


def test_a_ticket_given_away_is_gone_and_one_given_back_is_there(view: View) -> None:
    tickets.assign_ticket(view.desk.owner, OWN, account_id=view.desk.owner.account_id)
    with pytest.raises(NotFound):
        get_ticket(view.ben, OWN)
    tickets.assign_ticket(view.desk.owner, HIDDEN, account_id=view.ben.account_id)
    assert get_ticket(view.ben, HIDDEN).number == HIDDEN


def test_a_view_of_nothing_shows_what_is_assigned_and_nothing_else(desk: Desk) -> None:
    found = view_of(desk, Sees.TEAMS)
    nobody = member(desk.mine, "eve@example.test", sees=Sees.TEAMS)
    assert numbers(nobody, "open") == []
    tickets.assign_ticket(desk.owner, LOOSE, account_id=nobody.account_id)
    assert numbers(nobody, "open") == [LOOSE]
    assert numbers(found.ben, "open") == [OWN, SHOWN]


def test_a_limited_person_hands_over_only_to_those_who_see_it_and_is_offered_no_others(view: View) -> None:
    eve = member(view.desk.mine, "eve@example.test", sees=view.ben.sees)
    seen = {"teams" if view.ben.sees is Sees.TEAMS else "mailboxes": view.ben.seen_ids}
    cleo = member(view.desk.mine, "cleo@example.test", sees=view.ben.sees, **seen)  # type: ignore[arg-type]
    offered = {choice.id for choice in list_accounts(view.ben)}
    assert offered == {view.desk.owner.account_id, view.ben.account_id, cleo.account_id}
    with pytest.raises(NotFound):
        tickets.assign_ticket(view.ben, SHOWN, account_id=eve.account_id)
    tickets.assign_ticket(view.ben, SHOWN, account_id=cleo.account_id)
    assert {choice.id for choice in list_accounts(view.desk.owner)} == offered | {eve.account_id}


def test_teams_are_offered_and_taken_within_the_view(view: View) -> None:
    (orders,) = (choice.id for choice in list_teams(view.desk.owner) if choice.name == "Orders")
    offered = {choice.name for choice in list_teams(view.ben)}
    if view.ben.sees is Sees.MAILBOXES:
        assert offered == {"Billing", "Orders"}
        tickets.assign_team(view.ben, SHOWN, team_id=orders)
        return
    assert offered == {"Billing"}
    with pytest.raises(NotFound):
        tickets.assign_team(view.ben, SHOWN, team_id=orders)
    tickets.assign_team(view.ben, OWN, team_id=view.team)
    tickets.assign_team(view.ben, SHOWN, team_id=0)
    with pytest.raises(NotFound):
        get_ticket(view.ben, SHOWN)


def test_mailboxes_are_listed_within_the_view(view: View) -> None:
    listed = {row.address for row in list_mailboxes(view.ben)}
    assert ("help@example.test" in listed) is (view.ben.sees is Sees.TEAMS)


# A whole view costs what it did before: the same statements, by the same indexes.


def test_a_whole_view_adds_no_statement_and_no_criterion(sqlite_desk: Desk) -> None:
    view_of(sqlite_desk, Sees.TEAMS)
    with recorded() as found:
        search_tickets(sqlite_desk.owner, CANARY)
    assert len(found) == 3
    for queue in Queue:
        text = str(queue_statement(sqlite_desk.owner, queue, cursor="", limit=50, status=""))
        assert "team_id" not in text
        assert " OR " not in text


@pytest.mark.parametrize("sees", [Sees.TEAMS, Sees.MAILBOXES])
def test_a_limited_view_reads_indexes_too(sqlite_desk: Desk, sees: Sees) -> None:
    ben = view_of(sqlite_desk, sees).ben
    for plan in plans(lambda: [list_queue(ben, queue) for queue in Queue]):
        assert "SCAN ticket" not in plan, plan
