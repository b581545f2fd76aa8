"""What a demo story is: texts with gaps, in one language, about one kind of matter.

Gaps in braces ({order}, {product}, {agent} …) are filled when the story is played.
"""

from dataclasses import dataclass

from casso.enums import WorkType


@dataclass(frozen=True, slots=True)
class Voice:
    """How people of one language begin, end and go on."""

    language: str
    hello: tuple[str, ...]
    bye: tuple[str, ...]
    agent_hello: str
    agent_bye: str
    chases: tuple[str, ...]
    holds: tuple[str, ...]
    thanks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One matter: what the customer writes, what is answered, what is noted inside."""

    language: str
    category: str
    work_type: WorkType
    subjects: tuple[str, ...]
    openings: tuple[str, ...]
    answers: tuple[str, ...]
    tags: tuple[str, ...] = ()
    note: str = ""
    file: str = ""
    is_urgent: bool = False
