"""Words by key: gaps, plurals, unknown keys, and which language a browser gets."""

import pytest

from casso.words import PSEUDO, best_locale, catalogue, has_word, is_locale, plural_of, word


def test_gaps_are_filled_and_the_language_is_the_readers() -> None:
    assert word("en", "ticket.not_found", number=7) == "There is no ticket #7 here"
    assert word("de", "ticket.not_found", number=7) == "Hier gibt es kein Ticket #7"


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 ticket found"), (0, "0 tickets found"), (2, "2 tickets found")]
)
def test_a_counted_word_follows_its_number(n: int, said: str) -> None:
    assert word("en", "queue.found", n=n) == said


def test_a_counted_number_is_grouped_as_the_language_does() -> None:
    assert word("en", "queue.found", n=1284) == "1,284 tickets found"
    assert word("de", "queue.found", n=1284) == "1.284 Tickets gefunden"


def test_a_ticket_number_is_never_grouped() -> None:
    assert word("en", "ticket.number", number=12345) == "#12345"


def test_an_unknown_language_is_answered_in_english() -> None:
    assert word("tlh", "nav.inbox") == "Inbox"


def test_an_unknown_key_comes_back_so_that_it_is_seen() -> None:
    assert word("en", "no.such_key") == "no.such_key"
    assert not has_word("no.such_key")


def test_a_value_that_looks_like_a_gap_is_left_alone() -> None:
    assert word("en", "ticket.not_found", number="{number}") == "There is no ticket #{number} here"


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR,de;q=0.5,en;q=0.8", "en"),
        ("fr,es", "en"),
        ("", "en"),
        ("de;q=oops,en", "en"),
        ("," * 5000 + "de", "en"),
    ],
)
def test_a_browsers_wishes_choose_among_what_is_shipped(header: str, chosen: str) -> None:
    assert best_locale(header) == chosen


def test_the_pseudo_language_is_longer_and_keeps_its_gaps() -> None:
    for key, text in catalogue("en").items():
        other = catalogue(PSEUDO)[key]
        for english, longer in zip(_parts(text), _parts(other), strict=True):
            assert len(longer) >= len(english) * 1.35, key
    assert "{number}" in word(PSEUDO, "ticket.not_found")
    assert word(PSEUDO, "ticket.not_found", number=7).count("7") == 1


def test_the_pseudo_language_may_be_chosen_and_others_may_not() -> None:
    assert is_locale("de")
    assert is_locale(PSEUDO)
    assert not is_locale("../de")
    assert catalogue("../de") == {}


@pytest.mark.parametrize(("locale", "n", "index"), [("en", 1, 0), ("en", 0, 1), ("de", 1, 0), ("de", 5, 1)])
def test_plurals_follow_the_language(locale: str, n: int, index: int) -> None:
    assert plural_of(locale, n) == index


def _parts(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text
