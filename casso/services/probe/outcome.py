"""What a probe found: how much it tried, and every leak in words."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Leak:
    """One hole: who got what of the other organization, and by which way.

    `kind` is `shown`, `changed` or `told_apart` (a foreign thing is answered unlike one that is not there).
    """

    kind: str
    way: str
    what: str
    who: str

    @property
    def sentence(self) -> str:
        """In words."""
        did = {
            "shown": "was shown",
            "changed": "changed",
            "told_apart": "could tell from a thing that does not exist",
        }[self.kind]
        return f"{self.way}: {self.who} of another organization {did} {self.what}"


@dataclass(slots=True)
class Outcome:
    """Counts of different things tried, and the leaks in the order found."""

    handlers: int = 0
    routes: int = 0
    searches: int = 0
    files: int = 0
    pushes: int = 0
    tries: int = 0
    seconds: float = 0.0
    leaks: list[Leak] = field(default_factory=list)

    def add(self, leaks: list[Leak]) -> None:
        """Each way and kind once, however many ids open it."""
        for leak in leaks:
            if (leak.kind, leak.way) not in {(known.kind, known.way) for known in self.leaks}:
                self.leaks.append(leak)

    @property
    def summary(self) -> str:
        """One line."""
        leaks = f"{len(self.leaks)} leaks" if self.leaks else "no leak"
        return (
            f"{self.handlers} handlers, {self.routes} routes, {self.searches} searches, {self.files} files, "
            f"{self.pushes} live updates tried as owner and agent of another organization, "
            f"{self.tries} tries in {self.seconds:.0f} s: {leaks}"
        )
