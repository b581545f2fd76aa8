"""Mark the key: a known word under the secret key, so that another desk's key is recognised at start."""

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('instance', sa.Column('key_sealed', sa.String(), server_default='', nullable=False))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
