"""The mail address that somebody typed to sign in, in the one spelling that accounts keep."""

TYPED_LIMIT = 320


def typed_address(text: str) -> str:
    """Lower case, no blanks around it; empty for what no account has and no database takes."""
    address = text.strip().lower()
    return address if len(address) <= TYPED_LIMIT and address.isprintable() else ""
