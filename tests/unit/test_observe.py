"""Log lines that nobody can forge, and health."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.observe import HealthCheck, HealthReport, LogFormat, configure_logging, get_logger, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE = "news\n2026-01-01T00:00:00Z [error] forged\r\x1b[2J\u2028\u202e\udc80.txt"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Leave the process's logging as it was."""
    loggers = [logging.getLogger(name) for name in (None, "feedsvc")]
    before = [(logger, list(logger.handlers), logger.level) for logger in loggers]
    yield
    for logger, handlers, level in before:
        logger.handlers[:] = handlers
        logger.setLevel(level)


def configured(format_: LogFormat = "json", level: str = "info", stream: io.StringIO | None = None) -> io.StringIO:
    """Send log lines to a stream, and to nobody else: the test runner cannot carry lone surrogates."""
    stream = io.StringIO() if stream is None else stream
    logging.getLogger().handlers.clear()
    configure_logging(format_, level, stream)
    return stream


def only_event(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    event: dict[str, Any] = json.loads(line)
    return event


def test_a_json_line_has_time_level_name_and_keys() -> None:
    """Machines get one object for each event: time in UTC, level, logger, and the event's own keys with their types."""
    stream = configured()
    before = datetime.now(UTC)
    get_logger("feedsvc.publish").info("feed.written", feed="أخبار", entries=3, is_new=True, title=None)
    event = only_event(stream)
    moment = datetime.fromisoformat(event.pop("timestamp"))
    assert moment.utcoffset() is not None
    assert abs((moment - before).total_seconds()) < 60
    assert event == {
        "level": "info",
        "event": "feed.written",
        "logger": "feedsvc.publish",
        "feed": "أخبار",
        "entries": 3,
        "is_new": True,
        "title": None,
    }
    assert "أخبار" in stream.getvalue()


def test_a_console_line_is_for_people() -> None:
    """One line with time, level, event and keys; Arabic stays readable; no colours where nobody sees them."""
    stream = configured("console")
    get_logger("feedsvc.publish").info("feed.written", feed="أخبار", entries=3, ratio=0.5)
    (line,) = stream.getvalue().splitlines()
    assert all(part in line for part in ("[info", "feed.written", "feed=أخبار", "entries=3", "ratio=0.5"))
    assert "\x1b" not in line


@pytest.mark.parametrize(("stream", "is_json"), [(io.StringIO(), True), (Terminal(), False)])
def test_auto_speaks_to_people_only_on_a_terminal(stream: io.StringIO, is_json: bool) -> None:
    """JSON goes into a pipe or a file, a readable line onto a terminal."""
    configured("auto", stream=stream)
    get_logger("feedsvc.x").info("started")
    assert stream.getvalue().startswith("{") is is_json


def test_colours_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets colours, unless NO_COLOR is set."""
    for value, has_colour in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", value)
        stream = configured("console", stream=Terminal())
        get_logger("feedsvc.x").info("started")
        assert ("\x1b[" in stream.getvalue()) is has_colour


@pytest.mark.parametrize("format_", ["console", "json"])
def test_a_file_name_cannot_forge_a_line(format_: LogFormat) -> None:
    """Line ends, escape sequences, direction overrides and lone surrogates in values and messages come out escaped."""
    stream = configured(format_)
    get_logger("feedsvc.x").info("file.read", path=HOSTILE, also=[HOSTILE], how={HOSTILE: b"\n"})
    logging.getLogger("watchdog.observers").warning("cannot read %s", HOSTILE)
    lines = stream.getvalue().split("\n")
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    if format_ == "json":
        first, second = (json.loads(line) for line in lines[:2])
        assert first["path"] == HOSTILE
        assert second["event"] == f"cannot read {HOSTILE}"


@given(text=st.text(st.characters(codec=None)))
def test_any_text_is_one_printable_line_and_lossless_in_json(text: str) -> None:
    """Whatever a value holds, the line stays one line, and JSON gives the value back."""
    stream = configured()
    get_logger("feedsvc.x").info("seen", value=text)
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue()[:-1].isprintable()
    # two lone surrogates that happen to make a pair are one character in JSON
    expected = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert only_event(stream)["value"] == expected
    assert printable(text).isprintable()


def test_a_traceback_stays_inside_its_event() -> None:
    """A terminal shows the traceback, each line marked as belonging to the event; JSON keeps it in one key."""
    for format_ in ("console", "json"):
        stream = configured(format_)
        try:
            int(HOSTILE)
        except ValueError as error:
            get_logger("feedsvc.x").exception("feed.failed", feed="main")
            get_logger("feedsvc.x").error("feed.failed", exc_info=error)
            get_logger("feedsvc.x").warning("feed.late", exc_info=error)
        lines = stream.getvalue().split("\n")[:-1]
        assert all(line.isprintable() for line in lines)
        assert stream.getvalue().count("Traceback") == 3
        begins = [line for line in lines if not line.startswith("  | ")]
        assert len(begins) == 3
        if format_ == "json":
            assert "ValueError" in json.loads(lines[0])["exception"]


def test_libraries_are_heard_from_warning_on() -> None:
    """Libraries' own loggers speak through the same lines, but only from WARNING on, whatever level feedsvc has."""
    stream = configured(level="debug")
    for name in ("watchdog", "apscheduler.scheduler", "uvicorn.error", "sqlalchemy.engine"):
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("trouble with %d", 7)
    get_logger("feedsvc.x").debug("detail")
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["trouble with 7"] * 4 + ["detail"]


def test_the_level_holds_for_everybody() -> None:
    """At error, neither feedsvc's warnings nor a library's are written."""
    stream = configured(level="ERROR")
    get_logger("feedsvc.x").warning("late")
    logging.getLogger("watchdog").warning("lost")
    get_logger("feedsvc.x").error("failed")
    assert only_event(stream)["event"] == "failed"


def test_an_unknown_level_is_refused() -> None:
    """A misspelt level is a ValueError, not a silent daemon."""
    with pytest.raises(ValueError, match="LOUD"):
        configure_logging("json", "loud", io.StringIO())


def test_configuring_again_replaces_the_first() -> None:
    """After a second call each event is written once, to the new stream."""
    first, second = configured(), io.StringIO()
    configure_logging("json", "info", second)
    get_logger("feedsvc.x").info("once")
    assert first.getvalue() == ""
    assert only_event(second)["event"] == "once"


def test_standard_error_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    """Log lines never mix with what a command prints on standard output."""
    configure_logging("json", "info")
    get_logger("feedsvc.x").info("started")
    printed = capsys.readouterr()
    assert json.loads(printed.err)["event"] == "started"
    assert printed.out == ""


def test_a_stream_that_knows_ascii_only_is_served() -> None:
    """In the C locale Arabic comes escaped instead of failing."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    configure_logging("json", "info", stream)
    get_logger("feedsvc.x").info("seen", path="خبر \U0001f4f0")
    assert json.loads(raw.getvalue())["path"] == "خبر \U0001f4f0"
    stream.detach()


class Spiteful:
    """A value that cannot be written."""

    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("format_", ["console", "json"])
def test_no_value_is_too_odd_for_a_line(format_: LogFormat) -> None:
    """Values that JSON does not know, that hold themselves or refuse to be shown never lose the event."""
    endless: list[object] = []
    endless.append(endless)
    for value in (Spiteful(), endless, {(1, 2): 3}, float("nan"), object, b"\n", {1, "a"}):
        stream = configured(format_)
        get_logger("feedsvc.x").info("odd", value=value, seven=7)
        (line,) = stream.getvalue().splitlines()
        assert "odd" in line
        assert "value" in line
        if format_ == "json":
            json.loads(line, parse_constant=pytest.fail)


def test_a_key_named_like_our_own_loses_nothing() -> None:
    """An event may have keys called level, event, name or msg."""
    stream = configured()
    get_logger("feedsvc.x").info("seen", level="high", event="fair", name="n", msg="m", exc_info_=1)
    event = only_event(stream)
    assert (event["level"], event["level_"], event["event"], event["event_"]) == ("info", "high", "seen", "fair")
    assert (event["name"], event["msg"]) == ("n", "m")


def test_a_percent_sign_in_an_event_is_no_format() -> None:
    """An event is text, not a pattern."""
    stream = configured()
    get_logger("feedsvc.x").info("100 %s %d")
    assert only_event(stream)["event"] == "100 %s %d"


def test_importing_is_cheap_and_silent() -> None:
    """A small command pays for structlog only when it configures logging, and prints no log line on its own."""
    code = (
        "import sys; from feedsvc.observe import get_logger; get_logger('feedsvc.x').info('hello', a=1);"
        "print('structlog' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_health_is_the_sum_of_its_checks() -> None:
    """One failed check makes the report unhealthy; readiness is told apart."""
    good, bad = HealthCheck("store", ok=True, detail="open"), HealthCheck("watch", ok=False, detail="off")
    assert HealthReport((good,), is_ready=True).is_healthy
    assert HealthReport((), is_ready=False).is_healthy
    report = HealthReport((good, bad), is_ready=True)
    assert not report.is_healthy
    assert report.is_ready
