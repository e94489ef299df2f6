"""The sections of the configuration file as frozen values, with their defaults and limits."""

from __future__ import annotations

import os
from datetime import tzinfo  # noqa: TC003 - pydantic reads annotations
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from feedsvc.settings.kinds import (
    Encodings,
    FilledText,
    FolderPath,
    Host,
    LanguageTag,
    LanguageTags,
    OptionalDomain,
    OptionalFilePath,
    OptionalLanguageTag,
    OptionalListenAddress,
    OptionalMailAddress,
    OptionalSelector,
    OptionalServerHost,
    Slug,
    Text,
    Texts,
    WebAddress,
    ZoneName,
    zone_of,
)

CONFIG_FOLDER = "config"
CONFIG_FILE = "feedsvc.toml"
_SITE_ID_FILE = "site.id"
_TEMPLATES = "templates"


class Section(BaseModel):
    """A table of the configuration file; unknown keys and values of another type are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class SiteSettings(Section):
    """Who publishes, and where the public sees it.

    Attributes:
        url: Public address without a trailing slash.
        language: BCP 47 tag for entries that declare and show none.
        timezone: IANA name of the zone of dates that name none.
    """

    url: WebAddress = "http://127.0.0.1:8080"
    title: FilledText = "feedsvc"
    description: Text = ""
    language: LanguageTag = "en"
    author: Text = ""
    timezone: ZoneName = "UTC"

    @property
    def zone(self) -> tzinfo:
        """The time zone that ``timezone`` names."""
        return zone_of(self.timezone)


class InboxSettings(Section):
    """Where files arrive, and when they are read.

    Attributes:
        settle_ms: Rest after a file was closed or moved in, before it is read.
        quiet_ms: Rest after any other event.
        grace_s: Time before the entries of a deleted file are withdrawn.
        reconcile_s: Time between two scans of the whole inbox.
        rehash_s: Time between two readings of all files, to find writes that change neither size nor time; 0: never.
        empty_wait_s: Time for which an empty file is taken for one still being written.
        encodings: What a file may be saved in that is neither UTF-8 nor UTF-16, in the order of trying.
        profile: Whether a file is one entry or many, where neither the file nor its folder says so.
        items: Where the items of a bulletin begin.
        first_line: What the first line of a bulletin is.
        date_order: How dates such as 03/04/2026 are read; empty refuses those with two meanings.
        messages: Language of what is said about files.
        quarantine_notes: Write a note beside each file that cannot be published.
        mass_removal_count: More removals at once than this, and than *mass_removal_percent*, are held.
    """

    path: FolderPath = "inbox"
    settle_ms: Annotated[int, Field(ge=0, le=60_000)] = 200
    quiet_ms: Annotated[int, Field(ge=0, le=600_000)] = 2_000
    grace_s: Annotated[int, Field(ge=0, le=604_800)] = 60
    reconcile_s: Annotated[int, Field(ge=1, le=86_400)] = 30
    rehash_s: Annotated[int, Field(ge=0, le=604_800)] = 3_600
    empty_wait_s: Annotated[int, Field(ge=0, le=86_400)] = 60
    max_file_bytes: Annotated[int, Field(ge=1, le=100_000_000)] = 5_242_880
    max_media_bytes: Annotated[int, Field(ge=1, le=100_000_000_000)] = 500_000_000
    encodings: Encodings = ()
    profile: Literal["article", "bulletin"] = "article"
    items: Literal["paragraph", "heading", "separator", "blocks"] = "paragraph"
    first_line: Literal["item", "lead", "collection"] = "item"
    date_order: Literal["", "dmy", "mdy"] = ""
    max_items: Annotated[int, Field(ge=1, le=9_999)] = 5_000
    max_tags: Annotated[int, Field(ge=1, le=1_000)] = 50
    messages: Literal["en", "ar"] = "en"
    quarantine_notes: bool = False
    max_depth: Annotated[int, Field(ge=0, le=64)] = 8
    follow_links: bool = False
    polling: Literal["auto", "always", "never"] = "auto"
    mass_removal_count: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    mass_removal_percent: Annotated[int, Field(ge=0, le=100)] = 20


class PublishSettings(Section):
    """What is written, and where."""

    path: FolderPath = "feeds"
    entries_per_feed: Annotated[int, Field(ge=1, le=1_000)] = 50
    max_feed_bytes: Annotated[int, Field(ge=10_000, le=100_000_000)] = 1_000_000
    max_title: Annotated[int, Field(ge=20, le=1_000)] = 200
    pages: bool = True


class DigestSettings(Section):
    """What holds for subscribers who do not say it; language and zone are those of the site.

    Attributes:
        default_hour: Hour of the day on the subscriber's own clock.
        enabled: Whether the daemon makes digests and sends them.
        backfill_days: Entries that were older than this when they were published are in no mail.
        quiet_s: Immediate mails wait until nothing new came for so long.
        in_doubt: What to do after a crash with messages that may have left.
        keep_days: What became of messages is kept for so long.
        pages: Serve the pages on which people subscribe, change their wishes and leave.
    """

    enabled: bool = True
    backfill_days: Annotated[int, Field(ge=0, le=36_500)] = 30
    quiet_s: Annotated[int, Field(ge=1, le=3_600)] = 60
    in_doubt: Literal["resend", "hold"] = "resend"
    keep_days: Annotated[int, Field(ge=1, le=36_500)] = 90

    default_frequency: Literal["immediate", "daily", "weekly", "monthly"] = "daily"
    default_hour: Annotated[int, Field(ge=0, le=23)] = 7
    pages: bool = True


class StateSettings(Section):
    """Where the database and the lock live.

    Attributes:
        busy_s: Patience with another process that writes to the database.
    """

    path: FolderPath = ".feedsvc"
    busy_s: Annotated[int, Field(ge=1, le=3_600)] = 30


class WebSettings(Section):
    """The web server; port 0 lets the system choose one."""

    host: Host = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    max_age_s: Annotated[int, Field(ge=0, le=31_536_000)] = 60
    enabled: bool = True


class MailSettings(Section):
    """The mail server that takes our messages, and who they come from.

    Attributes:
        host: Empty: messages are kept in a folder instead of being sent.
        ca_file: Certificates to trust instead of those of the system.
        from_address: Who messages come from.
        envelope_domain: Domain of the addresses that bounces come back to; empty: that of *from_address*.
        bounce_listen: Where mail that comes back is taken by LMTP or SMTP; empty: nowhere.
        timeout_s: Patience with the mail server.
        connections: How many are used at the same time, if the server allows so many.
        dkim_selector: Names the key with which mails are signed; empty: they are not.
        dkim_key_file: The private key.
        dkim_domain: The domain that signs; empty: that of *from_address*.
    """

    host: OptionalServerHost = ""
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: Text = ""
    password: SecretStr = SecretStr("")
    ca_file: OptionalFilePath = ""
    from_address: OptionalMailAddress = ""
    from_name: Text = ""
    envelope_domain: OptionalDomain = ""
    bounce_listen: OptionalListenAddress = ""
    timeout_s: Annotated[int, Field(ge=1, le=600)] = 60
    max_per_connection: Annotated[int, Field(ge=1, le=100_000)] = 100
    connections: Annotated[int, Field(ge=1, le=64)] = 8
    dkim_selector: OptionalSelector = ""
    dkim_key_file: OptionalFilePath = ""
    dkim_domain: OptionalDomain = ""


class LogSettings(Section):
    """How much is logged, and in which form."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


