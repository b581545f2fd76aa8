"""Who somebody is on GitHub: the account's number, and its primary address if it is verified.

Source: https://docs.github.com/en/rest/users/users and …/rest/users/emails. The login
name can be given up and taken by somebody else, so it is never the subject.
"""

from typing import Any

from authlib.integrations.httpx_client import OAuth2Client

from casso.gateways.identity.person import Person
from casso.gateways.identity.providers import Provider

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


def read_person(client: OAuth2Client, provider: Provider) -> Person:
    """Ask the API with the fresh token. Raises httpx's errors, and ValueError for another shape."""
    person = _get(client, f"{provider.api_base}/user")
    number = person["id"]
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("the account's number is no number")
    emails = _get(client, f"{provider.api_base}/user/emails")
    return Person(str(number), _primary(emails), str(person.get("name") or person.get("login") or ""))


def _get(client: OAuth2Client, url: str) -> Any:
    answer = client.request("GET", url, headers=HEADERS)
    answer.raise_for_status()
    return answer.json()


def _primary(emails: list[dict[str, object]]) -> str:
    """The primary address, only if GitHub says that it is verified."""
    for one in emails:
        if one.get("primary") is True and one.get("verified") is True:
            return str(one["email"])
    return ""
