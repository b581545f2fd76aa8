"""A page comes with the reader's language and colours, and with nothing else of theirs."""

from dataclasses import replace

import pytest

from casso.services import preferences
from casso.web.look import look_header
from tests.desks import Desk
from tests.web.conftest import Client


async def looks(client: Client, cookie: str, path: str) -> list[str]:
    async with client() as browser:
        answer = await browser.get(path, headers={"Cookie": cookie})
    return answer.headers.get_list("set-cookie")


async def test_a_page_tells_its_script_how_the_reader_likes_it(
    client: Client, cookie: str, sqlite_desk: Desk
) -> None:
    assert await looks(client, cookie, "/tickets/7") == ["casso-look=en.system; Path=/; SameSite=Lax"]
    preferences.set_appearance(sqlite_desk.owner, locale="de", theme="dark", zone="")
    assert await looks(client, cookie, "/") == ["casso-look=de.dark; Path=/; SameSite=Lax"]


@pytest.mark.parametrize("path", ["/assets/a-1.js", "/t/whoami", "/healthz"])
async def test_what_is_no_page_tells_nothing(client: Client, cookie: str, path: str) -> None:
    assert await looks(client, cookie, path) == []


async def test_a_stranger_is_told_nothing(client: Client) -> None:
    assert await looks(client, "casso=forged", "/") == []


@pytest.mark.parametrize("odd", ["", "tlh", "de; Domain=evil.example", "xx\r\nSet-Cookie: casso=1"])
def test_only_known_values_travel(sqlite_desk: Desk, odd: str) -> None:
    name, value = look_header(replace(sqlite_desk.owner, locale=odd, theme=odd))
    assert (name, value) == (b"set-cookie", b"casso-look=en.system; Path=/; SameSite=Lax")


def test_over_https_it_goes_only_over_https(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASSO_URL", "https://desk.example")
    from casso import config

    config.settings.cache_clear()
    assert look_header(sqlite_desk.owner)[1].endswith(b"; Secure")
