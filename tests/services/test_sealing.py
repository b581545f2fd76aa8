"""Secrets at rest outlive a rotation; another desk's key is refused before anything is sealed with it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from casso import config, db
from casso.access import across_organizations
from casso.clock import now
from casso.commands import prepare
from casso.config import SettingError
from casso.errors import GatewayError
from casso.gateways import secrets
from casso.models import Authenticator, ImapAccount, Instance, Notice
from casso.services import mailboxes, sealing, trail_checking
from casso.services.doctor_findings import Finding
from casso.services.doctor_secrets import check_files, check_sealed
from casso.services.mailboxes import ImapForm
from tests.desks import SECRET_KEY, Desk

NEW, NEWER = "n" * 40, "e" * 40
Keys = Callable[..., None]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Sets CASSO_SECRET_KEY, newest first, as a restart with other settings would."""

    def use(*wanted: str) -> None:
        monkeypatch.setenv("CASSO_SECRET_KEY", ",".join(wanted))
        config.settings.cache_clear()

    return use


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Something in every sealed column, in two organizations; a notice that left is empty."""
    for tenant in (desk.mine, desk.other):
        form = ImapForm("mail.example.test", "anna", f"password of {tenant.organization_id}")
        mailboxes.save_imap(tenant.owner, tenant.mailbox_id, form)
    with db.transaction() as session:
        account = desk.owner.account_id or 0
        session.add(
            Authenticator(account_id=account, secret_sealed=secrets.encrypt("totp"), created_at=now())
        )
        for number, sealed in enumerate((secrets.encrypt("{}"), "")):
            session.add(
                Notice(
                    account_id=account,
                    recipient="a@b.test",
                    kind="reset",
                    locale="en",
                    sealed=sealed,
                    mail_key=f"key{number}",
                    due_at=now(),
                    give_up_at=now(),
                    created_at=now(),
                )
            )
    return desk


def stored() -> dict[str, list[str]]:
    """Every sealed value that is not empty, by column."""
    found = {}
    with db.reading() as session, across_organizations(session, "tests"):
        for column in sealing.sealed_columns():
            rows = session.execute(select(column).where(column != "")).scalars()
            found[f"{column.table.name}.{column.name}"] = list(rows)
    return found


def opened() -> dict[str, list[str]]:
    return {name: sorted(map(secrets.decrypt, values)) for name, values in stored().items()}


def said() -> Finding:
    return check_sealed()[0]


def test_every_sealed_column_is_found(filled: Desk) -> None:
    assert opened() == {
        "authenticator.secret_sealed": ["totp"],
        "imap_account.password_sealed": ["password of 1", "password of 2"],
        "instance.key_sealed": ["casso"],
        "notice.sealed": ["{}"],
    }


def test_a_rotation_turns_everything_and_the_old_key_can_go(filled: Desk, keys: Keys) -> None:
    before = opened()
    keys(NEW, SECRET_KEY)
    assert (said().is_fine, said().values["older"]) == (False, 5)
    assert "casso prepare" in said().text
    assert sealing.turn_keys() == 5
    assert sealing.turn_keys() == 0
    keys(NEW)
    assert opened() == before
    sealing.require_key()
    keys(SECRET_KEY)
    for value in (value for values in stored().values() for value in values):
        with pytest.raises(GatewayError):
            secrets.decrypt(value)


def test_the_rotation_goes_page_by_page(filled: Desk, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 1)
    keys(NEW, SECRET_KEY)
    assert sealing.turn_keys() == 5
    assert sealing.survey() == sealing.Survey(5, 0, ())


def test_two_rotations_may_run_into_one_another(filled: Desk, keys: Keys) -> None:
    keys(NEW, SECRET_KEY)
    assert sealing.turn_keys() == 5
    keys(NEWER, NEW, SECRET_KEY)
    assert sealing.turn_keys() == 5
    keys(NEWER)
    assert sealing.survey() == sealing.Survey(5, 0, ())


def test_a_value_changed_meanwhile_is_left_alone(
    filled: Desk, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys(NEW, SECRET_KEY)
    seen = {column.name: list(sealing._batches(column)) for column in sealing.sealed_columns()}
    monkeypatch.setattr(sealing, "_batches", lambda column: iter(seen[column.name]))
    _put(filled, secrets.encrypt("typed meanwhile"))
    sealing.turn_keys()
    assert opened_password(filled) == "typed meanwhile"


def opened_password(desk: Desk) -> str:
    with db.reading(desk.mine.organization_id) as session:
        mine = col(ImapAccount.organization_id) == desk.mine.organization_id
        return secrets.decrypt(
            session.execute(select(col(ImapAccount.password_sealed)).where(mine)).scalar_one()
        )


def _put(desk: Desk, sealed: str) -> None:
    with db.transaction(desk.mine.organization_id) as session:
        mine = col(ImapAccount.organization_id) == desk.mine.organization_id
        session.execute(update(ImapAccount).where(mine).values(password_sealed=sealed))


@pytest.mark.parametrize("prepared", [True, False])
def test_another_key_is_refused_in_one_line(filled: Desk, keys: Keys, prepared: bool) -> None:
    if not prepared:  # a desk from before the mark
        with db.transaction() as session:
            session.execute(update(Instance).values(key_sealed=""))
    before = stored()
    keys(NEW)
    with pytest.raises(SettingError, match="CASSO_SECRET_KEY") as caught:
        sealing.require_key()
    assert "\n" not in str(caught.value)
    assert NEW not in str(caught.value)
    assert stored() == before
    keys(NEW, SECRET_KEY)
    sealing.require_key()


def test_an_old_key_taken_out_too_soon_is_refused_too(filled: Desk, keys: Keys) -> None:
    keys(NEW, SECRET_KEY)
    sealing.require_key()
    keys(NEW)
    with pytest.raises(SettingError):
        sealing.require_key()


def test_a_desk_from_before_the_mark_gets_it(filled: Desk) -> None:
    with db.transaction() as session:
        session.execute(update(Instance).values(key_sealed=""))
    sealing.require_key()
    assert opened()["instance.key_sealed"] == ["casso"]


def test_one_damaged_value_stops_nobody_and_is_named(filled: Desk) -> None:
    _put(filled, "damaged")
    sealing.require_key()
    assert not said().is_fine
    assert "imap_account.password_sealed" in said().text
    assert said().values["lost"] == 1


def test_a_desk_without_an_owner_takes_any_key(data_dir: Path, keys: Keys) -> None:
    assert prepare.run(None) == 0  # type: ignore[arg-type]
    keys(NEW)
    sealing.require_key()


def test_a_lost_key_file_is_not_made_anew_unnoticed(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CASSO_SECRET_KEY")
    config.settings.cache_clear()
    with pytest.raises(SettingError, match=r"secret\.key"):
        prepare.run(None)  # type: ignore[arg-type]


def test_prepare_turns_the_keys_and_says_how_many(
    sqlite_desk: Desk, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    keys(NEW, SECRET_KEY)
    assert prepare.run(None) == 0  # type: ignore[arg-type]
    assert "1 stored secrets were sealed anew" in capsys.readouterr().out
    assert prepare.run(None) == 0  # type: ignore[arg-type]
    assert capsys.readouterr().out == ""


def test_the_doctor_says_when_the_old_key_may_go(filled: Desk, keys: Keys) -> None:
    assert said().is_fine
    trail_checking.note_checks()
    keys(NEW, SECRET_KEY)
    sealing.turn_keys()
    assert "2 signatures of the trail still need an older one" in said().text
    trail_checking.note_checks()
    assert "can be taken out" in said().text
    keys(NEW)
    assert trail_checking.note_checks() == 0


@pytest.mark.parametrize(
    ("line", "mode", "is_fine"),
    [
        (f"CASSO_SECRET_KEY={NEW}", 0o644, False),
        (f"CASSO_SECRET_KEY={NEW}", 0o640, True),
        ("CASSO_MAIL_OUT=smtp://anna:word@mail.example.com", 0o604, False),
        ("CASSO_MAIL_FROM=casso@example.com", 0o644, True),
        ("#CASSO_SECRET_KEY=", 0o644, True),
    ],
)
def test_secrets_in_a_settings_file_that_others_read_are_told(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, line: str, mode: int, is_fine: bool
) -> None:
    path = sqlite_desk.folder / "desk.env"
    path.write_text(line + "\n")
    path.chmod(mode)
    monkeypatch.setenv("CASSO_ENV_FILE", str(path))
    found = check_files()[0]
    assert found.is_fine is is_fine
    assert is_fine or f"chmod 600 {path}" in found.text
    assert NEW not in found.text


def test_a_key_inside_a_backup_is_told(sqlite_desk: Desk) -> None:
    assert check_files()[0].is_fine
    folder = sqlite_desk.folder / "backups" / "monday"
    folder.mkdir(parents=True)
    (folder / "secret.key").write_text(NEW)
    assert "inside a backup" in check_files()[0].text
