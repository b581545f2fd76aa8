"""The second wall, on PostgreSQL: the database shows and takes rows of one organization only.

db.py tells every transaction whom it acts for (`casso.organization`: an id, `*` for
all, empty for nobody). A migration that makes a table with an `organization_id` calls
`raise_walls` with its name; SQLite has no such thing and is left alone. The statements
are part of migrations that have run: to change them, write a new function.
"""

from sqlalchemy import Connection, text

ACTS_FOR = "casso.organization"
QUESTION = "casso.question"
# Read once a statement, not once a row; `*` and nobody are no number and must not be read as one.
_ID = f"(SELECT nullif(nullif(current_setting('{ACTS_FOR}', true), ''), '*')::integer)"
_ALL = f"(SELECT current_setting('{ACTS_FOR}', true) = '*')"
# Asked as "is not null", because the planner then expects nearly every row to pass. They do: each statement
# names its organization by itself, and a planner that expects fewer leaves the indexes that give the order.
_INSIDE = f"(CASE WHEN organization_id = {_ID} OR {_ALL} THEN true END) IS NOT NULL"
# A question that every document answers, for statements that do not search.
_ANSWERS = f"vector @@ coalesce(nullif(current_setting('{QUESTION}', true), ''), '!casso')::tsquery"

OPEN_TABLES = {
    "spooled_mail": "a mail is taken in before anybody knows whose it is, and claimed by workers for all",
}
"""Tables with an organization_id and without a wall, each with its reason."""


def raise_walls(connection: Connection, *tables: str) -> None:
    """Let nobody pass who does not act for the row's organization, the tables' owner included."""
    for table in tables:
        _run(
            connection,
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY wall ON {table} USING ({_INSIDE}) WITH CHECK ({_INSIDE})",
        )


def let_search_through(connection: Connection) -> None:
    """Put the question of a search into a policy, beside the wall: only there may it use the index.

    PostgreSQL asks `@@` only after the wall has let a row pass, lest it tell about rows
    behind it, and so never in an index. What stands in the wall itself is exempt.
    """
    _run(
        connection,
        f"CREATE POLICY question ON search_document AS RESTRICTIVE FOR SELECT USING ({_ANSWERS})",
    )


def open_tables(connection: Connection) -> list[str]:
    """Tables with an organization_id whose wall is missing, has a hole, or is open to their owner."""
    found = connection.execute(_OPEN, {"ours": list(OPEN_TABLES)}).scalars()
    return list(found)


def passes_walls(connection: Connection) -> bool:
    """Whether the connected role walks through every wall: a superuser, or one with BYPASSRLS."""
    return bool(connection.execute(_PASSES).scalar())


def _run(connection: Connection, *statements: str) -> None:
    if connection.dialect.name == "postgresql":
        for statement in statements:
            connection.exec_driver_sql(statement)


_OPEN = text("""
SELECT t.relname FROM pg_class AS t
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
WHERE t.relkind IN ('r', 'p') AND t.relnamespace = current_schema()::regnamespace
  AND t.relname <> ALL (:ours)
  AND NOT (t.relrowsecurity AND t.relforcerowsecurity AND ARRAY['wall|ALL'] = ARRAY(
    SELECT p.policyname || '|' || p.cmd FROM pg_policies AS p
    WHERE p.schemaname = current_schema() AND p.tablename = t.relname AND p.permissive = 'PERMISSIVE'))
ORDER BY t.relname""")
_PASSES = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
