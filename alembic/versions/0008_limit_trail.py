"""Limit the trail: after how many days an organization's addresses are shortened and its entries pruned."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('organization', sa.Column('address_days', sa.Integer(), nullable=False, server_default='90'))
    op.add_column('organization', sa.Column('trail_days', sa.Integer(), nullable=False, server_default='730'))


def downgrade() -> None:
    op.drop_column('organization', 'trail_days')
    op.drop_column('organization', 'address_days')
