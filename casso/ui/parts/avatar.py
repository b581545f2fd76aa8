"""The round mark of a person: their picture over their initials; agents in the accent colour.

A picture that is gone, or that this reader may not fetch, leaves the initials to be seen.
"""

import reflex as rx
from reflex.vars.base import Var


def avatar(
    initials: Var[str],
    *,
    agent: bool | Var[bool] = False,
    large: bool = False,
    title: Var[str] | str = "",
    picture: Var[str] | None = None,
) -> rx.Component:
    """The mark; with a title it is an image for screen readers, else decoration.

    `picture` is what queries/shown.picture() says of the account.
    """
    base = "av m" if large else "av"
    shown = rx.cond(agent, f"{base} a", base) if isinstance(agent, Var) else (f"{base} a" if agent else base)
    content = (initials,) if picture is None else (initials, face(picture))
    if isinstance(title, Var) or title:
        return rx.el.span(*content, class_name=shown, title=title, role="img", aria_label=title)
    return rx.el.span(*content, class_name=shown, custom_attrs={"aria-hidden": "true"})


def face(picture: Var[str]) -> rx.Component:
    """The picture itself, when there is one; what surrounds it says whose."""
    image = rx.el.img(src="/pictures/" + picture, alt="", custom_attrs={"loading": "lazy"})
    return rx.cond(picture != "", image)
