"""What the service says about itself: log lines and health."""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from structlog.typing import Processor

    EventDict = MutableMapping[str, Any]

LogFormat = Literal["auto", "console", "json"]

_VALUES = "feedsvc_values"
"""Attribute of a log record that carries the keys of an event, out of the way of logging's own names."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One question about the service and its answer; ``detail`` is a sentence for the operator."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """All checks at one moment.

    Attributes:
        is_ready: Whether the service can already answer readers, which says nothing about later faults.
    """

    checks: tuple[HealthCheck, ...]
    is_ready: bool

    @property
    def is_healthy(self) -> bool:
        """Tell whether every check passed."""
        return all(check.ok for check in self.checks)


class Logger:
    """Logs named events with keys, for example ``log.info("feed.written", feed="main", entries=3)``.

    Works at any time: before `configure_logging` only warnings and errors appear, on standard error and without
    their keys. Any value may be given; it is made safe when the line is written.
    """

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, /, **values: object) -> None:
        """Log what only a developer wants to see."""
        self._log(logging.DEBUG, event, values)

    def info(self, event: str, /, **values: object) -> None:
        """Log what the service did."""
        self._log(logging.INFO, event, values)

    def warning(self, event: str, /, *, exc_info: BaseException | None = None, **values: object) -> None:
        """Log what the operator should look at some day."""
        self._log(logging.WARNING, event, values, exc_info)

    def error(self, event: str, /, *, exc_info: BaseException | None = None, **values: object) -> None:
        """Log what failed; *exc_info* adds the traceback of that exception."""
        self._log(logging.ERROR, event, values, exc_info)

    def exception(self, event: str, /, **values: object) -> None:
        """Log what failed, with the traceback of the exception being handled."""
        self._log(logging.ERROR, event, values, sys.exc_info()[1])

    def _log(self, level: int, event: str, values: dict[str, object], error: BaseException | None = None) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, "%s", event, exc_info=error, extra={_VALUES: values})


def get_logger(name: str) -> Logger:
    """Return the logger of a module; pass ``__name__``."""
    return Logger(name)


def configure_logging(format: LogFormat, level: str, stream: TextIO | None = None) -> None:  # noqa: A002
    """Send all log events of the process to *stream*, one line each, times in UTC.

    Libraries are heard from WARNING on, feedsvc itself from *level* on. Calling it again replaces the first call.

    Args:
        format: ``console`` for people, ``json`` for machines, ``auto``: console if *stream* is a terminal.
        level: ``debug``, ``info``, ``warning``, ``error`` or ``critical``.
        stream: Standard error by default.

    Raises:
        ValueError: *level* is none of these.
    """
    target = sys.stderr if stream is None else stream
    is_console = format == "console" or (format == "auto" and target.isatty())
    handler = _LineHandler(target)
    handler.setLevel(level.upper())
    handler.setFormatter(_formatter(_console(target) if is_console else _json()))
    root = logging.getLogger()
    for former in [h for h in root.handlers if isinstance(h, _LineHandler)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("feedsvc").setLevel(level.upper())


class _LineHandler(logging.StreamHandler[TextIO]):
    """Our own handler, told apart from handlers that a test runner or an embedding program has set."""

    def format(self, record: logging.LogRecord) -> str:
        """Escape what the stream's encoding cannot carry, as in the C locale."""
        line = super().format(record)
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        try:
            line.encode(encoding)
        except UnicodeEncodeError:
            return "".join(c if c.isascii() else _escape(c) for c in line)
        return line


def _formatter(renderers: list[Processor]) -> logging.Formatter:
    # structlog alone takes longer to import than a small command takes to run
    from structlog.stdlib import ProcessorFormatter

    return ProcessorFormatter(processors=[_take_record, *renderers])


def _take_record(_logger: object, _method: str, event_dict: EventDict) -> EventDict:
    """Put time, level and logger in front of the event's own keys, and the traceback behind them."""
    record: logging.LogRecord = event_dict["_record"]
    taken = {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "level": record.levelname.lower(),
        "event": event_dict["event"],
        "logger": record.name,
    }
    values = {key if key not in taken else f"{key}_": value for key, value in getattr(record, _VALUES, {}).items()}
    trace = {"exception": _traceback(event_dict["exc_info"])} if event_dict.get("exc_info") else {}
    return {**taken, **values, **trace}


def _traceback(exc_info: Any) -> str:  # noqa: ANN401 - logging's own loosely typed triple
    return logging.Formatter().formatException(exc_info)


def _json() -> list[Processor]:
    from structlog.processors import JSONRenderer

    return [JSONRenderer(serializer=_dump)]


def _dump(event: EventDict, **_: object) -> str:
    """Serialise an event; non-printing characters can only stand inside strings, where the escape is JSON."""
    try:
        line = json.dumps(event, ensure_ascii=False, allow_nan=False, default=_text)
    except (TypeError, ValueError):  # odd keys, NaN, a value that contains itself
        line = json.dumps({key: _text(value) for key, value in event.items()}, ensure_ascii=False)
    return printable(line)


def _console(target: TextIO) -> list[Processor]:
    from structlog.dev import ConsoleRenderer, plain_traceback

    colors = target.isatty() and not os.environ.get("NO_COLOR")
    renderer = ConsoleRenderer(colors=colors, sort_keys=False, pad_event_to=24, exception_formatter=plain_traceback)
    return [_make_printable, renderer]


def _make_printable(_logger: object, _method: str, event_dict: EventDict) -> EventDict:
    """Escape every value, so that no file name can begin a line of its own or move the cursor."""
    trace = str(event_dict.pop("exception", ""))
    event_dict = {key: _plain(value) for key, value in event_dict.items()}
    if trace:
        event_dict["exception"] = "\n".join(f"  | {printable(line)}" for line in trace.splitlines())
    return event_dict


def _plain(value: object) -> object:
    return value if isinstance(value, (bool, int, float, type(None))) else printable(_text(value))


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001, RUF100 - a log line must never be the reason of a failure
        return f"<unprintable {type(value).__name__}: {type(error).__name__}>"


def printable(text: str) -> str:
    r"""Return *text* with line ends, control and format characters and lone surrogates as ``\n`` or ``\uXXXX``."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    """Return the ASCII form that JSON gives *character*."""
    return json.dumps(character)[1:-1]
