"""A real Chromium that talks to nobody, and what the checkers of the web say about a page in it."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import needs
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, Page

_QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

# The lowest WCAG contrast between a text that is shown and what lies behind it, and how light the page is.
_CONTRAST = """() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3)
      .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return light(colour);
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  for (let node; (node = walker.nextNode());)
    if (node.data.trim() && node.parentElement.offsetParent && !node.parentElement.closest('datalist, option')) {
      const ink = light(getComputedStyle(node.parentElement).color), paper = behind(node.parentElement);
      found.push((Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
    }
  return [Math.min(...found), behind(document.body)];
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser for the length of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.tool("chromium"), args=_QUIET)
        yield browser
        browser.close()


def contrast(page: Page) -> tuple[float, float]:
    """Return the lowest contrast of a text (WCAG 2.2, 1.4.3), and how light the page is, from 0 to 1."""
    lowest, paper = page.evaluate(_CONTRAST)
    return lowest, paper


def picture(page: Page, name: str) -> bytes:
    """Return a picture of the whole page, and leave it for people in the folder ``FEEDSVC_TEST_PICTURES``."""
    taken = page.screenshot(full_page=True)
    if folder := os.environ.get("FEEDSVC_TEST_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name.replace(' ', '-')}.png").write_bytes(taken)
    return taken


def barriers(page: Page) -> list[str]:
    """Return what axe-core calls a serious or critical barrier on the page, with the places."""
    script = (needs.npm("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(script)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(result => result.violations)")
    return [
        f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def markup_errors(folder: Path, documents: Mapping[str, str], *not_for_us: str) -> str:
    """Return what html-validate says about documents, by its own recommendations but for the rules *not_for_us*."""
    program = needs.npm("html-validate") / "bin" / "html-validate.mjs"
    rules: dict[str, object] = dict.fromkeys(not_for_us, "off")
    shared = ["radio", "checkbox", "button", "reset", "submit"]  # check boxes of one name are a list of choices
    rules["form-dup-name"] = ["error", {"shared": shared}]
    config = {"root": True, "extends": ["html-validate:recommended"], "rules": rules}
    (folder / "rules.json").write_text(json.dumps(config), encoding="utf-8")
    for name, document in documents.items():
        (folder / f"{name.replace(' ', '-')}.html").write_text(document, encoding="utf-8")
    line = [needs.tool("node"), program, "--config", "rules.json", "--formatter", "text", "*.html"]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
