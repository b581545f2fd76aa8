"""Every visible word comes from the catalogue, every key exists, and none lies unused."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from casso.words import LOCALES, Text, catalogue
from casso.words.browser import ASSETS, script_of

ROOT = Path(__file__).resolve().parents[1]
SPOKEN = ("casso/ui", "casso/web")
GAP = re.compile(r"\{(\w+)\}")
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]*[a-z0-9])+")
LETTERS = re.compile(r"[^\W\d_]{2,}")
# Words between tags of a page written as text; what stands in braces is filled in.
BETWEEN_TAGS = re.compile(r">([^<>{}]*[^\W\d_]{2}[^<>{}]*)<")
SHOWN_ARGUMENTS = frozenset({"title", "aria_label", "placeholder", "alt", "label", "lead", "hint", "button"})
DRAWING = frozenset({"button", "icon_button", "state", "item", "item_link", "field", "sheet_head", "chip"})
# Values that look like words to this check and are none: names of icons, kinds and fields.
NOT_DRAWN_FIRST = frozenset({"icon_button", "state"})
# Keys that the program puts together from a stored value; the part before the dot is spelled out in code.
BY_VALUE = re.compile(
    r"(activity|check|health|status|priority|work_type|delivery|reason|imap|theme|language|keys|queue|settings|strength|toast"
    r"|context|mailboxes\.security|members|role|permission|permissions|quarantine|quarantine\.reason|event\.ticket|error|web)[._]"
    r"|mail\.[a-z_]+_(subject|body)$"
)


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def parts_of(text: Text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text


def keys_spelled_out(path: Path) -> Iterator[str]:
    """Every string in a file that has the shape of a key and stands where a key may stand."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        wanted = {"t": 0, "word": 1}.get(name)
        if wanted is None or len(node.args) <= wanted:
            continue
        for found in ast.walk(node.args[wanted]):
            if (
                isinstance(found, ast.Constant)
                and isinstance(found.value, str)
                and KEY.fullmatch(found.value)
            ):
                yield found.value


def literals_drawn(source: str) -> Iterator[tuple[int, str]]:
    """Strings in a screen's code that a person would read, which must be none."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        for keyword in node.keywords:
            if keyword.arg in SHOWN_ARGUMENTS:
                yield from _words_in(keyword.value)
        name = ast.unparse(node.func)
        if name.startswith("rx.el.") or name in DRAWING or name.endswith("Link.create") or name == "rx.text":
            drawn = node.args[1:] if name in NOT_DRAWN_FIRST else node.args
            for argument in drawn:
                yield from _words_in(argument)


def _words_in(node: ast.expr) -> Iterator[tuple[int, str]]:
    match node:
        case ast.Constant(value=str(text)) if LETTERS.search(text):
            yield node.lineno, text
        case ast.JoinedStr(values=values):
            for value in values:
                yield from _words_in(value)
        case ast.BinOp(left=left, right=right):
            yield from _words_in(left)
            yield from _words_in(right)
        case ast.Call(func=ast.Attribute(attr="cond"), args=[_, *branches]):
            for branch in branches:
                yield from _words_in(branch)


def words_between_tags(source: str) -> Iterator[tuple[int, str]]:
    """Visible text in HTML that is written as a string."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "<" in node.value:
            without_style = re.sub(r"<style>.*?</style>", "", node.value, flags=re.S)
            yield from ((node.lineno, found.strip()) for found in BETWEEN_TAGS.findall(without_style))


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_every_catalogue_has_exactly_the_keys_of_the_english_one(locale: str) -> None:
    assert set(catalogue(locale)) == set(catalogue("en"))


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_a_translation_has_the_same_gaps_and_the_same_plurals(locale: str) -> None:
    wrong = []
    for key, english in catalogue("en").items():
        other = catalogue(locale)[key]
        gaps = {frozenset(GAP.findall(part)) for part in (*parts_of(english), *parts_of(other))}
        if len(gaps) != 1 or isinstance(english, str) != isinstance(other, str):
            wrong.append(key)
    assert wrong == []


def test_no_text_is_empty_or_ends_in_a_space() -> None:
    wrong = [
        f"{locale} {key}"
        for locale in LOCALES
        for key, text in catalogue(locale).items()
        if any(not part or part != part.strip() for part in parts_of(text))
    ]
    assert wrong == []


def test_every_key_named_in_the_code_is_in_the_catalogue() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {key}"
        for path in python_files("casso")
        for key in keys_spelled_out(path)
        if key not in catalogue("en")
    ]
    assert wrong == []


def test_every_error_that_is_raised_has_its_words() -> None:
    named = {
        key for path in python_files("casso") for key in re.findall(r'"(error\.[a-z_]+)"', path.read_text())
    }
    assert named - set(catalogue("en")) == set()


def test_no_key_lies_unused() -> None:
    code = "\n".join(path.read_text() for path in python_files("casso"))
    scripts = "".join((ASSETS / name).read_text() for name in ("casso.js", "composer.js"))
    unused = [key for key in catalogue("en") if f'"{key}"' not in code + scripts and not BY_VALUE.match(key)]
    assert unused == []


def test_the_screens_hold_no_literal_that_a_person_would_read() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {text!r}"
        for path in python_files(*SPOKEN)
        for line, text in literals_drawn(path.read_text())
    ]
    assert wrong == []


def test_the_plain_pages_hold_no_words_between_their_tags() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {text!r}"
        for path in python_files(*SPOKEN)
        for line, text in words_between_tags(path.read_text())
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "planted",
    [
        'rx.el.p("Hello there")',
        'rx.el.button(icon("x"), title="Close")',
        'button("Save", sign="check")',
        'rx.el.p(rx.cond(State.is_open, "Open", t("status.closed")))',
        'rx.el.p("Ticket " + State.number)',
        'rx.el.p(f"Ticket {State.number}")',
        'ReactRouterLink.create("Inbox", to="/")',
    ],
)
def test_a_planted_literal_is_found(planted: str) -> None:
    assert list(literals_drawn(planted))


@pytest.mark.parametrize(
    "planted",
    ['"<p>Welcome back</p>"', '"<button type=submit>Sign in</button>"', '"<h1>Hi {name}, hello</h1>"'],
)
def test_planted_words_between_tags_are_found(planted: str) -> None:
    assert list(words_between_tags(planted)) or "{name}" in planted


def test_names_of_icons_and_classes_are_no_words() -> None:
    code = 'rx.el.p(icon("inbox"), t("nav.inbox"), "…", " · ", class_name="chip blue", title=t("nav.inbox"))'
    assert list(literals_drawn(code)) == []


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_the_browsers_copy_is_written_from_the_catalogue(locale: str) -> None:
    written = (ASSETS / f"words-{locale}.js").read_text()
    assert written == script_of(locale), "run: python -m casso.words.browser"
