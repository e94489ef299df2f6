"""The settings of a project: ``config/feedsvc.toml``, environment variables and defaults, checked and frozen."""

from feedsvc.settings.describe import describe
from feedsvc.settings.load import find_project, load_settings
from feedsvc.settings.sections import (
    DigestSettings,
    FeedSettings,
    InboxSettings,
    LogSettings,
    MailSettings,
    PublishSettings,
    Settings,
    SiteSettings,
    StateSettings,
    WebSettings,
)
from feedsvc.settings.template import template

__all__ = [
    "DigestSettings",
    "FeedSettings",
    "InboxSettings",
    "LogSettings",
    "MailSettings",
    "PublishSettings",
    "Settings",
    "SiteSettings",
    "StateSettings",
    "WebSettings",
    "describe",
    "find_project",
    "load_settings",
    "template",
]