class FeedSettings(Section):
    """A feed declared by the operator: a selection by folder, tags and languages."""

    slug: Slug
    title: FilledText
    description: Text = ""
    language: OptionalLanguageTag = ""
    folder: Text = ""
    tags: Texts = ()
    languages: LanguageTags = ()


class Settings(Section):
    """All settings of a project.

    Attributes:
        root: The project folder, absolute; relative paths start there.
        feeds: The declared feeds in the order of the file.
        origins: Where values were set, as ``section.key`` -> file or environment variable; defaults are left out.
    """

    root: Path
    site: SiteSettings = SiteSettings()
    inbox: InboxSettings = InboxSettings()
    publish: PublishSettings = PublishSettings()
    digests: DigestSettings = DigestSettings()
    state: StateSettings = StateSettings()
    web: WebSettings = WebSettings()
    mail: MailSettings = MailSettings()
    log: LogSettings = LogSettings()
    feeds: tuple[FeedSettings, ...] = ()
    origins: dict[str, str] = Field(default_factory=dict, repr=False, exclude=True)

    @property
    def site_id_file(self) -> Path:
        """The file that keeps the identity of the site."""
        return self.root / CONFIG_FOLDER / _SITE_ID_FILE

    @property
    def template_folder(self) -> Path:
        """The folder of templates that go before those of the program; it need not be there."""
        return self.root / CONFIG_FOLDER / _TEMPLATES

    @property
    def has_reader_pages(self) -> bool:
        """Whether people can subscribe on a page of the site."""
        return self.web.enabled and self.digests.pages

    @property
    def inbox_folder(self) -> Path:
        """The folder that editors drop files into."""
        return self._below_root(self.inbox.path)

    @property
    def publish_folder(self) -> Path:
        """The folder that feeds and pages are written to."""
        return self._below_root(self.publish.path)

    @property
    def state_folder(self) -> Path:
        """The folder of the database and the lock."""
        return self._below_root(self.state.path)

    def _below_root(self, path: str) -> Path:
        return Path(os.path.abspath(self.root / path))
