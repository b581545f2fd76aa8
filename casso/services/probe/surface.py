"""What a browser can call, as the running program's own registries say: every handler and every route.

This floor does not know the screens, so another process is asked (`casso probe --surface`).
Arguments are made from each handler's own schema; one of a new kind stops the probe.
"""

import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from casso.services.probe.scratch import ROOT, ProbeFailed

# Under these names a handler or a route might look for an id.
NUMBERS = (
    "id", "number", "ticket", "ticket_id", "message_id", "mailbox_id", "account_id", "team_id",
    "customer_id", "membership_id", "role_id", "own_role_id", "invitation_id", "session_id", "organization",
    "organization_id", "attachment_id", "spooled_id", "replacement_id",
)  # fmt: skip
TEXTS = (
    "text", "name", "query", "q", "subject", "category", "tags", "token", "code", "password",
    "public_id", "files", "upload",
)  # fmt: skip
# What would go out or be refused at once stays harmless.
FIXED = {"host": "127.0.0.1", "port": "9", "email": "nobody@nowhere.test", "address": "nobody@nowhere.test"}


@dataclass(frozen=True, slots=True)
class Presented:
    """What is presented from outside. `version` is the tickets' true one: another would be refused first."""

    number: int
    text: str
    version: int

    def form(self) -> dict[str, str]:
        """A form that carries all of it wherever a handler might look."""
        found = dict.fromkeys(TEXTS, self.text) | dict.fromkeys(NUMBERS, str(self.number)) | FIXED
        return found | {"version": str(self.version), "intent": _new_intent()}


@dataclass(frozen=True, slots=True)
class Handler:
    """One event handler and the JSON schema of its arguments."""

    name: str
    short: str
    schema: dict[str, Any]

    @property
    def takes_arguments(self) -> bool:
        """Whether anything can be presented to it."""
        return bool(self.schema.get("properties"))

    def payload(self, presented: Presented) -> dict[str, Any]:
        """Arguments that fit, with what is presented wherever it may stand."""
        fields = self.schema.get("properties", {})
        made = {name: _sample(self.schema, field, presented) for name, field in fields.items()}
        own = {"version": presented.version, "intent": _new_intent()}
        return made | {name: value for name, value in own.items() if name in made}


@dataclass(frozen=True, slots=True)
class WebAddress:
    """One HTTP route with one of its methods."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Surface:
    """All of it."""

    handlers: tuple[Handler, ...]
    routes: tuple[WebAddress, ...]


def read(app: str) -> Surface:
    """Ask the program. Raises ProbeFailed."""
    done = subprocess.run(
        [sys.executable, "-m", "casso", "probe", "--surface", "--app", app],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ProbeFailed("the handlers and routes could not be listed: " + done.stderr[-1000:])
    told = json.loads(done.stdout.splitlines()[-1])
    return Surface(
        tuple(Handler(one["name"], one["short"], one["arguments"]) for one in told["handlers"]),
        tuple(WebAddress(one["method"], one["path"]) for one in told["routes"]),
    )


def _new_intent() -> str:
    """An intent that was had before would end the call before it looks for anything."""
    return secrets.token_hex(8)


def _sample(root: dict[str, Any], field: dict[str, Any], presented: Presented) -> Any:
    """A value of that schema."""
    if "$ref" in field:
        field = root["$defs"][field["$ref"].rpartition("/")[2]]
    if "anyOf" in field:
        return _sample(root, field["anyOf"][0], presented)
    if "enum" in field:
        return field["enum"][0]
    match field.get("type"):
        case "integer" | "number":
            return presented.number
        case "string":
            return presented.text
        case "boolean":
            return True
        case "object":
            return presented.form()
        case "array":
            return [_sample(root, field["items"], presented)]
    raise ProbeFailed(f"no value is known for an argument like {json.dumps(field)}")
