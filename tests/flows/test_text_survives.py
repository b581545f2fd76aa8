"""What somebody types is theirs: pushes, a dead web process and double clicks neither lose nor double it.

And what one screen does, every other screen of the organization shows without
reload, and no screen of another organization ever gets a byte of it.
"""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from casso import db
from casso.enums import MessageKind
from casso.models import Message
from tests.flows.browser import signed_in
from tests.servers.inside import inside, kill, process_states, wait_for_another, wait_until
from tests.servers.product import PASSWORD, Product, letter, product
from tests.servers.smtp_sink import SmtpSink, smtp_sink

pytestmark = pytest.mark.browser
MIA, SUPPORT = "Mia <mia@lotus.example>", "support@northwind.example"
CANARY = "Canary-7f3a91"


@pytest.fixture(scope="module")
def sink() -> Iterator[SmtpSink]:
    """The customers' mail server."""
    with smtp_sink() as found:
        yield found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sink: SmtpSink) -> Iterator[Product]:
    """A running desk with two organizations and no undo time."""
    folder: Path = tmp_path_factory.mktemp("typing")
    with product(folder, CASSO_MAIL_OUT=f"{sink.url}?starttls=off") as found:
        found.set_up()
        found.run(
            "setup",
            "--another",
            "--organization=Southwind",
            "--email=sam@southwind.example",
            "--name=Sam Hill",
            "--mailbox=help@southwind.example",
            "--password-stdin",
            stdin=PASSWORD.encode(),
        )
        with inside(found) as look:
            look.send_at_once()
        found.start()
        yield found


def mail_in(desk: Product, subject: str, text: str, *, answers: str = "") -> str:
    """A customer's mail; returns its Message-ID."""
    key = f"<{re.sub('[^a-z0-9]', '-', text.lower())[:40]}@lotus.example>"
    more = {"In_Reply_To": answers, "References": answers} if answers else {}
    desk.mail(letter(MIA, SUPPORT, subject, text, Message_ID=key, **more))
    return key


def opened(page: Page, subject: str) -> None:
    """Open a ticket by its row."""
    page.locator("[data-ticket]", has_text=subject).first.click()
    expect(page.get_by_role("heading", name=subject)).to_be_visible()
    expect(page.locator("article")).not_to_have_count(0)


def frames_of(page: Page) -> list[str]:
    """Everything that the socket will bring from now on; the page is loaded anew to see it opened."""
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(str(data))))
    page.reload()
    return frames


@contextmanager
def no_web_process(desk: Product) -> Iterator[None]:
    """The web process dies and stays dead until the block ends: the supervisor is held still."""
    assert desk.process is not None
    desk.process.send_signal(signal.SIGSTOP)
    dead = process_states(desk)["web"]["pid"]
    assert dead is not None
    os.killpg(dead, signal.SIGKILL)
    try:
        yield
    finally:
        desk.process.send_signal(signal.SIGCONT)
    wait_for_another(desk, "web", dead)


def replies_of(desk: Product, text: str) -> int:
    """How many answers with this text the database has."""
    with inside(desk) as look:
        here = look.owner().organization_id
        with db.reading(here) as session:
            found = session.exec(
                select(Message.text).where(Message.organization_id == here, Message.kind == MessageKind.REPLY)
            ).all()
    return sum(text in body for body in found)


def test_typed_text_survives_pushes_and_a_dead_web_process_and_is_sent_once(
    browser: Browser, desk: Product, sink: SmtpSink
) -> None:
    first = mail_in(desk, "Broken glasses", "Two glasses are broken.")
    page = signed_in(browser, desk)
    opened(page, "Broken glasses")
    area = page.locator("#casso-text")
    area.press_sequentially("Hello Mia, ", delay=5)
    mail_in(desk, "Re: Broken glasses", "And a plate as well.", answers=first)
    area.press_sequentially("we are sorry about the glasses ", delay=25)
    expect(page.get_by_text("And a plate as well.").first).to_be_visible()
    area.press_sequentially("and the plate. ", delay=5)
    expect(area).to_have_value("Hello Mia, we are sorry about the glasses and the plate. ")
    expect(area).to_be_focused()

    dead = kill(desk, "web")
    area.press_sequentially("New ones ", delay=5)
    wait_for_another(desk, "web", dead)
    mail_in(desk, "Re: Broken glasses", "Hello? Are you there?", answers=first)
    area.press_sequentially("are on their way.", delay=5)
    expect(page.get_by_text("Hello? Are you there?").first).to_be_visible(timeout=20_000)
    text = "Hello Mia, we are sorry about the glasses and the plate. New ones are on their way."
    expect(area).to_have_value(text)

    page.locator("form.composer button[type=submit]:visible").dblclick()
    expect(page.locator("article", has_text=text)).to_have_count(1)
    expect(area).to_have_value("")
    sink.wait_for(1)
    page.wait_for_timeout(1500)
    assert len(sink.mails) == 1
    assert replies_of(desk, text) == 1


