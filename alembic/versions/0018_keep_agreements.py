"""Keep agreements: who accepted which version of the privacy policy and the terms."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('policy_acceptance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('policy', sa.String(), nullable=False),
    sa.Column('version', sa.String(), nullable=False),
    sa.Column('is_adult', sa.Boolean(), nullable=False),
    sa.Column('ip', sa.String(), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_policy_acceptance_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_acceptance'))
    )
    op.create_index('ix_policy_acceptance_account', 'policy_acceptance', ['account_id', 'policy'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
