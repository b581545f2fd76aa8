"""A spreadsheet shows what was stored and runs nothing of it."""

import pytest

from casso.rules.csv_cells import safe_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_leads_like_a_formula_becomes_text(start: str) -> None:
    assert safe_cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize("value", ["", "Olga", "a=b", "1-2", 12, "ben@example.test"])
def test_an_ordinary_cell_stays_as_it_is(value: object) -> None:
    assert safe_cell(value) == str(value)


def test_no_nul_reaches_the_file() -> None:
    assert safe_cell("\x00=1") == "'=1"
