"""The subject line, the thread and the HTML of an answer."""

import pytest

from casso.rules.outgoing_text import references_for, reply_subject, text_to_html


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("Invoice", "Re: Invoice [#7]"),
        ("Re: Invoice", "Re: Invoice [#7]"),
        ("AW: Re: RE[2]: Invoice [#7]", "Re: Invoice [#7]"),
        ("", "Re: [#7]"),
        ("Re:", "Re: [#7]"),
        ("Rebate", "Re: Rebate [#7]"),
        ("Invoice [#70]", "Re: Invoice [#70] [#7]"),
        ("a\r\nBcc: evil@x.example", "Re: a Bcc: evil@x.example [#7]"),
    ],
)
def test_neither_prefix_nor_number_is_doubled(subject: str, line: str) -> None:
    assert reply_subject(subject, 7) == line


def test_a_long_subject_is_cut_before_the_number() -> None:
    assert reply_subject("x" * 5000, 7).endswith("x [#7]")
    assert len(reply_subject("x" * 5000, 7)) < 320


def test_references_keep_the_first_and_the_newest_each_once() -> None:
    chain = (*tuple(f"{number}@x" for number in range(50)), "3@x", "49@x")
    found = references_for(chain)
    assert found[0] == "0@x"
    assert found[-1] == "49@x"
    assert len(found) == 20


@pytest.mark.parametrize(
    "bad", ["sha256:abcd", "a b@x", "<a@x>", "", "a@x\r\nBcc: y", "ü@x", "a" * 300 + "@x"]
)
def test_what_is_no_message_id_is_never_referred_to(bad: str) -> None:
    assert references_for(("a@x", bad)) == ("a@x",)


def test_no_text_becomes_a_tag() -> None:
    html = text_to_html('<script>x</script> & "y"')
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_lines_paragraphs_and_links_are_kept() -> None:
    html = text_to_html("Hi,\nsee https://a.example/x?a=1&b=2.\n\nBye")
    assert "<p>Hi,<br>\nsee " in html
    assert '<a href="https://a.example/x?a=1&amp;b=2">https://a.example/x?a=1&amp;b=2</a>.</p>' in html
    assert "<p>Bye</p>" in html


@pytest.mark.parametrize("text", ["javascript:x", "https://", 'https://a.example/"onclick=x', "http://<b>"])
def test_only_web_addresses_become_links_and_none_breaks_out(text: str) -> None:
    html = text_to_html(text)
    assert "javascript" not in html or "href" not in html
    assert '"onclick' not in html
    assert "<b>" not in html
