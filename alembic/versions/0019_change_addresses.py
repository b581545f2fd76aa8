"""Change addresses: accounts on their way to another mail address, until both confirmed it."""

import sqlalchemy as sa
from alembic import op


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('new_email', sa.String(), nullable=False),
    sa.Column('sign_in_id', sa.Integer(), nullable=True),
    sa.Column('old_confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('new_confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_mail_change_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_change')),
    sa.UniqueConstraint('account_id', name=op.f('uq_mail_change_account_id'))
    )
    op.create_index(op.f('ix_mail_change_expires_at'), 'mail_change', ['expires_at'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
