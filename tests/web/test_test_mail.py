"""The button for a test mail: for people who are signed in, from our own pages."""

from casso.gateways import spool
from tests.desks import Desk
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}


async def test_it_puts_a_mail_into_the_spool(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client(headers={**OWN, "Cookie": cookie}) as browser:
        answer = await browser.post("/test-mail")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert spool.count_waiting() == 1


async def test_nobody_else_does(client: Client, sqlite_desk: Desk, cookie: str) -> None:
    async with client() as browser:
        assert (await browser.post("/test-mail", headers=OWN)).status_code == 401
        evil = {"Origin": "https://evil.example", "Cookie": cookie}
        assert (await browser.post("/test-mail", headers=evil)).status_code == 403
        assert (await browser.get("/test-mail", headers={"Cookie": cookie})).status_code == 405
    assert spool.count_waiting() == 0
