"""Dates and the few words of pages, in the language of what they stand beside."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.units import format_unit

from feedsvc.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.model import Direction


class Words(NamedTuple):
    """What a page says by itself."""

    language: str
    updated: str
    empty: str
    download: str
    subscribe: str


_ENGLISH = Words("en", "Updated", "Nothing here yet.", "Download", "Subscribe by e-mail")
_WORDS = {
    words.language: words
    for words in (
        _ENGLISH,
        Words("ar", "آخر تحديث", "لا شيء هنا بعد.", "تنزيل", "اشترك بالبريد الإلكتروني"),
        Words("de", "Aktualisiert", "Hier ist noch nichts.", "Herunterladen", "Per E-Mail abonnieren"),
        Words("es", "Actualizado", "Aquí no hay nada todavía.", "Descargar", "Suscribirse por correo electrónico"),
        Words("fa", "به‌روزرسانی", "هنوز چیزی اینجا نیست.", "دریافت", "اشتراک با ایمیل"),
        Words("fr", "Mis à jour", "Rien ici pour l’instant.", "Télécharger", "S’abonner par e-mail"),
        Words("he", "עודכן", "אין כאן עדיין דבר.", "הורדה", "הרשמה בדואר אלקטרוני"),
        Words("ru", "Обновлено", "Здесь пока ничего нет.", "Скачать", "Подписаться по электронной почте"),
        Words("tr", "Güncellendi", "Burada henüz bir şey yok.", "İndir", "E-posta ile abone ol"),
        Words("zh", "更新于", "这里还没有内容。", "下载", "通过电子邮件订阅"),
    )
}


_UNITS = (("gigabyte", 10**9), ("megabyte", 10**6), ("kilobyte", 10**3))


def words_for(language: str) -> Words:
    """Return the words in *language*, else in English; ``Words.language`` says which."""
    return _WORDS.get(language.partition("-")[0].casefold(), _ENGLISH)


def direction_of(language: str) -> Direction:
    """Return the direction in which a page in *language* runs."""
    locale = _locale(language)
    return "rtl" if locale is not None and locale.character_order == "right-to-left" else "ltr"


def human_time(moment: datetime, language: str) -> str:
    """Return *moment* in UTC as people who read *language* write it, in RFC 3339 form for an unknown language."""
    locale = _locale(language)
    if locale is None:
        return rfc3339(moment)
    pattern = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    time = f"{format_time(moment, 'short', locale=locale)} UTC"
    return pattern.replace("{0}", time).replace("{1}", format_date(moment, "long", locale=locale))


def human_size(count: int, language: str) -> str:
    """Return a number of bytes as people who read *language* write it, in a unit that keeps it short."""
    locale = _locale(language) or Locale("en")
    unit, factor = next(((unit, factor) for unit, factor in _UNITS if count >= factor), ("byte", 1))
    return format_unit(round(count / factor, 1) if factor > 1 else count, f"digital-{unit}", "short", locale=locale)


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale | None:
    """Return what Babel knows of *language* or, as RFC 4647 section 3.4 looks up, of ever shorter forms of it."""
    while language:
        try:
            return Locale.parse(language, sep="-")
        except (UnknownLocaleError, ValueError):
            language = language.rpartition("-")[0]
    return None
