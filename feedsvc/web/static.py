"""The published folder as an ASGI application: GET and HEAD of documents that were written whole."""

from __future__ import annotations

from functools import lru_cache, partial
from time import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from anyio.to_thread import run_sync

from feedsvc.errors import SourceChangedError
from feedsvc.web.conditional import Conditions, Verdict, decide
from feedsvc.web.documents import Document, DocumentCache, FileStamp, load_document, stamp_of
from feedsvc.web.headers import (
    ALLOWED_METHODS,
    VARIES,
    Facts,
    body_headers,
    facts_of,
    note_headers,
    options_headers,
    validators,
)
from feedsvc.web.media import is_medium, send_medium
from feedsvc.web.negotiation import Coding, choose_coding
from feedsvc.web.targets import INDEX, file_path, public_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from feedsvc.web.headers import Headers

_CACHE_BYTES = 64 * 1024 * 1024
_INLINE_BYTES = 1024 * 1024
"""Up to here a file is read, hashed and compressed on the loop; a larger one in a thread."""
_GZIP_FROM_BYTES = 512
_HEADERS_OF_INTEREST = {
    b"accept-encoding": "accept_encoding",
    b"if-match": "if_match",
    b"if-none-match": "if_none_match",
    b"if-modified-since": "if_modified_since",
    b"if-unmodified-since": "if_unmodified_since",
}


class _Answer(NamedTuple):
    status: int
    headers: Headers
    body: bytes = b""


class StaticSite:
    """Serves the files below *folder*; every address it writes starts with *site_url*, whatever Host says."""

    def __init__(self, folder: str, site_url: str, *, max_age_s: int) -> None:
        self._folder = folder
        self._site_url = site_url
        self._prefix = urlsplit(site_url).path
        self._documents = DocumentCache(_CACHE_BYTES)
        self._facts: Callable[[str], Facts] = lru_cache(maxsize=1024)(
            partial(facts_of, site_url=site_url, max_age_s=max_age_s)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; its body, if there is one, is not read."""
        path = file_path(scope.get("raw_path") or quote(scope["path"]).encode())
        is_media_wanted = path is not None and is_medium(path) and scope["method"] in ("GET", "HEAD")
        if is_media_wanted and await send_medium(self._folder, path or "", scope, receive, send):
            return
        try:
            answer = await self._answer(scope, path)
        except SourceChangedError:
            answer = _note(503, "This document is being written; ask again in a second.", (b"retry-after", b"1"))
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, path: str | None) -> _Answer:
        method = scope["method"]
        if method == "OPTIONS":
            return _Answer(204, options_headers(path))
        if method not in ("GET", "HEAD"):
            return _refused_method()
        if path is None:
            return self._not_found()
        document = await self._document(path)
        return await (self._missing(path) if document is None else self._found(document, _request_headers(scope)))

    async def _document(self, path: str) -> Document | None:
        stamp = stamp_of(self._folder, path)
        if stamp is None:
            self._documents.drop(path)
            return None
        return self._documents.get(path, stamp) or await self._read(path, stamp)

    async def _read(self, path: str, stamp: FileStamp) -> Document | None:
        read = partial(load_document, self._folder, path)
        document = read() if stamp.size <= _INLINE_BYTES else await run_sync(read, abandon_on_cancel=True)
        if document is not None:
            self._documents.put(document)
        return document

    async def _found(self, document: Document, asked: dict[str, str]) -> _Answer:
        facts = self._facts(document.path)
        is_gzip_worth_it = facts.is_compressible and len(document.data) > _GZIP_FROM_BYTES
        coding = choose_coding(asked.pop("accept_encoding", None), is_gzip_worth_it=is_gzip_worth_it)
        if coding is None:
            return _note(406, "This document can be had as it is or with gzip.", *VARIES)
        return await _represent(document, facts, coding, Conditions(**asked))

    async def _missing(self, path: str) -> _Answer:
        page = f"{path}/{INDEX}"
        if await self._document(page) is None:
            return self._not_found()
        # A path alone keeps a visitor on the address they came by, which need not be the public one.
        location = public_url(self._prefix, page)
        return _note(308, f"This page is at {public_url(self._site_url, page)}", (b"location", location.encode()))

    def _not_found(self) -> _Answer:
        return _note(404, f"Nothing is published at this address; all feeds are listed at {self._site_url}/")


async def _represent(document: Document, facts: Facts, coding: Coding, conditions: Conditions) -> _Answer:
    # RFC 9110 section 8.8.2.1: a file dated ahead of our clock counts as modified now.
    modified_s = min(document.modified_s, int(time()))
    tag = document.tag(coding)
    verdict = decide(conditions, tag, modified_s)
    if verdict is Verdict.PRECONDITION_FAILED:
        return _note(412, "The document is not in the state that the request asks for.", *VARIES)
    if verdict is Verdict.NOT_MODIFIED:
        return _Answer(304, facts.revalidated + validators(tag, modified_s))
    if not document.is_ready(coding) and len(document.data) > _INLINE_BYTES:
        await run_sync(document.form, coding, abandon_on_cancel=True)
    form = document.form(coding)
    return _Answer(200, facts.full + validators(tag, modified_s) + body_headers(form), form.body)


def _request_headers(scope: Scope) -> dict[str, str]:
    """Return the headers that matter, by attribute name; lines of one name are joined (RFC 9110 section 5.3)."""
    asked: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = _HEADERS_OF_INTEREST.get(name)
        if key is not None:
            text = value.decode("latin-1")
            asked[key] = f"{asked[key]}, {text}" if key in asked else text
    return asked


def _refused_method() -> _Answer:
    return _note(405, f"This site can only be read: {ALLOWED_METHODS}.", (b"allow", ALLOWED_METHODS.encode()))


def _note(status: int, text: str, *headers: tuple[bytes, bytes]) -> _Answer:
    body = f"{text}\n".encode()
    return _Answer(status, [*note_headers(body), *headers], body)
