"""Plain addresses: take the secret of reply addresses out of messages stored before intake did so."""

from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

COLUMNS = ('to_addresses', 'cc_addresses', 'subject', 'text', 'full_text', 'html')
TOKEN = "(SELECT reply_token FROM ticket WHERE ticket.id = message.ticket_id)"


def upgrade() -> None:
    op.execute(statement())


def statement() -> str:
    """Only messages that came to such an address: whoever quotes it has answered to it."""
    changes = (
        f"{name} = replace(replace({name}, '+' || {TOKEN}, ''), '%2B' || {TOKEN}, '')" for name in COLUMNS
    )
    return f"UPDATE message SET {', '.join(changes)} WHERE thread_reason = 'signed_address'"


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
