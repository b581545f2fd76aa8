"""A person's addresses count as one network, whatever their kind."""

import pytest

from casso.rules.networks import network_of


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("192.0.2.255", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2::9", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::1", "2001:db8:1::/48"),
        ("::1", "::/48"),
        (" 192.0.2.7 ", "192.0.2.0/24"),
        ("", ""),
        ("somewhere", "somewhere"),
        ("fe80::1%eth0", "fe80::/48"),
    ],
)
def test_an_address_belongs_to_its_network(ip: str, network: str) -> None:
    assert network_of(ip) == network


def test_what_is_no_address_is_cut() -> None:
    assert len(network_of("x" * 5000)) == 64
