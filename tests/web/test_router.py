"""Every plain route says who may call it; the caller's address is believed only through known proxies."""

import pytest
from starlette.requests import Request

from casso.web import router


def test_every_route_of_the_product_declares_who_may_call_it_and_a_sane_body() -> None:
    found = router.all_routes()
    assert "/healthz" in {known.path for known in found}
    for known in found:
        assert isinstance(known.who, router.Who)
        assert 0 < known.max_body <= 60 * 1024 * 1024, known.path


def test_two_handlers_for_one_address_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router, "_registered", {})

    async def first(request: Request) -> router.Response: ...  # type: ignore[empty-body]

    async def second(request: Request) -> router.Response: ...  # type: ignore[empty-body]

    router.route("/x", who=router.Who.ANYONE)(first)
    with pytest.raises(ValueError, match="two handlers"):
        router.route("/x", who=router.Who.ANYONE)(second)


def request_from(forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded.splitlines()]
    return Request({"type": "http", "client": ("10.0.0.9", 1), "headers": headers})


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        ("0", "1.2.3.4", "10.0.0.9"),
        ("1", "1.2.3.4", "1.2.3.4"),
        ("1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("2", "6.6.6.6, 1.2.3.4, 5.5.5.5", "1.2.3.4"),
        ("2", "1.2.3.4", "10.0.0.9"),
        ("1", "", "10.0.0.9"),
        ("1", "6.6.6.6\n1.2.3.4", "1.2.3.4"),
        ("2", "6.6.6.6\n1.2.3.4\n5.5.5.5", "1.2.3.4"),
    ],
)
def test_the_callers_address_is_taken_through_exactly_the_known_proxies(
    data_dir: object, monkeypatch: pytest.MonkeyPatch, hops: str, forwarded: str, expected: str
) -> None:
    monkeypatch.setenv("CASSO_PROXY_HOPS", hops)
    router.settings.cache_clear()
    assert router.client_ip(request_from(forwarded)) == expected


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/a?b=c&d", "/ä"])
def test_the_way_back_after_sign_in_is_quoted(path: str) -> None:
    location = router.to_sign_in(path).headers["location"]
    assert location.startswith("/sign-in?next=/")
    assert "\\" not in location
    assert location.count("?") == 1
