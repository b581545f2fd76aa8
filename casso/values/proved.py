"""The outcome of every way in: which account was proved, and how. It holds no secret and opens nothing."""

from dataclasses import dataclass

from casso.enums import Strength


@dataclass(frozen=True, slots=True)
class Proved:
    """Made by services that checked something (login, identities, passkeys); open_session needs it."""

    account_id: int
    strength: Strength
