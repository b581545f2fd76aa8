"""Divide rights: own roles, views of some teams or mailboxes, invitations."""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('own_role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('permissions', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_own_role_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_own_role')),
    sa.UniqueConstraint('organization_id', 'name', name='uq_own_role_name')
    )
    op.create_table('mailbox_access',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('mailbox_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_mailbox_access_account_id')),
    sa.ForeignKeyConstraint(['mailbox_id'], ['mailbox.id'], name=op.f('fk_mailbox_access_mailbox_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_mailbox_access_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailbox_access')),
    sa.UniqueConstraint('organization_id', 'account_id', 'mailbox_id', name='uq_mailbox_access')
    )
    op.create_table('invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('own_role_id', sa.Integer(), nullable=True),
    sa.Column('sees', sa.String(), nullable=False),
    sa.Column('seen_ids', sa.Text(), nullable=False),
    sa.Column('inviter_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['inviter_id'], ['account.id'], name=op.f('fk_invitation_inviter_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_invitation_organization_id')),
    sa.ForeignKeyConstraint(['own_role_id'], ['own_role.id'], name=op.f('fk_invitation_own_role_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('organization_id', 'email', name='uq_invitation_email'),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitation_token_hash'))
    )
    op.create_index('ix_invitation_expires_at', 'invitation', ['expires_at'], unique=False)
    # SQLite takes a column's reference only together with the column.
    own_role = sa.ForeignKey('own_role.id', name=op.f('fk_membership_own_role_id'))
    op.add_column('membership', sa.Column('own_role_id', sa.Integer(), own_role, nullable=True), inline_references=True)
    op.add_column('membership', sa.Column('sees', sa.String(), nullable=False, server_default='all'))
    op.add_column('membership', sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f('ix_membership_own_role_id'), 'membership', ['own_role_id'], unique=False)
    is_in_a_team = sa.text('team_id IS NOT NULL')
    op.create_index('ix_ticket_team', 'ticket',
        ['organization_id', 'is_open', 'team_id', 'last_activity_at', 'id'],
        unique=False, postgresql_where=is_in_a_team, sqlite_where=is_in_a_team)
    op.create_index('ix_ticket_mailbox', 'ticket',
        ['organization_id', 'is_open', 'mailbox_id', 'last_activity_at', 'id'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
