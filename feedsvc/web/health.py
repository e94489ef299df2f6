"""What lies below ``/-/``: the operator's addresses (is the daemon well, has it started), and subscribers' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import move_on_after
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from feedsvc.observe import HealthCheck, HealthReport
from feedsvc.web.reader_pages import page_routes

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from feedsvc.web.reader_pages import ReaderPages

_PROBE_TIMEOUT_S = 5.0
_FRESH = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def create_operations(probe: Callable[[], HealthReport], pages: ReaderPages | None = None) -> Starlette:
    """Return the application for ``/-/health``, ``/-/ready`` and, if there are any, the *pages* of subscribers.

    *probe* is called in a thread for each request.
    """

    async def health(_: Request) -> Response:
        report = await _ask(probe)
        return JSONResponse(_as_json(report), 200 if report.is_healthy else 503, _FRESH)

    async def ready(_: Request) -> Response:
        report = await _ask(probe)
        text, status = ("ready\n", 200) if report.is_ready else ("starting\n", 503)
        return PlainTextResponse(text, status, _FRESH)

    operations = Starlette(
        routes=[Route("/-/health", health), Route("/-/ready", ready), *(page_routes(pages) if pages else ())],
        exception_handlers={HTTPException: _explain},
    )
    operations.router.redirect_slashes = False  # it would lead to wherever the Host of the request says
    return operations


async def _ask(probe: Callable[[], HealthReport]) -> HealthReport:
    """Return the report; a probe that raises or hangs is a failing check itself, never a missing answer."""
    try:
        with move_on_after(_PROBE_TIMEOUT_S):
            return await run_sync(probe, abandon_on_cancel=True)
    except Exception as error:
        return _failed(f"{type(error).__name__}: {error}")
    return _failed(f"no answer within {_PROBE_TIMEOUT_S:g} seconds")


def _failed(detail: str) -> HealthReport:
    return HealthReport(checks=(HealthCheck("probe", ok=False, detail=detail),), is_ready=False)


def _as_json(report: HealthReport) -> dict[str, object]:
    return {
        "status": "ok" if report.is_healthy else "failing",
        "checks": {check.name: {"ok": check.ok, "detail": check.detail} for check in report.checks},
    }


async def _explain(request: Request, error: Exception) -> Response:
    """Answer in plain text; ``OPTIONS`` is answered with what the address allows."""
    assert isinstance(error, HTTPException)  # noqa: S101
    headers = {**(error.headers or {}), **_FRESH}
    if error.status_code == 405 and request.method == "OPTIONS":
        return Response(status_code=204, headers=headers)
    return PlainTextResponse(f"{error.detail}: try /-/health or /-/ready\n", error.status_code, headers)
