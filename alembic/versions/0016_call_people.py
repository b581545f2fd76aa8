"""Call people: a phone number of their own, when they want to give one."""

import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('account', sa.Column('phone', sa.String(), server_default='', nullable=False))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
