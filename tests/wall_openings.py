"""Every place that goes past the walls between organizations: `file:function`, and why.

A new one is added here by hand, with the reason that stands at the call; test_architecture.py
compares the lists with the source, both ways.
"""

ACROSS_ORGANIZATIONS = {
    "casso/queries/changes.py:list_changes": "live watcher",
    "casso/queries/changes.py:newest_change": "live watcher",
    "casso/queries/health.py:get_health": "health of the whole desk",
    "casso/queries/sessions.py:list_my_organizations": "organizations of one's own account",
    "casso/queries/sessions.py:list_sessions": "own sessions in every organization",
    "casso/services/account_trail.py:record_for_account": "trail of an account's organizations",
    "casso/services/accounts.py:_require_successors": "organizations that an account owns",
    "casso/services/accounts.py:add_account": "account from the command line",
    "casso/services/bench/loading.py:load": "bench: the highest ids of the whole database",
    "casso/services/delivery.py:_due": "claims on outgoing mail",
    "casso/services/delivery.py:give_up": "claims on outgoing mail",
    "casso/services/delivery.py:give_up_lost": "claims on outgoing mail",
    "casso/services/demo.py:_stage": "demo: the first organization",
    "casso/services/devices.py:_zone_of": "time zone of a notice",
    "casso/services/doctor.py:check_outgoing": "doctor: queues of the whole desk",
    "casso/services/doctor_secrets.py:_signed_by_older": "doctor: signatures of the trail",
    "casso/services/fetching.py:claim_due": "claims on IMAP accounts",
    "casso/services/intake_routing.py:_routes": "intake by address",
    "casso/services/intake_tags.py:_ours": "reply tokens in mail",
    "casso/services/joining.py:_belongs_somewhere": "whether an account can sign in",
    "casso/services/joining.py:_find": "invitation by its link",
    "casso/services/leases.py:_dead": "leases of ended processes",
    "casso/services/leases.py:_free": "leases of ended processes",
    "casso/services/login.py:_find": "sign-in by address",
    "casso/services/login_sweeping.py:_delete": "sweep",
    "casso/services/notices.py:recipient_of": "language of a notice",
    "casso/services/own_factor.py:_belongs_only_here": "whether a member belongs to others as well",
    "casso/services/own_factor.py:_is_demanded": "whether a second factor is demanded",
    "casso/services/passwords.py:known_about": "names a password must not lean on",
    "casso/services/sealing.py:_batches": "sealed values of the whole desk",
    "casso/services/sealing.py:_turn": "sealed under the newest key",
    "casso/services/second_step.py:_record": "trail of a sign-in",
    "casso/services/second_step.py:next_step": "whether a second factor is demanded",
    "casso/services/session_ending.py:end_all_sessions": "sessions of an account in every organization",
    "casso/services/session_ending.py:end_other_sessions": "own sessions in every organization",
    "casso/services/session_ending.py:end_session": "own sessions in every organization",
    "casso/services/sessions.py:_forget": "session cookie",
    "casso/services/sessions.py:_touch": "session cookie",
    "casso/services/sessions.py:find_session": "session cookie",
    "casso/services/sessions.py:find_sessions": "live watcher",
    "casso/services/sessions.py:open_session": "a session of whoever was proved",
    "casso/services/sessions.py:sign_out": "sign-out by cookie",
    "casso/services/sessions.py:switch_organization": "from one organization to another",
    "casso/services/sweeping.py:_delete_old": "sweep",
    "casso/services/sweeping.py:_delete_uploads": "sweep",
    "casso/services/trail.py:_write": "trail of an act that was not one organization's",
    "casso/services/unrouted.py:_is_alone": "who has the domain",
}
"""Callers of access.across_organizations: the reason is the one they give."""

WRITTEN_AS_TEXT = {
    "casso/models/ticket.py:": "conditions of partial indexes",
    "casso/models/trail.py:": "conditions of partial indexes",
    "casso/queries/queues.py:_counted": "a constant in a count",
    "casso/queries/search.py:": "full-text search: judged word by word (scoping_text)",
    "casso/queries/search.py:_matches": "full-text search: judged word by word (scoping_text)",
    "casso/queries/shared_queues.py:_shared_counts": "a constant in a count",
    "casso/rows_wall.py:": "PostgreSQL's own catalog",
    "casso/services/bench/loading.py:_catch_up": "sequences after a bulk load, across organizations",
    "casso/services/bench/run.py:_clean": "drops the schema that the measurement made",
    "casso/services/doctor.py:check_database": "whether the database answers",
    "casso/services/doctor_trail.py:_are_guards_there": "the database's own catalog",
    "casso/services/doctor_walls.py:check_walls": "PostgreSQL's own catalog",
}
"""SQL as text: `text()` and `literal_column()`."""

PAST_THE_SESSION = {
    "casso/db.py:_begin_sqlite": "BEGIN",
    "casso/db.py:_session": "makes the session",
    "casso/db.py:_tell": "tells PostgreSQL whom the transaction acts for",
    "casso/db.py:_tell_postgres": "tells PostgreSQL whom the transaction acts for",
    "casso/db.py:transaction": "begins as a writer",
    "casso/rows_wall.py:_run": "raises the walls, in a migration",
    "casso/services/bench/run.py:_clean": "drops the schema that the measurement made",
    "casso/services/bench/run.py:_measure": "the database's name",
    "casso/services/bench/run.py:_require_empty": "looks for tables before anything is measured",
    "casso/services/doctor.py:check_database": "whether the database answers",
    "casso/services/doctor_trail.py:_are_guards_there": "the database's own catalog",
    "casso/services/doctor_walls.py:check_walls": "PostgreSQL's own catalog",
    "casso/services/schema.py:schema_state": "the schema's revision",
}
"""Connections without the session that is judged; statements of theirs on an organization's table raise."""
