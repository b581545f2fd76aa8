"""Every column declares whose data it is; tables of an organization begin with it."""

from sqlalchemy import Column, Integer, Table
from sqlmodel import SQLModel

from casso.models import OWNED
from casso.models.classification import unclassified_columns


def test_every_column_is_classified() -> None:
    assert unclassified_columns() == []


def test_a_column_without_a_declaration_is_found() -> None:
    planted = Table("planted", SQLModel.metadata, Column("id", Integer, primary_key=True))
    try:
        assert unclassified_columns() == ["planted.id"]
    finally:
        SQLModel.metadata.remove(planted)


def test_every_table_with_an_organization_is_listed_as_owned() -> None:
    # spooled_mail is instance-wide: the organization is known only after routing
    owned = {table.__tablename__ for table in OWNED} | {"spooled_mail"}
    found = {table.name for table in SQLModel.metadata.tables.values() if "organization_id" in table.c}
    assert found == owned


def test_an_organizations_table_never_lets_the_organization_be_empty() -> None:
    for table in OWNED:
        assert not SQLModel.metadata.tables[table.__tablename__].c.organization_id.nullable


def test_the_organization_comes_first_in_the_indexes_that_name_it() -> None:
    for table in OWNED:
        for index in SQLModel.metadata.tables[table.__tablename__].indexes:
            names = [column.name for column in index.columns]
            assert "organization_id" not in names[1:], index.name
