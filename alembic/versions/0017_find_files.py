"""Find files: by their key, so that what lies in storage and is named by no row can be told from the rest."""

import sqlalchemy as sa
from alembic import op


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        'ix_message_raw_key',
        'message',
        ['organization_id', 'raw_key'],
        postgresql_where=sa.text("raw_key != ''"),
        sqlite_where=sa.text("raw_key != ''"),
    )
    op.create_index('ix_attachment_storage_key', 'attachment', ['organization_id', 'storage_key'])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
