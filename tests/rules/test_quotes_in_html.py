"""Quotes in HTML: which elements hold them, and answers that stand between or below."""

import pytest

from casso.rules.quoting import has_containers, split_reply
from casso.rules.quoting.htmlquotes import quoted_text


def test_quote_elements_become_quoted_lines() -> None:
    text = quoted_text("<p>One</p><blockquote><p>Two</p><p>Three</p></blockquote><p>Four</p>")
    assert [line for line in text.split("\n") if line.strip(" >")] == ["One", "> Two", "> Three", "Four"]


def test_text_right_inside_a_quote_element_is_quoted_too() -> None:
    assert "> Two" in quoted_text("One<blockquote>Two<br>Three</blockquote>").split("\n")


def test_answers_between_quotes_are_shown_with_them() -> None:
    html = (
        "<div>On 5 Jan 2026, Ada &lt;ada@calc.example&gt; wrote:</div><blockquote type=cite>One?</blockquote>"
        "<p>Yes.</p><blockquote type=cite>Two?</blockquote><p>No.</p>"
    )
    reply = split_reply("", html)
    assert [word for word in ("One?", "Yes.", "Two?", "No.") if word in reply] == [
        "One?",
        "Yes.",
        "Two?",
        "No.",
    ]


def test_an_answer_below_one_quote_is_shown_alone() -> None:
    head = "<div>Am 05.01.26 um 10:00 schrieb Ada:</div>"
    html = head + "<blockquote type=cite><p>One?</p></blockquote><p>Yes, below.</p>"
    assert split_reply("", html) == "Yes, below."


def test_a_quotation_in_the_middle_of_a_letter_stays() -> None:
    html = "<p>As the poet says:</p><blockquote>So it goes.</blockquote><p>And so do I.</p>"
    assert "So it goes." in split_reply("", html)


def test_a_mail_that_is_all_quote_is_shown() -> None:
    assert "One?" in split_reply("", "<blockquote>One?</blockquote>")


@pytest.mark.parametrize(
    "element",
    [
        '<div class="gmail_quote gmail_quote_container">One?</div>',
        '<div class="protonmail_quote">One?</div>',
        '<blockquote class="tutanota_quote">One?</blockquote>',
        '<div class="zmail_extra">One?</div>',
        '<div id="mail-editor-reference-message-container">One?</div>',
        '<span id="OLK_SRC_BODY_SECTION">One?</span>',
        '<div id="isReplyContent">One?</div>',
        '<hr id="stopSpelling"><p>One?</p>',
        '<div class="OutlookMessageHeader">Von: Ada</div><p>One?</p>',
        '<div class="ms-outlook-mobile-reference-message">x</div><p>One?</p>',
    ],
)
def test_elements_of_many_clients_are_known(element: str) -> None:
    html = f"<p>Yes.</p>{element}"
    assert has_containers(html)
    assert split_reply("", html) == "Yes."


def test_ordinary_html_is_not_searched_for_quotes() -> None:
    assert not has_containers("<p>One</p><table><tr><td>Two</td></tr></table>")


def test_a_bordered_box_without_a_label_is_no_quote_header() -> None:
    html = '<p>Yes.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt">Greetings</div>'
    assert "Greetings" in split_reply("", html)


def test_private_signs_of_a_sender_do_not_open_quotes() -> None:
    assert split_reply("", "<blockquote></blockquote><p>\ue000</p><p>new text</p>").endswith("new text")
