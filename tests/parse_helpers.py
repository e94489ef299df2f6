"""Short ways to parse in tests, and a text like the newsroom files that people drop."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from feedsvc.parse import ParseContext, parse_file

if TYPE_CHECKING:
    from feedsvc.model import ParsedEntry, ParsedFile

ORIGIN = "https://site.invalid"
ZONE = ZoneInfo("Africa/Cairo")

BULLETIN_LIKE = "\n".join(
    [
        "افتتاح مكتبة عامة جديدة في حي البحيرة، والبلدية تعد بفتح ثلاث مكتبات أخرى",
        'تحت عنوان "اقرأ معنا"، افتتحت صباح اليوم مكتبة عامة جديدة في حي البحيرة بحضور سكان الحي.',
        'تحت عنوان "اقرأ معنا"، افتتحت صباح اليوم مكتبة عامة جديدة في حي البحيرة بحضور سكان الحي.',
        "أعلنت البلدية أن المكتبة تضم عشرين ألف كتاب، وأنها تفتح أبوابها كل يوم حتى الثامنة مساء.",
        "قال مدير المكتبة إن قسم الأطفال هو أكبر أقسامها، وإنه يستقبل زيارات المدارس كل أسبوع.",
        "تبرعت دور نشر محلية بمجموعات كاملة من الروايات والقصص المصورة لقسم الناشئة.",
        "تبدأ في الشهر القادم دورات مجانية لتعليم الخط العربي في القاعة الكبرى.",
        "خصصت البلدية حافلة صغيرة تنقل كبار السن إلى المكتبة مرتين في الأسبوع.",
        "تستقبل المكتبة طلبات التطوع عبر موقعها، وقد سجل فيها مئة متطوع حتى الآن.",
    ]
)
"""No blank line, one paragraph per line, the second of them twice."""


def context(path: str = "news/file.txt", language: str = "en") -> ParseContext:
    """Return a context for the file *path*."""
    return ParseContext(path, language, ZONE, ORIGIN)


def parse(text: str | bytes, path: str = "news/file.txt", language: str = "en") -> ParsedFile:
    """Parse *text* as the content of the file *path*."""
    data = text if isinstance(text, bytes) else text.encode()
    return parse_file(data, context(path, language))


def entry(text: str | bytes, path: str = "news/file.txt", language: str = "en") -> ParsedEntry:
    """Return the one entry of *text*."""
    (only,) = parse(text, path, language).entries
    return only


def codes(text: str | bytes, path: str = "news/file.txt") -> list[str]:
    """Return the codes of the notices that *text* draws."""
    return [notice.code for notice in parse(text, path).notices]
