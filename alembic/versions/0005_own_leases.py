"""Own leases: every claim on work says which process holds it, so that a dead one can be told."""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('spooled_mail', 'imap_account', 'notice'):
        op.add_column(table, sa.Column('lease_owner', sa.String(), server_default='', nullable=False))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
