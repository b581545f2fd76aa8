"""Remember domains: which organizations have or had an address in one, so that waiting mail finds only its own."""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('domain_holder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('domain', sa.String(), nullable=False),
    sa.Column('held_by', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_domain_holder')),
    sa.UniqueConstraint('domain', 'held_by', name='uq_domain_holder')
    )
    connection = op.get_bind()
    known = connection.execute(sa.text("SELECT address, organization_id, created_at FROM mailbox ORDER BY id"))
    first = {}
    for address, organization_id, created_at in known.all():
        first.setdefault((address.rpartition('@')[2], organization_id), created_at)
    for (domain, held_by), created_at in first.items():
        connection.execute(
            sa.text("INSERT INTO domain_holder (domain, held_by, created_at) VALUES (:domain, :held_by, :at)"),
            {'domain': domain, 'held_by': held_by, 'at': created_at},
        )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
