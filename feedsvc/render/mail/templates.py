"""The templates of mails: those of the program, or a folder's own; all are tried before anything is mailed."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING, NamedTuple

from css_inline import CSSInliner, InlineError
from jinja2 import FunctionLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from feedsvc.errors import MailTemplateError
from feedsvc.render.mail.columns import width, wrapped
from feedsvc.render.mail.view import MailEntry, MailView

if TYPE_CHECKING:
    from collections.abc import Callable


HTML, TEXT = "digest.html", "digest.txt"
_SUFFIXES = (".html", ".txt")
_SHIPPED = os.path.join(os.path.dirname(__file__), "templates")
_DEFAULT = "default/"
"""What a template of a folder writes before the name of the one of the program that it extends."""


_ENTRY_NAMES = frozenset(MailEntry._fields)


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox that does not ask again and again whether a template may read the title of an entry."""

    def getattr(self, obj: object, attribute: str) -> object:
        """See `jinja2.Environment.getattr`."""
        if type(obj) is MailEntry and attribute in _ENTRY_NAMES:
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)


class _Source(NamedTuple):
    text: str
    path: str


class MailTemplates:
    """Compiled templates; what a folder holds is read once, and no content is ever a template.

    Args:
        folder: Templates that go before those of the program; None or a folder that is not there for none.

    Raises:
        MailTemplateError: A file cannot be read or compiled.
    """

    def __init__(self, folder: str | None) -> None:
        shipped = _read(_SHIPPED)
        self._sources = shipped | {_DEFAULT + name: source for name, source in shipped.items()} | _read(folder)
        self._environment = _Sandbox(
            loader=FunctionLoader(self._load),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._environment.filters |= {"wrap": _wrap, "columns": width}
        self._inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
        for name in self._sources:
            self._compile(name)

    def html(self, view: MailView) -> str:
        """Return the HTML of a mail, with its styles inlined.

        Raises:
            MailTemplateError: The template fails on what is to be shown.
        """
        page = self._render(HTML, view)
        try:
            return self._inliner.inline(page)
        except (InlineError, ValueError) as error:
            raise MailTemplateError(self.path_of(HTML), f"its styles cannot be inlined: {error}") from error

    def text(self, view: MailView) -> str:
        """Return the text of a mail.

        Raises:
            MailTemplateError: The template fails on what is to be shown.
        """
        return self._render(TEXT, view)

    def path_of(self, name: str) -> str:
        """Return the file of the template *name*."""
        return self._sources[name].path

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        source = self._sources.get(name)
        return None if source is None else (source.text, source.path, _is_current)

    def _compile(self, name: str) -> None:
        try:
            self._environment.get_template(name)
        except TemplateSyntaxError as error:
            path = error.filename or self.path_of(name)
            raise MailTemplateError(path, _sentence(error), line=error.lineno) from error

    def _render(self, name: str, view: MailView) -> str:
        try:
            return self._environment.get_template(name).render(view._asdict())
        except Exception as error:  # a template may fail in any way
            path, line = self._place(name, error)
            raise MailTemplateError(path, _sentence(error), line=line) from error

    def _place(self, name: str, error: Exception) -> tuple[str, int | None]:
        """Return the file and the line of the template in which *error* arose, as Jinja2 tells in the traceback."""
        if isinstance(error, TemplateSyntaxError):
            return error.filename or self.path_of(name), error.lineno
        paths = {source.path for source in self._sources.values()}
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in paths]
        return (frames[-1].filename, frames[-1].lineno) if frames else (self.path_of(name), None)


def _read(folder: str | None) -> dict[str, _Source]:
    """Return the templates in *folder* by name."""
    if folder is None or not os.path.isdir(folder):
        return {}
    names = sorted(entry for entry in os.listdir(folder) if entry.endswith(_SUFFIXES) and not entry.startswith("."))
    return {name: _source(os.path.join(folder, name)) for name in names}


def _source(path: str) -> _Source:
    try:
        with open(path, encoding="utf-8") as file:
            return _Source(file.read(), path)
    except OSError as error:
        raise MailTemplateError(path, f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MailTemplateError(path, "it is not saved as UTF-8") from error


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _is_current() -> bool:
    return True


def _wrap(text: str, indent: int = 0, columns: int = 72) -> str:
    """Return a paragraph in lines; all but the first begin with *indent* spaces."""
    return f"\n{' ' * indent}".join(wrapped(text, columns - indent))
