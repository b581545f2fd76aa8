"""The doctor's look at the trail: every chain walked from its beginning, and the database's own guards."""

from sqlalchemy import text

from casso import db
from casso.services.doctor_findings import Finding, fine, wrong
from casso.services.trail_checking import Verdict, check_all

SAID = {
    "added": "was put back below the checkpoint",
    "changed": "was changed",
    "checkpoint": "is a checkpoint that this desk's keys did not sign",
    "detail": "says something else than it did",
    "head": "is not what the head of the chain says",
    "missing": "is missing",
    "rewritten": "was made anew after a daily check",
    "witness": "stands in a daily check that this desk's keys did not sign",
}
ADVICE = (
    "somebody changed the database by hand, or an old key left CASSO_SECRET_KEY too soon; "
    "keep a copy and compare it with a backup"
)
_GUARDS = {
    "sqlite": (3, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'trail_entry'"),
    "postgresql": (
        2,
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'trail_entry'::regclass "
        "AND NOT tgisinternal AND tgenabled IN ('O', 'A')",
    ),
}


def check_trail() -> list[Finding]:
    """Whether every chain holds; the first entry that does not is named."""
    verdicts = check_all()
    entries = sum(verdict.number for verdict in verdicts)
    broken = [verdict for verdict in verdicts if verdict.problem]
    values = {"chains": len(verdicts), "entries": entries, "broken": len(broken)}
    if broken:
        said = "; ".join(_sentence(verdict) for verdict in broken[:3])
        return [wrong("trail", f"{said}: {ADVICE}", **values)]
    if not _are_guards_there():
        advice = "somebody took them out of the database; run `casso migrate` on a restored backup"
        return [wrong("trail", f"the triggers that keep it append-only are gone: {advice}", **values)]
    return [fine("trail", f"{len(verdicts)} chains hold, up to {entries} entries", **values)]


def _sentence(verdict: Verdict) -> str:
    what = SAID[verdict.problem]
    return f"organization {verdict.organization_id}: entry {verdict.broken_number} {what}"


def _are_guards_there() -> bool:
    with db.engine().connect() as connection:
        expected, sql = _GUARDS[connection.dialect.name]
        return bool(connection.execute(text(sql)).scalar_one() == expected)
