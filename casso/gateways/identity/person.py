"""What both protocols give: the provider's own number for somebody, a verified address, a name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """`email` is empty unless the provider verified it."""

    subject: str
    email: str
    name: str
