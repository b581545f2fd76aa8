"""What an unknown address shows."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from casso.ui.parts.states import state
from casso.ui.shell import shell
from casso.ui.t import t


def not_found_page() -> rx.Component:
    """The page for addresses that do not exist."""
    home = ReactRouterLink.create(t("state.to_inbox"), to="/", class_name="btn primary")
    return shell(
        rx.el.main(
            state("search", t("state.not_found"), t("state.not_found_hint"), home, level=rx.el.h1),
            class_name="conv",
            id="casso-main",
        ),
        kind="page",
        here="",
    )
