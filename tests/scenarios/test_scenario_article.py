"""The whole way of one Arabic article: from a file without any markup to feed readers and the page."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import needs
import pytest
from daemon import DOCUMENTS, Daemon, Site
from lxml import etree
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "\n".join(
    [
        "بلدية المدينة القديمة تفتتح مكتبة عامة جديدة في سوق النحاسين بعد عامين من أعمال الترميم الدقيقة",
        "افتتحت البلدية صباح اليوم المكتبة العامة الجديدة بحضور مئات من الأهالي والطلاب والباحثين.",
        "افتتحت البلدية صباح اليوم المكتبة العامة الجديدة بحضور مئات من الأهالي والطلاب والباحثين.",
        'وقالت مديرة المكتبة إن "أبوابها مفتوحة للجميع من السبت إلى الخميس"، وإن الاشتراك فيها مجاني للطلاب.',
        "تضم القاعة الكبرى نحو 40,000 كتاب بالعربية و3,500 كتاب بلغات أخرى، بينها مخطوطات رقمية (PDF) للباحثين.",
        "واستمرت أعمال الترميم عامين كاملين، وشارك فيها حرفيون من أبناء السوق أعادوا النقوش إلى حالتها الأولى.",
        "وتخصص المكتبة طابقا كاملا للأطفال، فيه ركن للحكايات المسموعة وآخر للرسم والخط.",
        "ويستطيع الزوار حجز مقاعد القراءة عبر الموقع https://library.example/seats أو عبر الهاتف.",
        "وتبدأ في الأسبوع المقبل سلسلة محاضرات عن تاريخ السوق وحرفه القديمة.",
        "كما تنوي البلدية افتتاح فروع صغيرة في الأحياء البعيدة خلال العام المقبل.",
        "ودعت البلدية الأهالي إلى التبرع بالكتب التي لم يعودوا بحاجة إليها.",
    ]
)

QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Horizontal places of the first and the last letter on the first line of an element.
LINE_ENDS = """element => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), boxes = [];
  for (let node; (node = walker.nextNode());)
    for (let i = 0; i < node.length; i++) {
      if (!/\\p{L}/u.test(node.data[i])) continue;
      const range = document.createRange();
      range.setStart(node, i); range.setEnd(node, i + 1);
      boxes.push(range.getBoundingClientRect());
    }
  const line = boxes.filter(box => Math.abs(box.top - boxes[0].top) < boxes[0].height / 2);
  return [line[0].x, line.at(-1).x];
}"""

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture(params=["own", "real"])
def article(request: pytest.FixtureRequest) -> bytes:
    """Return one-paragraph-per-line Arabic text whose second line is there twice: our own, and a newsroom's."""
    if request.param == "real":
        return needs.sample("000_aea691afdcbec389.txt")
    return OWN.encode()


@pytest.fixture
def daemon(site: Site) -> Iterator[Daemon]:
    """Run a daemon."""
    with Daemon(site) as running:
        running.wait_for("service.ready")
        yield running
        running.terminate()


def drop(daemon: Daemon, content: bytes) -> None:
    """Copy a file that was last changed years ago into the inbox, and wait until it is published."""
    aside = daemon.site.root / "aside.txt"
    aside.write_bytes(content)
    os.utime(aside, (10**9, 10**9))
    aside.rename(daemon.site.inbox / "خبر.txt")
    daemon.wait_for_pages(1)


def entry_everywhere(daemon: Daemon) -> list[tuple[Any, ...]]:
    """Return what each format says of the one entry: id, title, summary, body, language, publication time."""
    found: list[tuple[Any, ...]] = []
    for name in ("atom.xml", "rss.xml"):
        (entry,) = daemon.feed("main", name).entries
        published = datetime(*entry.published_parsed[:6], tzinfo=UTC)
        found.append((entry.id, entry.title, entry.summary, entry.content[0].value, published, unquote(entry.link)))
    (item,) = daemon.feed("main", "feed.json")["items"]
    published = datetime.fromisoformat(item["date_published"])
    shown = (item["id"], item["title"], item["summary"], item["content_html"], published, unquote(item["url"]))
    return [*found, shown]


