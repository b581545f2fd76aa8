"""The mail cases that nobody of Casso wrote, scored by their own scorer."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

from casso.config import read_settings
from tests.corpus.engine import parse

ROOT = Path(__file__).parents[2]
LEAST = 485


@pytest.fixture
def cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder of the cases; loudly skipped where it is absent, an error where CI runs."""
    settings = read_settings({**os.environ, "CASSO_DATA_DIR": str(tmp_path)})
    folder = (ROOT / settings.corpus / "mail").resolve()
    if (folder / "cases.jsonl").is_file():
        return folder
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail("the mail cases are missing: set CASSO_CORPUS to the folder that holds mail/cases.jsonl")
    with capsys.disabled():
        print(
            "\nNOT CHECKED: no mail cases found, set CASSO_CORPUS to the folder that holds mail/cases.jsonl"
        )
    pytest.skip("no mail cases found")


def load_scorer(cases: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("mail_scorer", cases / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_engine_reads_the_mail_cases(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scorer = load_scorer(cases)
    results = scorer.run(str(cases), parse)
    passed = sum(result["ok"] for result in results)
    kinds = " ".join(f"{kind} {ok}/{count}" for kind, (ok, count) in scorer.tally(results, "kind").items())
    with capsys.disabled():
        print(f"\nmail cases: {passed} of {len(results)} ({kinds})")
    crashes = [result["id"] for result in results if str(result["reason"]).startswith(("crash", "slow"))]
    assert crashes == []
    assert passed >= LEAST, [result["id"] for result in results if not result["ok"]]
