"""Google, GitHub and any OpenID Connect provider as places to sign in with.

A provider hands over who somebody is: its own unchanging `subject` and perhaps an
address, which counts only when the provider says that it verified it. What that
means for an account is for services/identities.py to decide.
"""

from casso.gateways.identity.providers import Provider, find_provider, list_providers
from casso.gateways.identity.signing_in import Flow, Identity, authorize_url, fetch_identity, new_flow

__all__ = [
    "Flow", "Identity", "Provider", "authorize_url", "fetch_identity", "find_provider", "list_providers",
    "new_flow",
]  # fmt: skip
