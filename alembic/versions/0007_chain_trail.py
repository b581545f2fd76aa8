"""Chain the trail: numbered and sealed entries that nobody changes, their details in a table beside.

Entries made so far are carried over in their order. How they are sealed stands here once more, as it
was when this revision was written (casso/rules/trail_seals.py, form "casso trail 1").
"""

import hashlib
import json
import secrets
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

AT_ONCE = 2000
MOMENT = sa.DateTime(timezone=True)
OLD = sa.table(
    'trail_entry_before',
    sa.column('id', sa.Integer), sa.column('organization_id', sa.Integer), sa.column('ticket_id', sa.Integer),
    sa.column('account_id', sa.Integer), sa.column('action', sa.String), sa.column('before', sa.Text),
    sa.column('after', sa.Text), sa.column('created_at', MOMENT),
)
ACCOUNT = sa.table(
    'account', sa.column('id', sa.Integer), sa.column('first_name', sa.String), sa.column('last_name', sa.String)
)


def upgrade() -> None:
    op.drop_index('ix_trail_ticket', table_name='trail_entry')
    op.rename_table('trail_entry', 'trail_entry_before')
    if op.get_bind().dialect.name == 'postgresql':
        op.drop_constraint('pk_trail_entry', 'trail_entry_before')
    _create_tables()
    _carry_over()
    op.drop_table('trail_entry_before')
    _create_guards()


def _create_tables() -> None:
    op.create_table('trail_entry',
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=True),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('seal', sa.String(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_trail_entry_organization_id')),
    sa.PrimaryKeyConstraint('organization_id', 'number', name=op.f('pk_trail_entry'))
    )
    for name, columns in (
        ('ix_trail_ticket', ['organization_id', 'ticket_id', 'number']),
        ('ix_trail_time', ['organization_id', 'created_at', 'number']),
        ('ix_trail_action', ['organization_id', 'action', 'created_at', 'number']),
    ):
        op.create_index(name, 'trail_entry', columns, unique=False)
    is_person = sa.text('account_id IS NOT NULL')
    op.create_index('ix_trail_person', 'trail_entry', ['organization_id', 'account_id', 'created_at', 'number'],
                    unique=False, sqlite_where=is_person, postgresql_where=is_person)
    op.create_table('trail_detail',
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('who_salt', sa.String(), nullable=False),
    sa.Column('who_mark', sa.String(), nullable=False),
    sa.Column('actor_name', sa.String(), nullable=False),
    sa.Column('ip', sa.String(), nullable=False),
    sa.Column('browser', sa.String(), nullable=False),
    sa.Column('what_salt', sa.String(), nullable=False),
    sa.Column('what_mark', sa.String(), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['organization_id', 'number'], ['trail_entry.organization_id', 'trail_entry.number'],
                            name='fk_trail_detail_entry'),
    sa.PrimaryKeyConstraint('organization_id', 'number', name=op.f('pk_trail_detail'))
    )
    has_address = sa.text("ip <> '' AND who_salt <> ''")
    op.create_index('ix_trail_detail_ip', 'trail_detail', ['organization_id', 'number'],
                    unique=False, sqlite_where=has_address, postgresql_where=has_address)
    op.create_table('trail_head',
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seal', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_trail_head_organization_id')),
    sa.PrimaryKeyConstraint('organization_id', name=op.f('pk_trail_head'))
    )
    op.create_table('trail_checkpoint',
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seal', sa.String(), nullable=False),
    sa.Column('signature', sa.String(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'],
                            name=op.f('fk_trail_checkpoint_organization_id')),
    sa.PrimaryKeyConstraint('organization_id', name=op.f('pk_trail_checkpoint'))
    )
    op.create_table('trail_check',
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seal', sa.String(), nullable=False),
    sa.Column('signature', sa.String(), nullable=False),
    sa.Column('held_at', MOMENT, nullable=False),
    sa.Column('checked_at', MOMENT, nullable=False),
    sa.Column('problem', sa.String(), nullable=False),
    sa.Column('broken_number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_trail_check_organization_id')),
    sa.PrimaryKeyConstraint('organization_id', name=op.f('pk_trail_check'))
    )


