"""Count usage: how often a person who agreed to it uses which page, by day."""

import sqlalchemy as sa
from alembic import op

from casso.rows_wall import raise_walls

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('usage_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('used', sa.String(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_usage_event_account_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_usage_event_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_usage_event')),
    sa.UniqueConstraint('organization_id', 'account_id', 'on_day', 'used', name='uq_usage_event')
    )
    op.create_index('ix_usage_event_day', 'usage_event', ['on_day'], unique=False)
    op.add_column('membership', sa.Column('usage_agreed_at', sa.DateTime(timezone=True), nullable=True))
    raise_walls(op.get_bind(), 'usage_event')


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
