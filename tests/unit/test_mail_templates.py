"""Templates of mails: a folder's own go first, broken ones are found before any mail, content is never one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mail_samples import ARABIC, ENGLISH, READER, TRAM, content, shipped

from feedsvc.errors import MailTemplateError, RenderError
from feedsvc.render.mail import MailTemplates, load_templates, personalise, render_digest
from feedsvc.render.mail.view import MailEntry, MailView

if TYPE_CHECKING:
    from feedsvc.model import Digest

FOOTER = "{{ because }} {{ unsubscribe_url }}"


def broken(folder: Path, text: str, name: str = "digest.txt") -> MailTemplateError:
    """Return the error that a template raises when it is loaded."""
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(MailTemplateError) as caught:
        load_templates(str(folder))
    assert caught.value.path == str(folder / name)
    return caught.value


def shown(templates: MailTemplates, subtype: str, digest: Digest = ENGLISH) -> str:
    """Return one part of *digest* as *templates* show it."""
    return content(personalise(render_digest(digest, templates), READER), subtype)


def test_a_folder_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    """Most sites have none, and their mails are those of the program."""
    assert shown(load_templates(str(tmp_path / "none")), "html") == shown(shipped(), "html")


def test_one_template_is_replaced_and_the_other_stays(tmp_path: Path) -> None:
    """The variables are those of the documentation; the HTML part is still the program's."""
    (tmp_path / "digest.txt").write_text("{% for entry in entries %}* {{ entry.title }}\n{% endfor %}\n" + FOOTER)
    templates = load_templates(str(tmp_path))
    assert shown(templates, "plain").startswith("* Council approves the harbour tram after a long night\n* المجلس")
    assert READER.unsubscribe_url in shown(templates, "plain")
    assert shown(templates, "html") == shown(shipped(), "html")


def test_a_block_is_replaced(tmp_path: Path) -> None:
    """A template extends the program's own and changes colours alone, which are inlined as before."""
    own = '{% extends "default/digest.html" %}{% block style %}{{ super() }}h1 { color: #aa0000; }{% endblock %}'
    (tmp_path / "digest.html").write_text(own)
    html = shown(load_templates(str(tmp_path)), "html")
    assert "color: #aa0000" in html
    assert "<style>" in html
    assert TRAM.title in html


def test_parts_of_templates_are_shared(tmp_path: Path) -> None:
    """Further files of the folder can be included; what lies there and is no template is not read."""
    (tmp_path / "digest.txt").write_text('{% include "foot.txt" %}')
    (tmp_path / "foot.txt").write_text(FOOTER)
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\xff")
    assert shown(load_templates(str(tmp_path)), "plain").startswith("You receive this mail because mona@reader.example")


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        (FOOTER + "\n\n{% for entry in entries %}", 3, "endfor"),
        (FOOTER + "\n{{ entries | nosuch }}", 2, "nosuch"),
        ("one\ntwo {{ sitename }}\n" + FOOTER, 2, "sitename"),
        ("one\n{% for entry in entries %}\n{{ entry.body }}\n{% endfor %}" + FOOTER, 3, "body"),
        ("{{ 1 / 0 }}" + FOOTER, 1, "division by zero"),
        ("{{ ''.__class__.__mro__ }}" + FOOTER, 1, "unsafe"),
        ("{% include 'missing.txt' %}" + FOOTER, 1, "missing.txt"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path: Path, text: str, line: int, cause: str) -> None:
    """Faults of grammar, unknown names, forbidden things and whatever a template can fail with are found at load."""
    error = broken(tmp_path, text)
    assert error.line == line
    assert cause in error.cause
    assert str(error).startswith(f"{tmp_path / 'digest.txt'}, line {line}: ")
    assert isinstance(error, RenderError)


def test_a_template_that_is_not_used_is_tried_too(tmp_path: Path) -> None:
    """Each file is compiled, so that no fault waits for the day on which it is included."""
    assert broken(tmp_path, "{% if %}", "extra.html").line == 1


@pytest.mark.parametrize("name", ["digest.txt", "digest.html"])
def test_a_mail_without_a_way_out_is_refused(tmp_path: Path, name: str) -> None:
    """Nobody can take the link out by mistake."""
    assert "unsubscribe_url" in broken(tmp_path, "<p>{{ because }}</p>", name).cause


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Another encoding, or a folder in the place of the file."""
    (tmp_path / "digest.txt").write_bytes("{{ because }} ä".encode("latin-1"))
    with pytest.raises(MailTemplateError, match=r"digest\.txt: it is not saved as UTF-8"):
        load_templates(str(tmp_path))
    (tmp_path / "digest.txt").unlink()
    (tmp_path / "digest.txt").mkdir()
    with pytest.raises(MailTemplateError, match=r"digest\.txt: it cannot be read"):
        load_templates(str(tmp_path))


def test_a_template_changed_on_disk_waits_for_the_next_load(tmp_path: Path) -> None:
    """What was tried is what is mailed, whatever somebody saves meanwhile."""
    path = tmp_path / "digest.txt"
    path.write_text("before " + FOOTER)
    templates = load_templates(str(tmp_path))
    path.write_text("{{ broken")
    assert shown(templates, "plain").startswith("before You")


def test_a_template_that_fails_on_real_content_says_so(tmp_path: Path) -> None:
    """What the samples cannot show is told with its line as well, and mails nothing."""
    (tmp_path / "digest.txt").write_text(FOOTER + "\n{% if entries | length > 2 %}{{ nosuch }}{% endif %}")
    templates = load_templates(str(tmp_path))
    with pytest.raises(MailTemplateError) as caught:
        render_digest(ENGLISH, templates)
    assert (caught.value.line, Path(caught.value.path).name) == (2, "digest.txt")


def test_templates_know_the_direction(tmp_path: Path) -> None:
    """The sides of the page are words in HTML, because mail programs do not know logical ones."""
    (tmp_path / "digest.txt").write_text("{{ direction }} {{ start }} {{ end }} {{ language }} " + FOOTER)
    templates = load_templates(str(tmp_path))
    assert shown(templates, "plain").startswith("ltr left right en ")
    assert shown(templates, "plain", ARABIC).startswith("rtl right left ar ")


def test_the_documentation_lists_every_variable() -> None:
    """Whoever writes a template finds the names there, and no others."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "digests.md").read_text(encoding="utf-8")
    table = page.partition("| variable |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|(.*)$", table, re.MULTILINE)
    listed = {name: about for names, about in rows for name in re.findall(r"\w+", names)}
    assert set(listed) == set(MailView._fields)
    assert set(re.findall(r"`(\w+)`", listed["entries"])) == set(MailEntry._fields)
