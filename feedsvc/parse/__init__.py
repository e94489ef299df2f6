"""The pure parse layer: the bytes of one inbox file become values, and nothing else happens.

::

    dispatch   the one entry point: bytes -> ParsedFile or EntryParseError
    decode     bytes -> text
    clean      characters that must not travel
    header     front matter -> keys and texts
    fields     keys and texts -> typed fields (dates, urls, language)
    plain      plain text -> title, summary, body
    markdown   Markdown -> title, summary, body
    mail       a mail -> subject, author, date, text
    html_page  a page of HTML -> title, summary, body
    html       the sanitiser and the text form of its output
    bulletin   text -> items, each an entry
    json_items JSON -> objects, each an entry
    folder_file  settings of a folder -> values
    article    fields + content -> ParsedEntry
    attachments, media_types  files that header and text name, and what they are
"""

from feedsvc.parse.attachments import place_images
from feedsvc.parse.clean import is_blank
from feedsvc.parse.context import NO_CUSTOMS, USUAL_LIMITS, Customs, ParseContext, ParseLimits
from feedsvc.parse.cut import cut_at_word
from feedsvc.parse.decode import shown_lines
from feedsvc.parse.dispatch import ACCEPTED_SUFFIXES, LIST_SUFFIXES, parse_file
from feedsvc.parse.folder_file import FOLDER_FILE, FolderRules, is_text_encoding, read_folder_file
from feedsvc.parse.html import text_of
from feedsvc.parse.media_types import HEAD_BYTES, declared_type, media_type_of
from feedsvc.parse.slug import slugify

__all__ = [
    "ACCEPTED_SUFFIXES",
    "FOLDER_FILE",
    "HEAD_BYTES",
    "LIST_SUFFIXES",
    "NO_CUSTOMS",
    "USUAL_LIMITS",
    "Customs",
    "FolderRules",
    "ParseContext",
    "ParseLimits",
    "cut_at_word",
    "declared_type",
    "is_blank",
    "is_text_encoding",
    "media_type_of",
    "parse_file",
    "place_images",
    "read_folder_file",
    "shown_lines",
    "slugify",
    "text_of",
]
