"""The words that are compiled into pages, run by Node: language, plural, gaps and moments.

The expressions are the ones that the pages hold; the state's language stands in
as a plain variable, and casso.js is loaded as it is.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from reflex.vars.base import Var

from casso.queries.rows import QueueRow
from casso.ui.me import Me
from casso.ui.t import t, t_of, t_problem
from casso.words.pseudo import lengthen

ROOT = Path(__file__).resolve().parents[2]
NODE = Path(sys.executable).with_name("node")
_BROWSER = """
const html = {dataset: {}, lang: "en"};
globalThis.document = {documentElement: html, readyState: "loading", addEventListener() {}};
globalThis.addEventListener = () => {};
globalThis.setInterval = () => {};
require(process.argv[1] + "/assets/words-de.js");
require(process.argv[1] + "/assets/casso.js");
"""


def run(code: str, *, with_script: bool = True) -> str:
    """What the expression is, as text."""
    program = (_BROWSER if with_script else "") + f"\nprocess.stdout.write(String({code}))"
    done = subprocess.run(
        [NODE, "-e", program, str(ROOT)], capture_output=True, text=True, check=False, env={"TZ": "UTC"}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def spoken(var: Var[str], lang: str, *, with_script: bool = True) -> str:
    return run(str(var).replace(str(Me.lang), json.dumps(lang)), with_script=with_script)


def test_the_prerendered_page_speaks_english_without_any_script() -> None:
    assert spoken(t("queue.found", n=1284), "en", with_script=False) == "1,284 tickets found"
    assert spoken(t("ticket.not_found", number=7), "en", with_script=False) == "There is no ticket #7 here"


@pytest.mark.parametrize(
    ("lang", "n", "said"),
    [
        ("en", 1, "1 ticket found"),
        ("en", 2, "2 tickets found"),
        ("de", 1, "1 Ticket gefunden"),
        ("de", 1284, "1.284 Tickets gefunden"),
        ("fr", 2, "2 tickets found"),
    ],
)
def test_a_counted_word_follows_language_and_number(lang: str, n: int, said: str) -> None:
    assert spoken(t("queue.found", n=n), lang) == said


def test_the_script_and_the_server_lengthen_alike() -> None:
    assert spoken(t("queue.search_hint"), "xx") == lengthen("Search words, people or a number")


def test_what_a_customer_wrote_is_never_run() -> None:
    evil = '"};globalThis.hacked=1;//`${1}\\'
    assert spoken(t("queue.search_none", query=evil), "en") == f"Nothing found for “{evil}”"
    assert spoken(t("queue.search_none", query=evil), "de") == f"Nichts gefunden für „{evil}“"


def test_a_value_of_a_closed_set_has_its_word_and_an_unknown_one_the_spare() -> None:
    assert spoken(t_of("status.", Var.create("open")), "de") == "Offen"
    assert spoken(t_of("status.", Var.create("")), "de") == ""
    assert spoken(t_of("imap.", Var.create("odd"), otherwise="other"), "de") == "Das Abrufen schlug fehl."


def test_a_problem_is_told_in_the_readers_language_with_its_values() -> None:
    values: Var[dict[str, str]] = Var.create({"number": "7"})
    assert (
        spoken(t_problem(Var.create("error.ticket_not_found"), values), "de")
        == "Hier gibt es kein Ticket #7."
    )
    assert spoken(t_problem(Var.create("error.no_such"), values), "en") == "Something went wrong. Try again."


def test_a_key_that_the_catalogue_lacks_stops_the_build() -> None:
    with pytest.raises(KeyError):
        t("no.such_key")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('cassoTime("de", "Asia/Tokyo", "2020-03-01T23:30:00Z")', "2. März 2020"),
        ('cassoTime("en", "Mars/Olympus", "2020-03-01T23:30:00Z")', "Mar 1, 2020"),
        ('cassoTime("en", "UTC", "")', ""),
        ('cassoSize("de", 1500)', "1,5 kB"),
        ('cassoSize("en", 84000)', "84 kB"),
        ('cassoAge("en", "UTC", new Date(Date.now() - 9.5 * 60000).toISOString())', "9m"),
        ('cassoAge("en", "UTC", new Date(Date.now() - 3.2 * 3600000).toISOString())', "3h"),
        ('cassoAge("de", "UTC", new Date(Date.now() + 60000).toISOString())', "jetzt"),
        ('cassoAgo("en", new Date(Date.now() - 38.5 * 60000).toISOString())', "38 min ago"),
        ('cassoClock("en", "Mars/Olympus") === "" || "never fails"', "never fails"),
    ],
)
def test_moments_and_sizes_follow_language_and_zone(call: str, said: str) -> None:
    assert run(f"globalThis.{call}") == said


@pytest.mark.parametrize("name", ["casso.js", "composer.js"])
def test_the_scripts_stay_below_their_size(name: str) -> None:
    lines = (ROOT / "assets" / name).read_text().splitlines()
    assert len(lines) <= 300
    assert not any("eval(" in line or "innerHTML" in line for line in lines)


def test_fifty_rows_are_below_forty_kilobytes() -> None:
    filled = QueueRow(
        number=99999, subject="S" * 200, preview="P" * 120, customer_name="Customer With A Name",
        category="Billing", status="pending", priority="urgent", age_iso="2026-03-02T09:00:00.000Z",
        assignee_initials="AR",
        assignee_name="Ana Ruiz", attachment_count=12, is_unread=True, last_author="Ana",
        key="1772442000000000-99999",
    )  # fmt: skip
    size = len(
        json.dumps({name: getattr(filled, name) for name in QueueRow.__slots__}, separators=(",", ":"))
    )
    assert 50 * size < 40_000
