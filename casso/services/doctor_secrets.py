"""The doctor's look at keys: do they open everything sealed, may an old one go, who else reads them.

A `.env` that others can read is told, not refused: on many machines nobody else has an account.
`secret.key` itself is refused at start (casso/setting_checks.py).
"""

import os
from pathlib import Path

from sqlalchemy import select

from casso.access import across_organizations
from casso.config import ROOT, settings
from casso.db import reading
from casso.gateways.secrets import is_signed_by_newest
from casso.models import TrailCheck, TrailCheckpoint
from casso.rules.trail_seals import statement_of
from casso.services.doctor_findings import Finding, fine, wrong
from casso.services.sealing import survey
from casso.services.trail_checking import CHECKPOINT, WITNESS

OTHERS = 0o007  # a group may share a file: root:casso is usual
SECRET_WORDS = ("SECRET", "PASSWORD", "API_KEY", "SIGNING_KEY", "ACCESS_KEY")


def check_sealed() -> list[Finding]:
    """Whether the keys open everything, and whether the older ones are still needed."""
    keys, seen = len(settings().secret_keys), survey()
    values = {"sealed": seen.sealed, "older": seen.older, "lost": len(seen.lost), "keys": keys}
    if seen.lost:
        where = ", ".join(sorted(set(seen.lost)))
        advice = "add the key that sealed them to CASSO_SECRET_KEY behind the first, or enter them again"
        return [wrong("secrets", f"{len(seen.lost)} values fit no key ({where}): {advice}", **values)]
    if seen.older:
        advice = "start the desk anew, or run `casso prepare`, before you take the older key out"
        return [wrong("secrets", f"{seen.older} values lie under an older key: {advice}", **values)]
    said = f"{seen.sealed} sealed values open with the newest key"
    if keys == 1:
        return [fine("secrets", said, **values)]
    waiting = _signed_by_older()
    advice = (
        f"{waiting} signatures of the trail still need an older one until tonight's check"
        if waiting
        else "the older ones can be taken out of CASSO_SECRET_KEY"
    )
    return [fine("secrets", f"{said}; {advice}", signatures=waiting, **values)]


def check_files() -> list[Finding]:
    """Files with secrets in them that others can read, and keys that lie beside the data they open."""
    open_ones = [str(path) for path in _files_with_secrets() if path.stat().st_mode & OTHERS]
    if open_ones:
        names = " ".join(open_ones)
        return [wrong("secret files", f"others can read secrets: chmod 600 {names}", files=len(open_ones))]
    inside = [str(path) for path in _backed_up_keys()]
    if inside:
        advice = "a stolen backup would open itself; keep the key elsewhere"
        return [wrong("secret files", f"the key lies inside a backup ({inside[0]}): {advice}")]
    return [fine("secret files", "no other account of this machine reads the keys")]


def _files_with_secrets() -> list[Path]:
    named = os.environ.get("CASSO_ENV_FILE", "")
    setting_file = Path(named) if named else ROOT / ".env"
    found = [setting_file] if setting_file.is_file() and _holds_secret(setting_file) else []
    return found + ([Path(settings().tls_key)] if settings().tls_key else [])


def _holds_secret(path: Path) -> bool:
    """Whether a settings file has a password or key in it, not only names and addresses."""
    lines = (line.strip() for line in path.read_text(errors="replace").splitlines())
    pairs = (line.partition("=") for line in lines if not line.startswith("#"))
    return any(
        value and (any(word in name for word in SECRET_WORDS) or ("://" in value and "@" in value))
        for name, _, value in pairs
    )


def _backed_up_keys() -> list[Path]:
    folder = settings().data_dir / "backups"
    return sorted(folder.rglob("secret.key")) if folder.is_dir() else []


def _signed_by_older() -> int:
    """Checkpoints and daily checks of the trail that the newest key did not sign."""
    with reading() as session, across_organizations(session, "doctor: signatures of the trail"):
        checkpoints = session.execute(select(TrailCheckpoint)).scalars().all()
        checks = session.execute(select(TrailCheck)).scalars().all()
    signed = [(CHECKPOINT, one, one.created_at) for one in checkpoints]
    signed += [(WITNESS, one, one.held_at) for one in checks if one.number]
    return sum(
        not is_signed_by_newest(
            kind, statement_of(one.organization_id, one.number, one.seal, at), one.signature
        )
        for kind, one, at in signed
    )
