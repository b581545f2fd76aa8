"""The privacy policy and the terms of use: public pages without script, the same for everybody.

The frame speaks the reader's language, the text is the operator's own, in English as shipped.
"""

import asyncio
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from casso.rules.policy_text import Block, BlockKind, read_blocks, read_title
from casso.web import pages
from casso.web.router import Who, route
from casso.words import word
from casso.words.formats import format_date
from casso.words.policies import Policy, PolicyKind, contact_email, policy


@route("/privacy", who=Who.ANYONE)
async def privacy(request: Request) -> Response:
    """The privacy policy."""
    return await _page(request, PolicyKind.PRIVACY)


@route("/terms", who=Who.ANYONE)
async def terms(request: Request) -> Response:
    """The terms of use."""
    return await _page(request, PolicyKind.TERMS)


async def _page(request: Request, kind: PolicyKind) -> Response:
    found = await asyncio.to_thread(policy, kind)
    body = "\n".join(_html(block) for block in read_blocks(found.text))
    locale = pages.locale_of(request)
    language = f' lang="{found.language}"' if found.language else ""
    return pages.page(
        locale,
        title=read_title(found.text),
        lead=_lead(locale, found),
        body=f'<div class="prose"{language}>{body}</div>',
        look="wide",
    )


def _lead(locale: str, found: Policy) -> str:
    if found.updated_on is None:
        return word(locale, "web.policy_version", version=found.version)
    return word(
        locale, "web.policy_updated", day=format_date(locale, found.updated_on), version=found.version
    )


def _html(block: Block) -> str:
    tag = block.kind.value
    if block.kind is BlockKind.LIST:
        return "<ul>" + "".join(f"<li>{_linked(line)}</li>" for line in block.lines) + "</ul>"
    return f"<{tag}>{_linked(block.lines[0])}</{tag}>"


def _linked(text: str) -> str:
    """Escaped, with the contact address as a link."""
    address = escape(contact_email())
    return escape(text).replace(address, f'<a class="link" href="mailto:{address}">{address}</a>')