def test_a_plain_arabic_file_is_one_entry_in_all_feeds(daemon: Daemon, article: bytes) -> None:
    """Title and summary are the first two lines unchanged, the doubled paragraph is there once, and all feeds agree."""
    lines = article.decode("utf-8-sig").split("\n")
    before = datetime.now(UTC).replace(microsecond=0)
    drop(daemon, article)
    atom, rss, json = entry_everywhere(daemon)
    assert atom == rss == json
    entry_id, title, summary, body, published, link = atom
    assert entry_id.startswith("urn:uuid:")
    assert title == lines[0].strip()
    assert summary == lines[1].strip() == lines[2].strip()
    assert (
        body.count("<p>")
        == body.count("</p>")
        == len({line for line in lines[1:] if line.strip()})
        == 10 - (article == OWN.encode())
    )
    assert '<div lang="ar" dir="rtl">' in body
    assert before <= published <= datetime.now(UTC) + timedelta(seconds=1)
    assert re.search(r"/entries/[\u0621-\u064a0-9-]{30,}/$", link)
    assert daemon.get(link[link.index("/entries/") :]).status == 200
    assert_declared_as_arabic(daemon)
    assert_receipt_warns_and_hints(daemon.site)


def assert_declared_as_arabic(daemon: Daemon) -> None:
    """Check the language where readers look for it: on the Atom entry, in the JSON item, in the bodies."""
    atom = etree.fromstring(daemon.get("/main/atom.xml").body)
    (entry,) = atom.findall("{http://www.w3.org/2005/Atom}entry")
    assert entry.get(LANG) == "ar"
    assert daemon.feed("main", "feed.json")["items"][0]["language"] == "ar"
    for path in ("/main/atom.xml", "/main/rss.xml"):
        assert b'&lt;div lang="ar" dir="rtl"&gt;' in daemon.get(path).body


def assert_receipt_warns_and_hints(site: Site) -> None:
    """Check that the editor learns of the repeated paragraph, with its line, and of bulletins."""
    receipt = site.receipt("خبر.txt")
    assert receipt["state"] == "published"
    assert receipt["entries"][0]["feeds"] == ["main"]
    repeated = next(notice for notice in receipt["notices"] if notice["code"].startswith("W_"))
    assert repeated["line"] == 3
    assert any("profile: bulletin" in notice["message"] for notice in receipt["notices"])


def test_the_real_sample_measures_as_its_editors_know_it(daemon: Daemon) -> None:
    """The title has 96 characters, the summary 121, the body 10 paragraphs."""
    drop(daemon, needs.sample("000_aea691afdcbec389.txt"))
    for _, title, summary, body, *_ in entry_everywhere(daemon):
        assert (len(title), len(summary), body.count("<p>")) == (96, 121, 10)


def test_a_space_at_the_end_changes_nothing(daemon: Daemon, article: bytes) -> None:
    """Readers see the same bytes under the same validators: nothing is new, nothing is updated."""
    drop(daemon, article)
    seen = len(daemon.events)
    before = {name: daemon.get(f"/main/{name}") for name in (*DOCUMENTS, "")}
    with (daemon.site.inbox / "خبر.txt").open("ab") as file:
        file.write(b" ")
    daemon.wait_for("file.published", path="خبر.txt", after=seen)
    assert daemon.site.counts() == {"published": 1}
    assert {name: daemon.get(f"/main/{name}") for name in (*DOCUMENTS, "")} == before


def test_its_page_reads_from_right_to_left(daemon: Daemon, article: bytes) -> None:
    """In a browser, title and text begin at the right, and the screenshot has more ink there than at the left."""
    drop(daemon, article)
    path = unquote(daemon.feed("main", "feed.json")["items"][0]["url"]).partition("/entries/")[2]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=needs.tool("chromium"), args=QUIET)
        page = chromium.new_page(viewport={"width": 600, "height": 900})
        page.goto(f"http://127.0.0.1:{daemon.port}/entries/{path}")
        assert page.locator("html").get_attribute("dir") == "rtl"
        for selector in ("h1", ".body p >> nth=0"):
            first, last = page.locator(selector).first.evaluate(LINE_ENDS)
            assert first > last
        page.screenshot(path=daemon.site.root / "page.png")
        chromium.close()
    assert (daemon.site.root / "page.png").stat().st_size > 10_000
