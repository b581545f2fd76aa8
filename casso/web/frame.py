"""The page inside a mail's frame: sanitised HTML under a policy of its own, without scripts or forms.

Remote images load only with `?images=1`, which the screen adds after the agent agreed:
then the policy itself lets them through, and not before.
"""

import asyncio
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from casso.errors import CassoError
from casso.queries.tickets import MessageFrame, get_message_frame
from casso.rules.sanitize import for_frame
from casso.web.router import Who, actor_of, route
from casso.words import word

SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
_PAGE = """<!doctype html>
<html lang="">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
@font-face{{font-family:Inter;src:url("/fonts/inter-latin.woff2") format("woff2");font-weight:400 700;\
font-display:swap;unicode-range:U+0-FF,U+2000-206F,U+20AC}}
:root{{color-scheme:light}}
html{{overflow-y:hidden;overflow-x:auto}}
body{{margin:0;font:14px/20px Inter,system-ui,sans-serif;color:#1f1f1d;background:#fff;\
overflow-wrap:anywhere}}
body>:first-child{{margin-top:0}}
body>:last-child{{margin-bottom:0}}
img{{max-width:100%;height:auto}}
img:not([src]){{display:none}}
pre{{white-space:pre-wrap;font:inherit;margin:0}}
table{{max-width:100%}}
blockquote{{margin:0 0 0 8px;padding-left:10px;border-left:2px solid #d8d7d2}}
a{{color:#4338ca}}
details.quote>summary{{display:inline-block;list-style:none;cursor:pointer;margin:8px 0;padding:0 8px;\
border-radius:6px;background:#f5f5f3;color:#5d5c57;line-height:20px;min-width:24px;text-align:center}}
details.quote>summary::-webkit-details-marker{{display:none}}
:root[data-theme=dark] body{{padding:12px;border-radius:8px}}
@media (prefers-color-scheme:dark){{:root:not([data-theme=light]) body{{padding:12px;border-radius:8px}}}}
</style>
</head>
<body dir="auto">{body}</body>
</html>
"""


@route("/mail/{message_id:int}", who=Who.SESSION)
async def frame(request: Request) -> Response:
    """One message as a page of its own. 404 whether it does not exist or is another organization's."""
    actor = actor_of(request)
    try:
        found = await asyncio.to_thread(get_message_frame, actor, request.path_params["message_id"])
    except CassoError:
        return PlainTextResponse("not found\n", status_code=404)
    show_remote = request.query_params.get("images") == "1"
    body = await asyncio.to_thread(_body, found, show_remote, word(actor.locale, "message.quoted"))
    page = _PAGE.format(title=escape(word(actor.locale, "message.frame")), body=body)
    return HTMLResponse(
        page,
        headers={
            "Content-Security-Policy": policy(show_remote=show_remote),
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "private, no-store",
        },
    )


def policy(*, show_remote: bool) -> str:
    """What the frame may load: our own files, and images from elsewhere only when the agent agreed."""
    images = "img-src 'self' https: http:" if show_remote else "img-src 'self'"
    return (
        f"default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; font-src 'self'; {images}; "
        f"form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"
    )


def _body(found: MessageFrame, show_remote: bool, summary: str) -> str:
    if not found.html:
        return f"<pre>{escape(found.full_text or found.text)}</pre>"
    return for_frame(found.html, cid_urls=found.cid_urls, show_remote=show_remote, summary=summary)
