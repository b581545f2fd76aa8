"""Rows keep their part of the list, so that one changed ticket does not resend fifty."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from casso.queries.rows import QueueRow
from casso.ui.inbox.chunks import CHUNKS, LONGEST, place


def row(number: int, subject: str = "") -> QueueRow:
    return QueueRow(
        number=number, subject=subject, preview="", customer_name="", category="", status="open",
        priority="normal", age_iso="", assignee_initials="", assignee_name="", attachment_count=0,
        is_unread=False, last_author="", key=str(number),
    )  # fmt: skip


def flat(chunks: list[list[QueueRow]]) -> list[int]:
    return [one.number for chunk in chunks for one in chunk]


def test_fifty_rows_are_dealt_into_ten_parts_of_five() -> None:
    assert [len(chunk) for chunk in place([row(number) for number in range(50)], [])] == [5] * CHUNKS


def test_a_new_ticket_on_top_changes_the_first_and_the_last_part_only() -> None:
    rows = [row(number) for number in range(50)]
    before = place(rows, [])
    after = place([row(99), *rows[:49]], before)
    assert [index for index in range(CHUNKS) if before[index] != after[index]] == [0, 9]


def test_a_ticket_that_rises_to_the_top_leaves_the_others_where_they_were() -> None:
    rows = [row(number) for number in range(50)]
    before = place(rows, [])
    after = place([rows[27], *rows[:27], *rows[28:]], before)
    assert [index for index in range(CHUNKS) if before[index] != after[index]] == [0, 5]


def test_a_changed_ticket_changes_only_its_part() -> None:
    rows = [row(number) for number in range(50)]
    before = place(rows, [])
    after = place([*rows[:12], replace(rows[12], subject="new"), *rows[13:]], before)
    assert [index for index in range(CHUNKS) if before[index] != after[index]] == [2]


def test_parts_that_grew_too_long_are_dealt_out_anew() -> None:
    rows = [row(number) for number in range(50)]
    chunks = place(rows, [])
    for number in range(100, 120):
        rows = [row(number), *rows[:49]]
        chunks = place(rows, chunks)
    assert max(len(chunk) for chunk in chunks) <= LONGEST
    assert flat(chunks) == [one.number for one in rows]


@given(
    st.lists(st.integers(0, 60), unique=True, max_size=50),
    st.lists(st.integers(0, 60), unique=True, max_size=50),
)
def test_the_order_is_always_the_one_of_the_query(first: list[int], second: list[int]) -> None:
    before = place([row(number) for number in first], [])
    assert flat(place([row(number) for number in second], before)) == second
