"""A mail forwarded inside another: its sender, subject and text, and the note above it."""

from casso.values.mail import Forward


def read_forward(subject: str, text: str) -> Forward | None:
    """The outermost forwarded mail in the text, or None."""
    return None
