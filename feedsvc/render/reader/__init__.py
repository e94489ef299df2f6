"""What subscribers see outside of digests: the pages on which they come, change their wishes and go."""

from feedsvc.render.reader.letter import Letter, render_letter
from feedsvc.render.reader.pages import Notice, ReaderForm, form_page, notice_page
from feedsvc.render.reader.words import page_language

__all__ = ["Letter", "Notice", "ReaderForm", "form_page", "notice_page", "page_language", "render_letter"]
