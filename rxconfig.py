"""What Reflex must know at build and at start: names, addresses, and everything switched off that calls home.

The Radix theme, the toaster, the badge and the sitemap stay out: they are most
of a first load and Casso draws its own (docs/decisions.md, "First load").
"""

import os

import reflex as rx

from casso.config import settings
from casso.ui.same_origin import SameOriginPlugin

os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "0")

_LOOPBACK_ORIGINS = [f"http://{name}:{settings().port}" for name in ("localhost", "127.0.0.1", "[::1]")]

config = rx.Config(
    app_name="casso",
    api_url="http://localhost:3000",
    deploy_url=None,
    backend_host=settings().host,
    backend_port=settings().port,
    frontend_port=settings().port,
    cors_allowed_origins=[settings().url, *_LOOPBACK_ORIGINS],
    trusted_proxy_hops=settings().proxy_hops,
    redis_url=settings().redis_url or None,
    state_manager_mode=(
        rx.constants.StateManagerMode.REDIS if settings().redis_url else rx.constants.StateManagerMode.MEMORY
    ),
    telemetry_enabled=False,
    show_built_with_reflex=False,
    react_strict_mode=False,
    frontend_lazy_bundled_libraries=True,
    frontend_compression_formats=["brotli", "gzip"],
    plugins=[SameOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
