"""Every column says whose data it is, how long it stays and what erasure does to it.

Export, erasure, retention and the record of processing are made from this one
declaration; `unclassified_columns()` is what the build fails on.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Whose(StrEnum):
    """Whose personal data a column holds."""

    NOBODY = "nobody"
    ORGANIZATION = "organization"
    ACCOUNT = "account"
    CUSTOMER = "customer"


class Keep(StrEnum):
    """The retention rule that ends a column's life."""

    WITH_ROW = "with the row"
    ACCOUNT = "until the account is deleted"
    TICKET = "until the ticket is deleted"
    RAW_MAIL = "raw mail rule"
    TRAIL = "activity log rule"
    SHORT = "days"


class Erase(StrEnum):
    """What erasing the person does."""

    KEEP = "keep"
    DELETE = "delete the row"
    BLANK = "blank"
    PSEUDONYM = "pseudonymise"


@dataclass(frozen=True, slots=True)
class DataClass:
    """One column's declaration."""

    whose: Whose
    keep: Keep = Keep.WITH_ROW
    erase: Erase = Erase.KEEP


PLAIN = DataClass(Whose.NOBODY)
SETTING = DataClass(Whose.ORGANIZATION)
ACCOUNT = DataClass(Whose.ACCOUNT, Keep.ACCOUNT, Erase.BLANK)
ACCOUNT_LINK = DataClass(Whose.ACCOUNT, Keep.WITH_ROW, Erase.PSEUDONYM)
ACCOUNT_ROW = DataClass(Whose.ACCOUNT, Keep.ACCOUNT, Erase.DELETE)
CUSTOMER = DataClass(Whose.CUSTOMER, Keep.TICKET, Erase.BLANK)
CUSTOMER_LINK = DataClass(Whose.CUSTOMER, Keep.TICKET, Erase.PSEUDONYM)
CUSTOMER_CONTENT = DataClass(Whose.CUSTOMER, Keep.TICKET, Erase.DELETE)
RAW_MAIL = DataClass(Whose.CUSTOMER, Keep.RAW_MAIL, Erase.DELETE)
USAGE = DataClass(Whose.ACCOUNT, Keep.SHORT, Erase.DELETE)
TRAIL = DataClass(Whose.ACCOUNT, Keep.TRAIL, Erase.PSEUDONYM)


def column(data: DataClass, *, names_file: bool = False, **options):  # type: ignore[no-untyped-def]
    """A SQLModel field carrying its classification; `options` are SQLModel's own.

    `names_file`: it holds keys of files in storage. What no such column names is swept.
    """
    arguments = dict(options.pop("sa_column_kwargs", {}))
    arguments["info"] = {"data": data, "names_file": names_file}
    return Field(sa_column_kwargs=arguments, **options)


def unclassified_columns() -> list[str]:
    """Names (table.column) of columns without a declaration; must be empty."""
    columns = (found for table in SQLModel.metadata.tables.values() for found in table.columns)
    return [f"{found.table.name}.{found.name}" for found in columns if "data" not in found.info]


def file_columns() -> tuple[Column[Any], ...]:
    """Every column that names files in storage."""
    columns = (found for table in SQLModel.metadata.tables.values() for found in table.columns)
    return tuple(found for found in columns if found.info.get("names_file"))
