"""`casso account`: add people, keep them out, let them in again; new password, address, factor; operators.

A password comes on standard input, so that it stands in no process list and no history.
A printed link is a secret: it lets whoever opens it choose the password.
"""

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from casso.enums import Role
from casso.errors import CassoError
from casso.services import accounts, mail_changes, operators, schema
from casso.services.accounts import AccountDone
from casso.words import word

if TYPE_CHECKING:
    from argparse import _SubParsersAction

DONE = {
    "add": "is added",
    "disable": "cannot sign in any more",
    "enable": "can sign in again",
    "reset-password": "gets a new password",
    "reset-factor": "has no second factor and no passkey any more",
    "change-address": "is the person's mail address from now on",
    "operator": "is an operator of this installation",
    "end-operator": "is no operator any more",
}


def add_to(parser_group: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command and its acts."""
    parser = parser_group.add_parser("account", help="add, disable, enable people; give a new password")
    acts = parser.add_subparsers(title="acts", metavar="ACT", dest="act", required=True)
    add = _act(acts, "add", "add a person to an organization")
    add.add_argument("--name", default="", help="first and last name")
    add.add_argument("--role", default=Role.AGENT.value, choices=[role.value for role in accounts.ROLES])
    add.add_argument("--organization", default="", help="its name; needed when there are several")
    _act(acts, "disable", "keep a person out; their sessions end at once")
    _act(acts, "enable", "let a person in again")
    _act(acts, "reset-factor", "take a lost second factor and the passkeys away; their sessions end")
    operator = _act(acts, "operator", "let a person look after this installation")
    operator.add_argument("--end", action="store_true", help="take it away again")
    move = _act(acts, "change-address", "give a person another mail address; their sessions end")
    move.add_argument("--to", required=True, help="the new address, which nobody has to confirm")
    reset = _act(acts, "reset-password", "mail and print a link, or set the password from standard input")
    for one in (add, reset):
        one.add_argument("--password-stdin", action="store_true", help="read the password")
    parser.set_defaults(run=run)


def _act(acts: "_SubParsersAction[argparse.ArgumentParser]", name: str, text: str) -> argparse.ArgumentParser:
    one = acts.add_parser(name, help=text)
    one.add_argument("--email", required=True, help="the person signs in with it")
    one.add_argument("--json", action="store_true", help="print the result as one JSON object")
    return one


def run(args: argparse.Namespace) -> int:
    """0 done, 1 refused (with the reason on standard error)."""
    schema.upgrade()
    try:
        done = _do(args)
    except CassoError as error:
        print(f"casso account: {word('en', error.key, **error.values)}", file=sys.stderr)
        return 1
    act = "end-operator" if getattr(args, "end", False) else args.act
    print(json.dumps(asdict(done)) if args.json else _sentence(act, done))
    return 0


def _do(args: argparse.Namespace) -> AccountDone:
    password = sys.stdin.readline().rstrip("\r\n") if getattr(args, "password_stdin", False) else ""
    match args.act:
        case "add":
            return accounts.add_account(
                accounts.NewAccount(args.email, args.name, Role(args.role), args.organization, password)
            )
        case "disable":
            return accounts.disable_account(args.email)
        case "enable":
            return accounts.enable_account(args.email)
        case "reset-factor":
            return accounts.reset_second_factor(args.email)
        case "change-address":
            account_id, email, ended = mail_changes.set_mail_address(args.email, args.to)
            return AccountDone(account_id, email, ended_sessions=ended)
        case "operator":
            found = operators.set_operator(
                None, args.email, is_operator=not args.end, caller=accounts.CONSOLE
            )
            return AccountDone(found.account_id, found.email)
    if args.password_stdin:
        return accounts.set_password(args.email, password)
    return accounts.give_reset_link(args.email)


def _sentence(act: str, done: AccountDone) -> str:
    lines = [f"{done.email} {DONE[act]}."]
    if done.ended_sessions:
        lines.append(f"Browsers signed out: {done.ended_sessions}.")
    if done.link:
        lines.append(f"The link to choose a password was mailed, and is valid for an hour: {done.link}")
    return "\n".join(lines)
