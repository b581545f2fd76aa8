"""Show pictures: an account may have one, kept among the files."""

import sqlalchemy as sa
from alembic import op


revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('account', sa.Column('picture_key', sa.String(), server_default='', nullable=False))
    op.create_index(
        'ix_account_picture_key',
        'account',
        ['picture_key'],
        postgresql_where=sa.text("picture_key != ''"),
        sqlite_where=sa.text("picture_key != ''"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
