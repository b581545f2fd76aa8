"""The Reflex app: pages, the guard in front of every event, and our HTTP routes around everything.

Nothing is decided here. Imported by the web process (through Granian's factory)
and by the front-end build.
"""

import reflex as rx

from casso.ui import guard, live, pages, policy, pulse, usage
from casso.ui.leave import leave_watch
from casso.ui.problems import on_backend_error, on_browser_error
from casso.web.asgi import protect

app = rx.App(
    toaster=None,
    reset_style=False,
    stylesheets=list(pages.STYLESHEETS),
    app_wraps={},
    extra_app_wraps={(1, "Leave"): lambda _stateful: leave_watch()},
    head_components=list(pages.HEAD),
    html_lang="en",
    frontend_exception_handler=on_browser_error,
    backend_exception_handler=on_backend_error,
    api_transformer=protect,
)
for page in pages.PAGES:
    app.add_page(page.draw, route=page.route, title=page.title, on_load=page.on_load)

app.add_middleware(guard.Guard(), index=0)
app.register_lifespan_task(live.watch, desk=app)
app.register_lifespan_task(pulse.pulse)
app.register_lifespan_task(usage.keep_usage)
policy.check_registry()
