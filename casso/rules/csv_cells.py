"""Cells of a CSV file that no spreadsheet takes for a formula (OWASP: CSV Injection)."""

RUNS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """The value as text; what a spreadsheet would run gets a quote in front and is text then."""
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(RUNS) else text
