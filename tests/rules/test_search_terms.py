"""Terms must be the same for storing and asking, and single tokens to both databases."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casso.rules.search_terms import PREFIX_MARK, TERM_LENGTH, TERM_LIMIT, query_terms, terms


def words_of(text: str) -> list[str]:
    return [term.removeprefix("7x") for term in terms(7, text).split()]


def finds(query: str, text: str) -> bool:
    stored = set(terms(7, text).split())
    return all(
        any(term.startswith(wanted[:-1]) for term in stored) if wanted.endswith("*") else wanted in stored
        for wanted in query_terms(7, query)
    )


def test_words_lose_case_and_accents() -> None:
    assert words_of("Éclair naïve STRAẞE Øre") == ["eclair", "naive", "strasse", "øre"]


def test_every_term_begins_with_the_organization() -> None:
    assert terms(12, "Hello 42") == "12xhello 12x42"


def test_a_repeated_word_is_stored_once() -> None:
    assert words_of("help Help HELP me") == ["help", "me"]


def test_punctuation_and_addresses_split_into_words() -> None:
    assert words_of("anna.b@example.com, re: [#12]") == ["anna", "b", "example", "com", "re", "12"]


def test_han_runs_become_overlapping_pairs() -> None:
    assert words_of("東京都") == ["東京", "京都", "都"]


def test_hangul_stays_in_syllables_also_when_decomposed() -> None:
    assert words_of("한국어") == ["한국", "국어", "어"]
    assert words_of("\u1112\u1161\u11ab") == ["한"]


def test_halfwidth_kana_equals_fullwidth_and_keeps_its_voice_mark() -> None:
    assert words_of("ｶﾞｽ") == words_of("ガス") == ["ガス", "ス"]


def test_latin_beside_han_is_a_word_of_its_own() -> None:
    assert words_of("iPhone充電") == ["iphone", "充電", "電"]


def test_hindi_words_stay_whole() -> None:
    assert len(words_of("हिन्दी भाषा")) == 2


def test_text_without_letters_has_no_terms() -> None:
    assert terms(7, " \n--- !!! 🎉") == ""
    assert query_terms(7, "...") == ()


def test_the_last_word_of_a_query_is_a_prefix_until_a_space_follows() -> None:
    assert query_terms(7, "lost pass") == ("7xlost", "7xpass*")
    assert query_terms(7, "lost pass ") == ("7xlost", "7xpass")


def test_one_letter_is_no_prefix_because_it_would_match_half_the_desk() -> None:
    assert query_terms(7, "a") == ("7xa",)


@pytest.mark.parametrize("query", ["京都", "都", "東", "東京都"])
def test_any_part_of_a_han_word_finds_it(query: str) -> None:
    assert finds(query, "私は東京都")


def test_a_han_word_that_is_not_there_is_not_found() -> None:
    assert not finds("京東", "東京")


def test_a_long_text_is_bounded() -> None:
    many = " ".join(f"word{number}" for number in range(20_000))
    assert len(words_of(many)) <= TERM_LIMIT
    assert max(map(len, words_of("x" * 90_000))) == TERM_LENGTH


def test_every_letter_is_a_single_token_to_fts5() -> None:
    letters = [chr(point) for point in range(0x80, 0x32000) if chr(point).isalnum()]
    stored = [term for letter in letters for term in terms(7, f"q{letter}q").split()]
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE VIRTUAL TABLE t USING fts5(x, detail=none, tokenize='unicode61 remove_diacritics 0')"
    )
    base.executemany("INSERT INTO t(x) VALUES (?)", [(term,) for term in stored])
    base.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
    counts = base.execute("SELECT doc, count(*) AS n FROM v GROUP BY doc HAVING n > 1").fetchall()
    base.close()
    assert counts == []


@given(st.text(max_size=200))
def test_whatever_is_written_is_found_by_asking_for_it(text: str) -> None:
    stored = set(terms(7, text).split())
    wanted = [term for term in query_terms(7, text + " ") if not term.endswith(PREFIX_MARK)]
    assert set(wanted) <= stored


@given(st.text(max_size=200))
def test_terms_never_hold_a_quote_an_operator_or_an_empty_piece(text: str) -> None:
    assert all(term.removeprefix("7x").isalnum() for term in terms(7, text).split(" ") if text and term)
