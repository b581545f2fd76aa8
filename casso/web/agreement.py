"""The two boxes to tick before an account is made: the texts, and the age. The version travels along."""

from html import escape

from casso.services.agreements import Agreement, versions_today
from casso.web import pages
from casso.words import word
from casso.words.policies import PolicyKind, policy

_BOX = """<label class="check"><input type="checkbox" name="{name}" value="yes" required{ticked}>\
<span>{text}</span></label>"""


def agreement_part(locale: str, sent: dict[str, str] | None = None) -> str:
    """Both boxes and the versions; `sent` is what came with a form that is shown again."""
    before = sent or {}
    versions = versions_today()
    agree = escape(word(locale, "web.agree"))
    for path, name in (("/privacy", "privacy_policy"), ("/terms", "terms_of_use")):
        way = f'<a class="link" href="{path}" target="_blank">{escape(word(locale, f"web.{name}"))}</a>'
        agree = agree.replace("{" + name + "}", way)
    shown = {kind.value: policy(kind).version for kind in PolicyKind}
    hint = f'<p class="hint">{escape(word(locale, "web.agree_versions", **shown))}</p>'
    adult = escape(word(locale, "web.adult"))
    return (
        f'<div class="field checks">{_box("agree", agree, before)}{_box("adult", adult, before)}{hint}</div>'
        + pages.hidden("versions", versions)
    )


def agreement_of(sent: dict[str, str]) -> Agreement:
    """What a form says."""
    return Agreement(
        has_agreed=sent.get("agree") == "yes",
        is_adult=sent.get("adult") == "yes",
        versions=sent.get("versions", ""),
    )


def _box(name: str, text: str, before: dict[str, str]) -> str:
    return _BOX.format(name=name, text=text, ticked=" checked" if before.get(name) == "yes" else "")
