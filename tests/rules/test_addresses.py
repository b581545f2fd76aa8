"""What we put into mail must be recognised when it returns, and nothing else may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casso.rules.addresses import (
    LOCAL_PART_LIMIT,
    OwnMessageId,
    bounce_address,
    forms_of,
    new_reply_token,
    own_message_id,
    plain_text,
    read_bounce_address,
    read_bounce_tag,
    read_own_message_id,
    reply_address,
    reply_token_of,
    signed_tags,
    split_tag,
    without_tags,
)

KEYS = ("new key " * 4, "old key " * 4)


def test_reply_address_gives_its_token_back_in_any_case() -> None:
    token = new_reply_token()
    address = reply_address("support@desk.example", token)
    assert address == f"support+{token}@desk.example"
    assert reply_token_of(address.upper()) == token


def test_a_token_has_at_least_80_random_bits() -> None:
    tokens = {new_reply_token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(len(token) * 5 >= 80 for token in tokens)


def test_a_mailbox_with_a_plus_of_its_own_still_carries_a_token() -> None:
    token = new_reply_token()
    assert reply_token_of(reply_address("help+shop@desk.example", token)) == token


@pytest.mark.parametrize("address", ["support@desk.example", "support+sales@desk.example", "", "x", "+@"])
def test_an_ordinary_address_has_no_token(address: str) -> None:
    assert reply_token_of(address) == ""


def test_a_long_local_part_stays_within_64_octets() -> None:
    address = reply_address("s" * 60 + "@desk.example", new_reply_token())
    assert len(address.partition("@")[0]) <= LOCAL_PART_LIMIT


def test_plus_addressing_is_taken_off() -> None:
    assert split_tag("Support+Shop@Desk.Example") == ("support@desk.example", "shop")
    assert split_tag("support@desk.example") == ("support@desk.example", "")
    assert split_tag("+odd@desk.example") == ("+odd@desk.example", "")


def test_forms_of_an_address_lose_one_tag_after_another() -> None:
    assert forms_of("A+b+c@x.example") == ("a+b+c@x.example", "a+b@x.example", "a@x.example")
    assert forms_of("+a@x.example") == ("+a@x.example",)


def test_own_message_id_says_ticket_and_message() -> None:
    value = own_message_id(12, 345, host="desk.example", keys=KEYS)
    assert read_own_message_id(f"<{value}>", KEYS) == OwnMessageId(12, 345)


def test_own_message_id_of_an_older_key_still_counts() -> None:
    value = own_message_id(12, 345, host="desk.example", keys=KEYS[1:])
    assert read_own_message_id(value, KEYS) == OwnMessageId(12, 345)


def test_own_message_id_with_another_number_is_a_forgery() -> None:
    value = own_message_id(12, 345, host="desk.example", keys=KEYS)
    assert read_own_message_id(value.replace(".12.", ".13."), KEYS) is None
    assert read_own_message_id(value, ("foreign key " * 3,)) is None


def test_bounce_address_names_its_message_and_cannot_be_made_up() -> None:
    address = bounce_address("support@desk.example", 345, KEYS)
    assert read_bounce_address(address, KEYS) == 345
    assert read_bounce_address(address.replace("b345", "b346"), KEYS) is None
    assert read_bounce_address("support@desk.example", KEYS) is None


def test_a_bounce_address_is_no_reply_address() -> None:
    assert reply_token_of(bounce_address("support@desk.example", 345, KEYS)) == ""


def test_a_message_id_hash_does_not_open_a_bounce_address() -> None:
    mac = own_message_id(1, 345, host="h", keys=KEYS).split(".")[3].partition("@")[0]
    assert read_bounce_address(f"support+b345-{mac}@desk.example", KEYS) is None


TOKEN = "abcdefghijklmnop2345"
OTHER = "qrstuvwxyz234567abcd"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (f"An: support+{TOKEN}@desk.example", "An: support@desk.example"),
        (f"<a href='mailto:support%2B{TOKEN}@desk.example'>", "<a href='mailto:support@desk.example'>"),
        (f"support&#43;{TOKEN}&#64;desk.example", "support&#64;desk.example"),
        (f"Support+{TOKEN.upper()}@Desk.Example", "Support@Desk.Example"),
        (f"support+sales+{TOKEN}@desk.example", "support+sales@desk.example"),
        (f"support+{TOKEN} at desk.example", "support at desk.example"),
    ],
)
def test_a_signed_address_loses_its_tag_however_it_is_written(text: str, plain: str) -> None:
    assert signed_tags(text) == {TOKEN}
    assert without_tags(text, signed_tags(text)) == plain_text(text) == plain


def test_only_the_tags_named_are_taken_out() -> None:
    text = f"a+{TOKEN}@x.example, b+{OTHER}@x.example, c+sales@x.example"
    assert signed_tags(text) == {TOKEN, OTHER}
    left = f"a@x.example, b+{OTHER}@x.example, c+sales@x.example"
    assert without_tags(text, frozenset({TOKEN})) == left
    assert without_tags(text, frozenset()) == text


def test_a_longer_word_after_a_plus_is_no_tag() -> None:
    assert signed_tags(f"x+{TOKEN}z@x.example 1+1={TOKEN} b+{TOKEN[:-1]}@x.example") == frozenset()


def test_a_bounce_address_loses_its_tag_and_its_tag_alone_can_be_checked() -> None:
    address = bounce_address("support@desk.example", 345, KEYS)
    (tag,) = signed_tags(f"550 <{address}> refused")
    assert plain_text(f"550 <{address}> refused") == "550 <support@desk.example> refused"
    assert read_bounce_tag(tag, KEYS) == 345
    assert read_bounce_tag(tag.replace("345", "346"), KEYS) is None


@given(st.text(alphabet="+%2bB&#43;a2-@", max_size=200))
def test_taking_tags_out_only_ever_shortens_and_leaves_none(text: str) -> None:
    assert len(plain_text(text)) <= len(text)
    assert without_tags(text, frozenset({"never"})) == text


@given(st.text(max_size=120))
def test_odd_input_is_never_an_error(text: str) -> None:
    assert read_own_message_id(text, KEYS) is None
    assert read_bounce_address(text, KEYS) is None
    assert isinstance(reply_token_of(text), str)
    assert isinstance(split_tag(text), tuple)
