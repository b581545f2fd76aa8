"""Index the status: the tabs of a queue count their tickets without reading them."""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_ticket_status', 'ticket', ['organization_id', 'is_open', 'status', 'assignee_id'])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