def test_a_reply_sent_into_a_dying_web_process_is_written_once_and_settles_by_itself(
    browser: Browser, desk: Product, sink: SmtpSink
) -> None:
    """Nobody presses anything a second time; while there is no process, the screen says what it waits for."""
    mail_in(desk, "Lost parcel", "Where is my parcel?")
    page = signed_in(browser, desk)
    opened(page, "Lost parcel")
    before = len(sink.mails)
    area, send = page.locator("#casso-text"), page.locator("form.composer button[type=submit]:visible")
    area.fill("It is in Lyon.")
    with no_web_process(desk):
        send.click()
        expect(page.locator("form.composer .hint")).to_contain_text("No connection")
        expect(area).not_to_be_editable()
    expect(area).to_have_value("", timeout=20_000)
    expect(area).to_be_editable()
    expect(page.locator("article", has_text="It is in Lyon.")).to_have_count(1)
    sink.wait_for(before + 1)
    page.wait_for_timeout(1500)
    assert len(sink.mails) == before + 1
    assert replies_of(desk, "It is in Lyon.") == 1


def test_a_reply_pressed_while_nothing_answers_goes_once_when_the_desk_is_back(
    browser: Browser, desk: Product, sink: SmtpSink
) -> None:
    mail_in(desk, "Late parcel", "When does it come?")
    page = signed_in(browser, desk)
    opened(page, "Late parcel")
    before = len(sink.mails)
    area = page.locator("#casso-text")
    with no_web_process(desk):
        expect(page.locator(".offline")).to_be_visible()
        area.fill("On Friday.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("form.composer .hint")).to_contain_text("No connection")
        page.keyboard.press("Control+Enter")
    expect(area).to_have_value("", timeout=20_000)
    expect(page.locator("article", has_text="On Friday.")).to_have_count(1)
    sink.wait_for(before + 1)
    page.wait_for_timeout(1500)
    assert len(sink.mails) == before + 1
    assert replies_of(desk, "On Friday.") == 1


def test_other_screens_of_the_organization_follow_and_other_organizations_see_nothing(
    browser: Browser, desk: Product
) -> None:
    one, two = signed_in(browser, desk), signed_in(browser, desk)
    stranger = signed_in(browser, desk, email="sam@southwind.example")
    theirs, ours = frames_of(stranger), frames_of(two)
    expect(stranger.get_by_text("help@southwind.example").first).to_be_visible()
    key = mail_in(desk, CANARY, f"{CANARY} is what I ordered.")
    for page in (one, two):
        expect(page.locator("[data-ticket]", has_text=CANARY).first).to_be_visible(timeout=4000)
        opened(page, CANARY)
    one.locator("#casso-text").fill("An answer for everybody to see.")
    one.locator("form.composer button[type=submit]:visible").click()
    expect(two.locator("article", has_text="An answer for everybody to see.")).to_have_count(1)
    one.locator(".chead [data-key='e']").click()
    expect(two.locator(".chead .meta")).to_contain_text("Solved")
    mail_in(desk, f"Re: {CANARY}", f"{CANARY} again.", answers=key)
    expect(two.get_by_text(f"{CANARY} again.").first).to_be_visible()
    expect(stranger.locator("[data-ticket='1']")).to_have_count(0)
    assert theirs
    assert any(CANARY in frame for frame in ours)
    assert not any(CANARY in frame or "lotus" in frame for frame in theirs)
    assert CANARY not in stranger.content()


def test_a_stranger_who_types_the_address_finds_nothing(browser: Browser, desk: Product) -> None:
    mail_in(desk, "Secret matter", "Nobody else may read this.")
    with inside(desk) as look:
        wait_until("the ticket", lambda: look.count_tickets() >= 1)
    stranger = signed_in(browser, desk, email="sam@southwind.example")
    stranger.goto(f"{desk.url}/tickets/1")
    expect(stranger.get_by_text("There is no ticket").first).to_be_visible()
    assert stranger.request.get(f"{desk.url}/mail/1").status == 404
