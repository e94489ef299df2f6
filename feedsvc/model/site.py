"""The site: who publishes, and at which public addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from uuid import UUID

RESERVED_SLUGS = frozenset({"entries", "media", "-", "index.html"})
"""Names at the top of the public site that no feed may take."""

READER_PAGES = "/-/"
"""Where the pages of subscribers are, below the address of the site."""


@dataclass(frozen=True, slots=True)
class Site:
    """What every document of the site says about its publisher.

    Attributes:
        url: Public address without a trailing slash; every link starts with it.
        language: BCP 47 tag used where an entry declares and shows none.
        author: Name used for entries without an author, may be empty.
        namespace: Random UUID minted once per site; entry ids are derived from it.
        subscribe_url: Page on which people subscribe to digests; empty where there is none.
    """

    url: str
    title: str
    description: str
    language: str
    author: str
    namespace: UUID
    subscribe_url: str = ""

    @property
    def neutral_origin(self) -> str:
        """Stand-in for the public address inside stored bodies (RFC 6761 section 6.4: never resolves)."""
        return f"https://{self.namespace}.invalid"

    def localise(self, text: str) -> str:
        """Return *text* with every neutral address replaced by the public one."""
        return text.replace(self.neutral_origin, self.url)

    def entry_url(self, slug: str) -> str:
        """Return the address of an entry's own page."""
        return f"{self.url}/entries/{quote(slug)}/"

    def feed_url(self, slug: str, file_name: str = "") -> str:
        """Return the address of a document of feed *slug*; without *file_name*, of its page."""
        return f"{self.url}/{quote(slug)}/{file_name}"
