"""Sanitised HTML in its frame: images found or held back, history folded, nothing lost."""

import pytest

from casso.rules.html_frame import for_frame
from casso.rules.sanitize import clean_html

FOLD = '<details class="quote"><summary>…</summary>'


def shown(html: str, *, show_remote: bool = False, **cid_urls: str) -> str:
    return for_frame(clean_html(html).html, cid_urls=cid_urls, show_remote=show_remote)


def test_an_inline_image_is_fetched_from_our_own_files() -> None:
    assert '<img src="/files/abc">' in shown('<img src="cid:logo">', logo="/files/abc")


def test_an_inline_image_with_an_encoded_id_is_found() -> None:
    html = clean_html('<img src="cid:a%40b">').html
    assert '<img src="/files/1">' in for_frame(html, cid_urls={"a@b": "/files/1"}, show_remote=False)


def test_an_inline_image_nobody_sent_keeps_no_address() -> None:
    assert shown('<img src="cid:gone" alt="logo">') == '<img alt="logo">'


def test_a_remote_image_loads_nothing_until_agreed() -> None:
    html = '<img src="https://a.example/x.png?a=1&amp;b=2">'
    assert shown(html) == '<img data-src="https://a.example/x.png?a=1&amp;b=2">'
    assert shown(html, show_remote=True) == '<img src="https://a.example/x.png?a=1&amp;b=2">'


def test_an_address_of_ours_cannot_break_out_of_its_attribute() -> None:
    html = clean_html('<img src="cid:x">').html
    assert '"><b>' not in for_frame(html, cid_urls={"x": '/files/"><b>'}, show_remote=False)


def test_text_that_looks_like_an_image_stays_text() -> None:
    html = '<p title=\'<img src="https://a.example">\'>&lt;img src="https://a.example"&gt;</p>'
    assert "data-src" not in shown(html)


QUOTED = {
    "gmail": 'New<div class="gmail_quote x_container"><div class="gmail_attr">On x wrote</div>old</div>',
    "apple": 'New<blockquote type="cite">old</blockquote>',
    "outlook": '<p>New</p><div id="divRplyFwdMsg">From: x</div><div>old</div>',
    "outlook web": '<div>New</div><div id="appendonsend"></div><hr><div>old</div>',
    "outlook desktop": '<p>New</p><div style="border-top:solid #E1E1E1 1.0pt">From</div><p>old</p>',
    "yahoo": 'New<div class="yahoo_quoted">old</div>',
    "proton": 'New<div class="protonmail_quote">old</div>',
    "thunderbird": 'New<div class="moz-cite-prefix">On x</div><blockquote type="cite">old</blockquote>',
}


@pytest.mark.parametrize("program", QUOTED)
def test_history_is_folded_and_nothing_is_lost(program: str) -> None:
    html = shown(QUOTED[program])
    before, fold, inside = html.partition(FOLD)
    assert fold
    assert "New" in before
    assert "old" in inside
    assert html.replace(FOLD, "").replace("</details>", "") == clean_html(QUOTED[program]).html


def test_what_stands_below_a_quotation_stays_open() -> None:
    html = shown('New<blockquote type="cite">old</blockquote><p>below</p>')
    assert html.endswith("</blockquote></details><p>below</p>")


def test_a_prefix_line_folds_with_its_quotation() -> None:
    assert shown(QUOTED["thunderbird"]).index(FOLD) < shown(QUOTED["thunderbird"]).index("On x")


def test_only_the_outermost_quotation_is_folded() -> None:
    html = shown('New<blockquote type="cite">a<blockquote type="cite">b</blockquote></blockquote>')
    assert html.count("<details") == 1


@pytest.mark.parametrize(
    "html",
    [
        '<blockquote type="cite">only this</blockquote>',
        '<div class="gmail_quote">forwarded</div>',
        'a<blockquote type="cite">q1</blockquote>answer<blockquote type="cite">q2</blockquote>',
        "<blockquote>a quotation of the writer's own</blockquote>text",
        "plain",
        "",
    ],
)
def test_nothing_is_folded_when_nothing_else_remains_or_answers_stand_between(html: str) -> None:
    assert "<details" not in shown(html)


def test_the_word_on_the_fold_is_escaped() -> None:
    html = clean_html(QUOTED["apple"]).html
    assert "<summary>&lt;b&gt;</summary>" in for_frame(html, cid_urls={}, show_remote=False, summary="<b>")
