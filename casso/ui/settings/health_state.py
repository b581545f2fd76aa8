"""What the health page shows; read on arrival and whenever a check begins or ends."""

import reflex as rx

from casso.access import Actor
from casso.queries.desk_health import (
    EarlierRow,
    FindingRow,
    HealthLine,
    JobRow,
    LookRow,
    SourceRow,
    get_desk_health,
)
from casso.services.checks.runs import ask_for_checks
from casso.ui.bridge import call
from casso.ui.changes import Changes
from casso.ui.guard import current_actor
from casso.ui.live import listens
from casso.ui.policy import Who, policy
from casso.ui.toast import Toast


@listens
class Health(rx.State):
    """Empty for everybody but operators."""

    lines: list[HealthLine] = []
    jobs: list[JobRow] = []
    sources: list[SourceRow] = []
    isolation: LookRow = LookRow()
    security: LookRow = LookRow()
    isolation_findings: list[FindingRow] = []
    security_findings: list[FindingRow] = []
    earlier: list[EarlierRow] = []
    is_ready: bool = False

    @rx.event
    @policy(Who.OPERATOR)
    async def arrive(self) -> None:
        """Read everything."""
        await self._read(current_actor())

    @rx.event
    @policy(Who.OPERATOR)
    async def run_checks(self) -> None:
        """Let the worker do all checks; asked twice, they are done once."""
        actor = current_actor()
        asked = await call(ask_for_checks, actor)
        (await self.get_state(Toast))._say("checks_asked" if asked else "checks_going")
        await self._read(actor)

    async def _on_changes(self, actor: Actor, changes: Changes) -> None:
        if not self.is_ready:
            return
        if actor.is_operator:
            await self._read(actor)
        else:
            self.reset()

    async def _read(self, actor: Actor) -> None:
        found = await call(get_desk_health, actor)
        self.lines, self.jobs, self.sources = list(found.lines), list(found.jobs), list(found.sources)
        self.isolation, self.security = found.looks["isolation"], found.looks["security"]
        self.isolation_findings = list(found.findings["isolation"])
        self.security_findings = list(found.findings["security"])
        self.earlier, self.is_ready = list(found.earlier), True
