"""Everything sealed in the database, whichever key sealed it: refuse a wrong key, retire an old one.

Sealed columns are found by their name (`sealed`, `…_sealed`), so a new one is turned with the others.
`instance.key_sealed` holds nothing but a known word: it tells a wrong key from one damaged row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Tuple, select, tuple_, update
from sqlmodel import SQLModel, col

from casso.access import across_organizations
from casso.config import SettingError, settings
from casso.db import reading, transaction
from casso.errors import GatewayError
from casso.gateways.secrets import decrypt, encrypt, is_newest, reseal
from casso.models import Instance

AT_ONCE = 500
WITNESS = "casso"


@dataclass(frozen=True, slots=True)
class Survey:
    """How many values are sealed, how many still with an older key, and where (table.column) no key fits."""

    sealed: int = 0
    older: int = 0
    lost: tuple[str, ...] = ()


def require_key() -> None:
    """Raise SettingError when CASSO_SECRET_KEY is not this database's key; keep its mark if there is none.

    A desk from before the mark is believed when at least one of its values opens, or none is sealed.
    """
    with reading() as session:
        found = session.get(Instance, 1)
    if found is None:
        return
    if not found.key_sealed:
        seen = survey()
        if seen.lost and len(seen.lost) == seen.sealed:
            raise _wrong_key()
        _keep_mark()
        return
    try:
        decrypt(found.key_sealed)
    except GatewayError:
        raise _wrong_key() from None


def new_mark() -> str:
    """What `instance.key_sealed` begins with."""
    return encrypt(WITNESS)


def turn_keys() -> int:
    """Seal everything anew that an older listed key sealed; returns how many values were turned.

    A value that another process changed meanwhile is left to it: it used the newest key. What no
    key opens stays as it is, and the doctor names it.
    """
    if len(settings().secret_keys) < 2:
        return 0
    return sum(_turn(column) for column in sealed_columns())


def survey() -> Survey:
    """Look at every sealed value; changes nothing."""
    count, older, lost = 0, 0, []
    for column in sealed_columns():
        for batch in _batches(column):
            for *_, value in batch:
                count += 1
                try:
                    older += not is_newest(value)
                except GatewayError:
                    lost.append(f"{column.table.name}.{column.name}")
    return Survey(count, older, tuple(lost))


def sealed_columns() -> list[Column[str]]:
    """Every sealed column of every table."""
    columns = (found for table in SQLModel.metadata.sorted_tables for found in table.columns)
    return [found for found in columns if found.name == "sealed" or found.name.endswith("_sealed")]


def _turn(column: Column[str]) -> int:
    turned = 0
    for batch in _batches(column):
        with transaction() as session, across_organizations(session, "sealed under the newest key"):
            for *key, value in batch:
                anew = _turned(value)
                if anew:
                    mine = _key(column) == tuple_(*key)
                    session.execute(
                        update(column.table).where(mine, column == value).values({column.name: anew})
                    )
                    turned += 1
    return turned


def _turned(value: str) -> str:
    """The value under the newest key; empty when it is already, or when no key opens it."""
    try:
        return "" if is_newest(value) else reseal(value)
    except GatewayError:
        return ""


def _batches(column: Column[str]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of primary key and sealed value, in order, without the empty ones."""
    keys = list(column.table.primary_key)
    last: tuple[Any, ...] = ()
    while True:
        query = select(*keys, column).where(column != "").order_by(*keys).limit(AT_ONCE)
        if last:
            query = query.where(_key(column) > tuple_(*last))
        with reading() as session, across_organizations(session, "sealed values of the whole desk"):
            found = [tuple(row) for row in session.execute(query).all()]
        if not found:
            return
        yield found
        last = found[-1][:-1]


def _key(column: Column[str]) -> Tuple:
    return tuple_(*column.table.primary_key)


def _keep_mark() -> None:
    with transaction() as session:
        session.execute(update(Instance).where(col(Instance.id) == 1).values(key_sealed=new_mark()))


def _wrong_key() -> SettingError:
    place = f"CASSO_SECRET_KEY (or else {settings().data_dir / 'secret.key'})"
    return SettingError(
        f"{place} is not the key that this database was sealed with: put the old key back. "
        "To change it, list the new key first and the old one behind it: CASSO_SECRET_KEY=new,old"
    )
