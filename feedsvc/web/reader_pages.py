"""The pages of subscribers below ``/-/``: subscribe, confirm, preferences, unsubscribe.

What a page says and does is decided elsewhere; here is only HTTP: methods, bodies, headers. Nothing here sets a cookie,
redirects or asks who somebody is: the token in the address is all there is to know (RFC 8058 section 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs

from anyio import CapacityLimiter, move_on_after
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from feedsvc.errors import FeedsvcError
from feedsvc.observe import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

MAX_BODY_BYTES = 16 * 1024
_MAX_FIELDS = 1_000
_PATIENCE_S = 10.0
"""How long a body may take to arrive."""
_THREADS = 8
"""Answers under way at once: they wait for the store, and leave the threads that serve files alone."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_FORM = "application/x-www-form-urlencoded"

_log = get_logger(__name__)


class ReaderPage(StrEnum):
    """What a page is for, and the name that it has in its address."""

    SUBSCRIBE = "subscribe"
    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What somebody asks of a page.

    Attributes:
        token: The last part of the address, not checked yet; empty where the page has none.
        form: The fields of what was sent, with all their values; None if the page is only looked at.
        client: IP address of who asks, empty if it is not known.
        language: The language that the address names, not checked; empty: none.
        accepted: ``Accept-Language`` as it came.
    """

    page: ReaderPage
    token: str = ""
    form: Mapping[str, list[str]] | None = None
    client: str = ""
    language: str = ""
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """A finished page.

    Attributes:
        status: HTTP status.
        retry_after_s: When it is worth asking again, in seconds; None: say nothing about it.
    """

    body: bytes
    status: int = 200
    retry_after_s: int | None = None


class ReaderPages(Protocol):
    """Answers requests for pages; called in threads, several at once."""

    def __call__(self, request: PageRequest) -> PageAnswer:
        """Return the page, after doing what was asked if something was sent.

        Raises:
            FeedsvcError: It cannot be done now.
        """
        ...


def page_routes(pages: ReaderPages) -> list[Route]:
    """Return the routes of all pages, answered by *pages*."""
    limiter = CapacityLimiter(_THREADS)
    return [
        Route(f"/-/{page}" + ("" if page is ReaderPage.SUBSCRIBE else "/{token}"), endpoint, methods=["GET", "POST"])
        for page in ReaderPage
        for endpoint in [_endpoint(page, pages, limiter)]
    ]


def _endpoint(
    page: ReaderPage, pages: ReaderPages, limiter: CapacityLimiter
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        form = await _sent(page, request)
        if isinstance(form, Response):
            return form
        asked = PageRequest(
            page=page,
            token=request.path_params.get("token", ""),
            form=form,
            client=_client(request),
            language=request.query_params.get("lang", ""),
            accepted=request.headers.get("accept-language", ""),
        )
        return await run_sync(_respond, pages, asked, limiter=limiter)

    return answer


def _respond(pages: ReaderPages, asked: PageRequest) -> Response:
    """Answer in a thread; what fails is logged without the token."""
    try:
        answer = pages(asked)
    except FeedsvcError as error:
        _log.error("pages.failed", page=asked.page.value, detail=str(error))
        return _note("This is not possible at the moment. Try again in a minute.", 503, {"Retry-After": "60"})
    except Exception:
        _log.exception("pages.failed", page=asked.page.value)
        return _note("Something went wrong here.", 500)
    retry = {} if answer.retry_after_s is None else {"Retry-After": str(answer.retry_after_s)}
    return Response(answer.body, answer.status, {**_HEADERS, **retry}, "text/html; charset=utf-8")


async def _sent(page: ReaderPage, request: Request) -> dict[str, list[str]] | Response | None:
    """Return the fields that were sent, None if nothing was, or the answer to what cannot be read."""
    if request.method != "POST":
        return None
    body = await _body(request)
    return body if isinstance(body, Response) else _form(page, request, body)


async def _body(request: Request) -> bytes | Response:
    """Return the whole body, or the answer to one that is too large or does not arrive."""
    received = bytearray()
    try:
        with move_on_after(_PATIENCE_S):
            async for part in request.stream():
                received += part
                if len(received) > MAX_BODY_BYTES:
                    return _note(f"More than {MAX_BODY_BYTES} bytes were sent.", 413, {"Connection": "close"})
            return bytes(received)
    except ClientDisconnect:
        pass  # nobody reads the answer
    return _note("The request did not arrive as a whole.", 408, {"Connection": "close"})


def _form(page: ReaderPage, request: Request, body: bytes) -> dict[str, list[str]] | Response:
    """Return the fields of *body*.

    Where a token stands for the whole wish, the body is not looked at: it says ``List-Unsubscribe=One-Click`` in one
    of two encodings (RFC 8058 section 3.2), and nobody's wish to leave fails because of how their program wrote that.
    """
    if page in (ReaderPage.UNSUBSCRIBE, ReaderPage.CONFIRM):
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return _note(f"This page takes forms as {_FORM}.", 415)
    try:
        return parse_qs(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        return _note("The form has too many fields.", 400)


def _client(request: Request) -> str:
    """Return the IP address of who asks; a proxy on this machine is believed about whom it speaks for."""
    peer = _address(request.client.host if request.client else "")
    if peer and ip_address(peer).is_loopback:
        spoken_for = ",".join(request.headers.getlist("x-forwarded-for"))
        return _address(spoken_for.rpartition(",")[2].strip()) or peer
    return peer


def _address(text: str) -> str:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def _note(text: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{text}\n", status, {**_HEADERS, **(headers or {})})
