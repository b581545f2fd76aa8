"""The outcomes other than success, and who can do something about them.

A `CassoError` carries text for the person at the screen. A `GatewayError` says
whether the outside may be asked again. Anything else is our own mistake: it is
logged with an id and never caught on the way.
"""


class CassoError(Exception):
    """Something the person can mend; `text` says what is wrong and what to do.

    `key` is the catalogue key of that text, `values` fill its gaps.
    """

    key = "error.generic"

    def __init__(self, key: str = "", /, **values: str | int) -> None:
        self.key = key or type(self).key
        self.values = values
        super().__init__(self.key)


class NotFound(CassoError):
    """No such thing, or it belongs to another organization: never told apart."""

    key = "error.not_found"


class NotAllowed(CassoError):
    """The thing exists and is visible, but this person may not do that with it."""

    key = "error.not_allowed"


class NotProved(NotAllowed):
    """A sensitive act needs a fresh proof of who one is: the password or a second factor again."""

    key = "error.not_proved"


class TooWeak(NotAllowed):
    """The organization demands a second factor, and this session was opened without one."""

    key = "error.too_weak"


class PlanLimit(CassoError):
    """The organization's plan does not include this."""

    key = "error.plan_limit"


class Conflict(CassoError):
    """Somebody else changed it meanwhile; look again before writing."""

    key = "error.conflict"


class Invalid(CassoError):
    """The input is wrong; the text names the field and the remedy."""

    key = "error.invalid"


class TooManyTries(CassoError):
    """Tried too often; after `seconds` one more try is free."""

    key = "error.too_many_tries"

    def __init__(self, seconds: int) -> None:
        super().__init__(minutes=-(-seconds // 60))
        self.seconds = seconds


class AlreadyDone(CassoError):
    """This intent was carried out before: a double click or a reconnect."""

    key = "error.already_done"


class GatewayError(Exception):
    """The outside failed. `permanent` decides whether it is asked again.

    `uncertain` marks the third outcome: it may or may not have happened
    (a connection lost after the last byte), so only a person may repeat it.
    """

    def __init__(self, text: str, *, permanent: bool, uncertain: bool = False, code: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.permanent = permanent
        self.uncertain = uncertain
        self.code = code
