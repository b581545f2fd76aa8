"""A form that the browser itself sends to one of our HTTP routes.

Reflex's own form calls preventDefault on every submit, with a handler or without one,
so nothing would ever leave the page.
"""

from reflex.vars.base import Var
from reflex_components_core.el.elements.base import BaseHTML


class PlainForm(BaseHTML):
    """A bare form element."""

    tag = "form"

    action: Var[str]
    method: Var[str]
    enc_type: Var[str]


plain_form = PlainForm.create
