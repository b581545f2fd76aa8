"""Language and colours of the reader, told to the page before its first paint.

Pages are compiled: the same bytes for everybody. casso.js reads this cookie before
anything is drawn, so that nobody sees a flash of the wrong language or of light.
It carries no authority: nothing on the server ever reads it.
"""

from casso.access import Actor
from casso.config import settings
from casso.words import is_locale

NAME = "casso-look"
THEMES = ("system", "light", "dark")


def look_header(actor: Actor) -> tuple[bytes, bytes]:
    """The header that tells; unlike the session's, this cookie is for the script to read."""
    locale = actor.locale if is_locale(actor.locale) else "en"
    theme = actor.theme if actor.theme in THEMES else "system"
    secure = "; Secure" if settings().is_https else ""
    return b"set-cookie", f"{NAME}={locale}.{theme}; Path=/; SameSite=Lax{secure}".encode()