def _carry_over() -> None:
    """Every old entry in the order it was written, a few thousand at a time."""
    bind = op.get_bind()
    tables = sa.MetaData()
    entries, details, heads = (
        sa.Table(name, tables, autoload_with=bind) for name in ('trail_entry', 'trail_detail', 'trail_head')
    )
    names = {row.id: f'{row.first_name} {row.last_name}'.strip() for row in bind.execute(sa.select(ACCOUNT))}
    organizations = bind.execute(sa.select(OLD.c.organization_id).distinct()).scalars().all()
    for here in sorted(organizations):
        number, seal, after_id = 0, '', 0
        while True:
            rows = bind.execute(
                sa.select(OLD)
                .where(OLD.c.organization_id == here, OLD.c.id > after_id)
                .order_by(OLD.c.id)
                .limit(AT_ONCE)
            ).all()
            if not rows:
                break
            after_id = rows[-1].id
            new_entries, new_details = [], []
            for row in rows:
                number += 1
                detail = _detail(here, number, names.get(row.account_id, ''), row.before, row.after)
                digest = _sha256(detail['who_mark'], detail['what_mark'])
                at = row.created_at.replace(tzinfo=row.created_at.tzinfo or UTC).astimezone(UTC)
                covered = (here, number, row.ticket_id, row.account_id, row.action, digest)
                seal = _sha256('casso trail 1', seal, *covered, at.isoformat(timespec='microseconds'))
                new_details.append(detail)
                new_entries.append({
                    'organization_id': here, 'number': number, 'ticket_id': row.ticket_id,
                    'account_id': row.account_id, 'action': row.action, 'digest': digest, 'seal': seal,
                    'created_at': row.created_at,
                })
            bind.execute(entries.insert(), new_entries)
            bind.execute(details.insert(), new_details)
        bind.execute(heads.insert(), {'organization_id': here, 'number': number, 'seal': seal})


def _detail(here: int, number: int, name: str, before: str, after: str) -> dict[str, object]:
    who_salt = secrets.token_hex(16) if name else ''
    what_salt = secrets.token_hex(16) if before or after else ''
    return {
        'organization_id': here, 'number': number,
        'who_salt': who_salt, 'who_mark': _sha256(who_salt, name, '', '') if who_salt else '',
        'actor_name': name, 'ip': '', 'browser': '',
        'what_salt': what_salt, 'what_mark': _sha256(what_salt, before, after) if what_salt else '',
        'before': before, 'after': after,
    }


def _sha256(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


# REPLACE deletes without asking a delete trigger, so SQLite also refuses a number that is taken.
SQLITE_GUARDS = (
    """CREATE TRIGGER trail_entry_never_changed BEFORE UPDATE ON trail_entry BEGIN
        SELECT RAISE(ABORT, 'the trail is append-only'); END""",
    """CREATE TRIGGER trail_entry_never_replaced BEFORE INSERT ON trail_entry
        WHEN EXISTS (SELECT 1 FROM trail_entry WHERE organization_id = NEW.organization_id AND number = NEW.number)
        BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END""",
    """CREATE TRIGGER trail_entry_pruned_only BEFORE DELETE ON trail_entry
        WHEN NOT EXISTS (SELECT 1 FROM trail_checkpoint
                         WHERE organization_id = OLD.organization_id AND number >= OLD.number)
        BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END""",
)

POSTGRES_GUARDS = (
    """CREATE FUNCTION trail_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM trail_checkpoint
            WHERE organization_id = OLD.organization_id AND number >= OLD.number) THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'the trail is append-only'; END $$""",
    """CREATE TRIGGER trail_entry_append_only BEFORE UPDATE OR DELETE ON trail_entry
        FOR EACH ROW EXECUTE FUNCTION trail_entry_append_only()""",
    """CREATE TRIGGER trail_entry_never_emptied BEFORE TRUNCATE ON trail_entry
        FOR EACH STATEMENT EXECUTE FUNCTION trail_entry_append_only()""",
)


def _create_guards() -> None:
    """The database itself refuses to change or delete an entry, but for those below a checkpoint."""
    is_sqlite = op.get_bind().dialect.name == 'sqlite'
    for statement in SQLITE_GUARDS if is_sqlite else POSTGRES_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError('a chain cannot be taken apart: restore a backup instead')
