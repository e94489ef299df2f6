"""HTTP: the published folder and the operator's addresses, on Starlette and uvicorn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.web.health import create_operations
from feedsvc.web.reader_pages import PageAnswer, PageRequest, ReaderPage
from feedsvc.web.server import WebServer
from feedsvc.web.static import StaticSite
from feedsvc.web.targets import ascii_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from feedsvc.observe import HealthReport
    from feedsvc.web.reader_pages import ReaderPages

__all__ = ["PageAnswer", "PageRequest", "ReaderPage", "WebServer", "create_app"]

_OPERATIONS = "/-/"


def create_app(
    folder: str,
    site_url: str,
    probe: Callable[[], HealthReport],
    *,
    max_age_s: int,
    pages: ReaderPages | None = None,
) -> ASGIApp:
    """Return the web application.

    Documents are answered by a bare ASGI callable, which is a third faster than a route; everything below ``/-/``
    by Starlette.

    Args:
        folder: The published files, served at the root of the site.
        site_url: Public address of the site; all links and redirects start with it.
        probe: Tells how the daemon is; may take its time, is called in a thread.
        max_age_s: How long a document may be used without asking again, in seconds.
        pages: Answers for the pages of subscribers; None: there are none.
    """
    documents = StaticSite(folder, ascii_url(site_url), max_age_s=max_age_s)
    operations = create_operations(probe, pages)

    async def site(scope: Scope, receive: Receive, send: Send) -> None:
        is_document = scope["type"] == "http" and not scope["path"].startswith(_OPERATIONS)
        await (documents if is_document else operations)(scope, receive, send)

    return site
