"""What somebody who ticked everything sends."""

from casso.services.agreements import Agreement, versions_today


def agreed() -> Agreement:
    return Agreement(has_agreed=True, is_adult=True, versions=versions_today())


def boxes() -> dict[str, str]:
    """The same as the fields of a form."""
    return {"agree": "yes", "adult": "yes", "versions": versions_today()}
