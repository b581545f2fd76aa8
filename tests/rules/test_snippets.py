"""A snippet shows the found words where they stand, between marks that cannot come from the text."""

from hypothesis import given
from hypothesis import strategies as st

from casso.rules.search_terms import query_terms
from casso.rules.snippets import LEAD, LENGTH, MARK_END, MARK_START, marked, snippet


def shown(query: str, text: str) -> str:
    return snippet(text, query_terms(7, query)).replace(MARK_START, "[").replace(MARK_END, "]")


def test_every_found_word_is_marked() -> None:
    assert (
        shown("invoice lost ", "The invoice is lost, the Invoice!")
        == "The [invoice] is [lost], the [Invoice]!"
    )


def test_part_of_a_longer_word_is_not_marked() -> None:
    assert shown("art ", "The art of starting") == "The [art] of starting"


def test_a_word_still_being_typed_marks_the_whole_word() -> None:
    assert shown("invo", "Both invoices came") == "Both [invoices] came"


def test_accents_do_not_hide_a_word() -> None:
    assert shown("cafe ", "Im CAFÉ an der Straße") == "Im [CAFÉ] an der Straße"
    assert shown("strasse ", "Im Café an der Straße") == "Im Café an der [Straße]"


def test_decomposed_accents_are_marked_too() -> None:
    assert shown("cafe ", "ein cafe\u0301 hier") == "ein [café] hier"


def test_two_characters_inside_a_run_are_marked() -> None:
    assert shown("京都", "私は東京都に住む") == "私は東[京都]に住む"


def test_overlapping_pairs_become_one_mark() -> None:
    assert shown("東京都", "私は東京都に住む") == "私は[東京都]に住む"


def test_a_latin_word_beside_characters_without_spaces_is_marked() -> None:
    assert "[iPhone]" in shown("iphone ", "新しいiPhone充電器")


def test_the_first_hit_far_away_is_moved_into_view() -> None:
    found = shown("needle ", "hay " * 300 + "needle in here " + "hay " * 300)
    assert "[needle]" in found
    assert found.startswith("…")
    assert found.endswith("…")
    assert found.index("[needle]") <= LEAD + 1


def test_without_a_hit_the_beginning_is_shown() -> None:
    assert shown("elsewhere ", "Only  this\ntext") == "Only this text"


def test_marks_in_the_text_itself_are_taken_out() -> None:
    assert shown("word ", f"a {MARK_START}b{MARK_END} word") == "a b [word]"


def test_a_subject_is_marked_and_stays_whole() -> None:
    subject = "Re: " + "a long way to the " * 9 + "Invoice"
    found = marked(subject, query_terms(7, "invoice"))
    assert found == subject.replace("Invoice", f"{MARK_START}Invoice{MARK_END}")


def test_marks_that_somebody_wrote_into_a_subject_are_taken_out() -> None:
    assert marked(f"{MARK_START}Mia{MARK_END}", query_terms(7, "kim")) == "Mia"


def test_no_words_no_marks() -> None:
    assert snippet("some text", ()) == "some text"


@given(st.text(max_size=300), st.text(max_size=30))
def test_any_text_and_query_give_a_bounded_snippet_with_paired_marks(text: str, query: str) -> None:
    found = snippet(text, query_terms(7, query))
    depth = 0
    for letter in found:
        depth += (letter == MARK_START) - (letter == MARK_END)
        assert 0 <= depth <= 1
    assert depth == 0
    assert len(found.translate({ord(MARK_START): None, ord(MARK_END): None})) <= LENGTH + 2
