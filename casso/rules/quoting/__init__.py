"""What a sender newly wrote, apart from what was quoted below it."""


def split_reply(text: str, html: str) -> str:
    """The newly written text."""
    return text
