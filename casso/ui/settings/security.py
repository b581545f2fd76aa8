"""Password and sign-in: one page of sections, each a file of its own.

A new section (second factor, passkeys, linked accounts) is a function in its own file and a
line in SECTIONS; its state's `arrive` goes into ON_SECURITY.
"""

import reflex as rx

from casso.ui.inbox.desk_state import Desk
from casso.ui.me import Me
from casso.ui.settings.frame import settings_page, sheet_head
from casso.ui.settings.proof import Proof
from casso.ui.settings.security_factor import Factor, factor_section
from casso.ui.settings.security_linked import Linked, linked_section
from casso.ui.settings.security_passkeys import Passkeys, passkey_section
from casso.ui.settings.security_password import Password, password_section
from casso.ui.t import t

SECTIONS = (password_section, factor_section, passkey_section, linked_section)
ON_SECURITY = [
    Me.arrive, Desk.tally, Proof.arrive, Password.arrive, Factor.arrive, Passkeys.arrive, Linked.arrive,
]  # fmt: skip


def security_page() -> rx.Component:
    """The page."""
    return settings_page(
        "security",
        sheet_head(t("security.title"), t("security.lead")),
        *(section() for section in SECTIONS),
        for_admins=False,
    )
