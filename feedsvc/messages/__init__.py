"""Sentences for people: written in English where they arise, told in the language that the site has chosen."""

from __future__ import annotations

from feedsvc.messages.excerpt import excerpt_lines
from feedsvc.messages.message import Message, say, say_n
from feedsvc.messages.translate import ENGLISH, insert, translate

__all__ = ["ENGLISH", "Message", "excerpt_lines", "insert", "say", "say_n", "translate"]
