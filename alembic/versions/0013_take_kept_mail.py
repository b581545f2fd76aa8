"""Take kept mail: who said that a mail in quarantine is a ticket."""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('spooled_mail', sa.Column('ordered_by_id', sa.Integer(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
