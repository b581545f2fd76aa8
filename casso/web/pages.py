"""The plain HTML pages: small templates, every value escaped, every word from the catalogue, no script.

A page is a title and parts; a part is HTML made here. Text from people or from a
request becomes HTML only through `escape`.
"""

from datetime import timedelta
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from casso.config import settings
from casso.errors import CassoError, TooManyTries
from casso.rules.session_limits import ABSOLUTE_LIMIT
from casso.words import best_locale, word

_PAGE = """<!doctype html>
<html lang="{locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title} · {app}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/tokens.css">
<link rel="stylesheet" href="/public.css">{script}
</head>
<body class="public">
<main{look}>
<div class="brand"><img src="/logo.svg" alt="" width="28" height="28">{app}</div>
<section class="auth-card">
<div><h1>{title}</h1><p class="lead">{lead}</p></div>
{body}
</section>
{foot}
</main>
</body>
</html>
"""
_FORM = """<form method="post" action="{action}">
{parts}
<button class="btn{look}" type="submit">{button}</button>
</form>"""
_FIELD = """<div class="field"><label for="{name}">{label}</label>
<input class="input{look}" id="{name}" name="{name}" type="{kind}" value="{value}" \
autocomplete="{fill}" maxlength="{longest}"{more}>
{hint}</div>"""
_CHOICE = """<div class="field"><label for="{name}">{label}</label>
<select class="input" id="{name}" name="{name}" aria-describedby="{name}-hint">{options}</select>
<span class="hint" id="{name}-hint">{hint}</span></div>"""


def locale_of(request: Request) -> str:
    """The language a signed-out visitor gets: what their browser asks for."""
    return best_locale(request.headers.get("accept-language", ""))


def page(
    locale: str, *, title: str, lead: str, body: str, status: int = 200, script: str = "", look: str = ""
) -> HTMLResponse:
    """A whole page; `title` and `lead` are text, `body` is HTML made with the functions below.

    `script` names one of our own files; the page must work without it. `look` is `wide` for a text.
    """
    html = _PAGE.format(
        locale=escape(locale),
        app=escape(word(locale, "app.name")),
        title=escape(title),
        lead=escape(lead),
        body=body,
        foot=_foot(locale),
        look=f' class="{escape(look)}"' if look else "",
        script=f'\n<script src="{escape(script)}" defer></script>' if script else "",
    )
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})


def _foot(locale: str) -> str:
    """Privacy, terms, and whom to ask: under every page."""
    links = [("/privacy", word(locale, "web.privacy")), ("/terms", word(locale, "web.terms"))]
    if settings().operator_email:
        links.append((f"mailto:{settings().operator_email}", settings().operator_name))
    shown = "".join(f'<a href="{escape(target)}">{escape(text)}</a>' for target, text in links)
    return f"<footer>{shown}</footer>"


def form(*parts: str, action: str, button: str, look: str = "primary") -> str:
    """A form that posts to our own path."""
    return _FORM.format(
        action=escape(action),
        parts="\n".join(part for part in parts if part),
        button=escape(button),
        look=f" {look}" if look else "",
    )


def field(
    name: str,
    label: str,
    *,
    kind: str = "text",
    value: str = "",
    fill: str = "off",
    hint: str = "",
    longest: int = 200,
    is_required: bool = True,
    is_first: bool = False,
    look: str = "",
) -> str:
    """One labelled input; `fill` is the autocomplete name, so that password managers work."""
    more = (" required" if is_required else "") + (" autofocus" if is_first else "")
    shown_hint = f'<span class="hint" id="{escape(name)}-hint">{escape(hint)}</span>' if hint else ""
    if hint:
        more += f' aria-describedby="{escape(name)}-hint"'
    return _FIELD.format(
        name=escape(name),
        label=escape(label),
        kind=kind,
        value=escape(value),
        fill=fill,
        longest=longest,
        more=more,
        hint=shown_hint,
        look=f" {look}" if look else "",
    )


def choice(name: str, label: str, options: tuple[str, ...], *, value: str, hint: str = "") -> str:
    """One labelled drop-down, for values that say themselves."""
    shown = "".join(f"<option{' selected' if one == value else ''}>{escape(one)}</option>" for one in options)
    return _CHOICE.format(name=escape(name), label=escape(label), options=shown, hint=escape(hint))


def link(target: str, text: str) -> str:
    """A link to our own page, below a form."""
    return f'<p class="more"><a class="link" href="{escape(target)}">{escape(text)}</a></p>'


def way(target: str, text: str) -> str:
    """The way on to our own path, where there is nothing to send."""
    return f'<a class="btn primary" href="{escape(target)}">{escape(text)}</a>'


def note(text: str) -> str:
    """What went well, above a form."""
    return f'<p class="notice good" role="status">{escape(text)}</p>'


def strength(locale: str, score: int) -> str:
    """How good the password was that has just been sent: a bar of four and a word."""
    said = word(locale, "web.strength", said=word(locale, f"strength.{score}"))
    return (
        f'<div class="strength s{score}"><span aria-hidden="true"><i></i><i></i><i></i><i></i></span>'
        f"{escape(said)}</div>"
    )


def name_for_password_managers(email: str) -> str:
    """Whose password it is: a browser that keeps passwords asks for it, a person sees it above."""
    return f'<input type="text" name="email" value="{escape(email)}" autocomplete="username" readonly hidden>'


def hidden(name: str, value: str) -> str:
    """A value that travels along."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def problem(locale: str, error: CassoError | None) -> str:
    """What was wrong, said where a screen reader reads it at once."""
    if error is None:
        return ""
    text = word(locale, error.key, **error.values)
    return f'<div class="field"><p class="wrong" role="alert">{escape(text)}</p></div>'


def status_of(error: CassoError | None, *, refused: int = 422) -> int:
    """200, 429 for whoever tries too often, or `refused`."""
    if error is None:
        return 200
    return 429 if isinstance(error, TooManyTries) else refused


def go_to(target: str) -> Response:
    """Go to our own path with a full page load."""
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


def set_cookie(response: Response, name: str, value: str, *, life: timedelta) -> None:
    """A cookie that scripts and other sites never get."""
    response.set_cookie(
        name,
        value,
        max_age=int(life.total_seconds()),
        path="/",
        secure=settings().is_https,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget a cookie of ours."""
    response.delete_cookie(name, path="/", secure=settings().is_https, httponly=True, samesite="lax")


def with_session(target: str, token: str) -> Response:
    """Go to our own path with a fresh session cookie."""
    response = go_to(target)
    set_cookie(response, settings().session_cookie, token, life=ABSOLUTE_LIMIT)
    return response


def without_session(target: str) -> Response:
    """Go to our own path and forget the cookie."""
    response = go_to(target)
    drop_cookie(response, settings().session_cookie)
    return response
