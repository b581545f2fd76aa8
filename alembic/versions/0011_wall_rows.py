"""Wall rows: on PostgreSQL the database itself keeps the organizations apart.

Spooled mail stays open: it comes in before anybody knows whose it is.
"""

from alembic import op

from casso.rows_wall import let_search_through, raise_walls

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    raise_walls(
        op.get_bind(),
        'attachment', 'change', 'customer', 'imap_account', 'intent', 'invitation', 'mailbox',
        'mailbox_access', 'membership', 'message', 'outgoing', 'own_role', 'read_mark',
        'search_document', 'sign_in', 'team', 'team_member', 'ticket', 'ticket_tag', 'trail_check',
        'trail_checkpoint', 'trail_detail', 'trail_entry', 'trail_head',
    )
    let_search_through(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
