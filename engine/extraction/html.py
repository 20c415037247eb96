"""The readable part of an HTML page: by trafilatura where it is installed, else by a plain parser."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib import import_module
from typing import Any

from engine.errors import ForecastError

PATIENCE = 20_000_000
"""Characters that may be searched in vain for the ends of tags and comments: every one left open costs the rest of the page."""
_LONGEST_TITLE = 2_000
_SKIPPED = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "footer",
        "aside",
        "form",
        "svg",
        "button",
        "iframe",
        "select",
        "header",
    }
)
_CLUTTER = frozenset(
    {
        "ad",
        "ads",
        "advert",
        "advertisement",
        "breadcrumb",
        "breadcrumbs",
        "comment",
        "comments",
        "cookie",
        "disqus",
        "feedback",
        "newsletter",
        "promo",
        "promoted",
        "readnext",
        "recommended",
        "related",
        "replies",
        "reply",
        "share",
        "signup",
        "social",
        "sponsored",
        "subscribe",
        "trending",
    }
)
"""Words in the class or id of what stands beside an article."""
_BESIDE = frozenset({"div", "section", "ul", "ol", "p", "span", "figure", "table"})
LEAST_KEPT = 0.3
"""Where less of the text than this would be left, the classes do not mean what they say."""
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "li",
        "br",
        "tr",
        "section",
        "article",
        "blockquote",
        "td",
        "figcaption",
        "ul",
        "ol",
        "table",
        "main",
        "time",
    }
)
_VOID = frozenset(
    {"br", "img", "hr", "meta", "link", "input", "source", "wbr", "area", "base", "col", "embed", "track"}
)
_DATES = frozenset(
    {
        "article:published_time",
        "og:published_time",
        "datepublished",
        "date",
        "pubdate",
        "publishdate",
        "dc.date",
        "dc.date.issued",
        "parsely-pub-date",
        "sailthru.date",
    }
)


@dataclass(frozen=True)
class HtmlPage:
    """What an HTML page says of itself, and its text."""

    title: str
    text: str
    address: str | None
    site: str
    stated: tuple[tuple[str, str], ...]


def read_html(raw: str) -> HtmlPage:
    """Parse a page, broken ones too; scripts, menus and footers are left out.

    A page with so many open ends that reading it would take minutes is refused.
    """
    parser = _Parser()
    try:
        parser.feed(raw)
        parser.close()
    except (AssertionError, ValueError, RecursionError):
        pass  # what was read until the page broke is kept
    text = parser.without_clutter(_main_text(raw)) or parser.body
    return HtmlPage(
        title=parser.meta.get("og:title") or " ".join(parser.title.split()),
        text=text,
        address=parser.canonical or parser.meta.get("og:url"),
        site=parser.meta.get("og:site_name", ""),
        stated=tuple(
            [
                *_linked_data(parser.data),
                *((name, value) for name, value in parser.meta.items() if name in _DATES),
                *parser.times,
            ][:8]
        ),
    )


def _main_text(raw: str) -> str:
    try:
        extract = import_module("trafilatura").extract  # an extra, 0.4 s to import
    except ImportError:
        return ""
    try:
        return extract(raw, include_comments=False, include_tables=False) or ""
    except Exception:
        return ""


class _Parser(HTMLParser):
    """Collects text outside scripts and menus, with one block a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.meta: dict[str, str] = {}
        self.canonical: str | None = None
        self.times: list[tuple[str, str]] = []
        self.data: list[str] = []
        self._skipping: list[str] = []
        self._beside: list[str] = []
        self._kept: list[str] = []
        self._in_title = self._in_data = False
        self._pieces: list[str] = []
        self._in_vain = 0

    def parse_starttag(self, i: int) -> int:
        """The place behind what starts at `i`, or -1 if it has no end; so say the four below."""
        return self._closed(i, super().parse_starttag(i))

    def parse_endtag(self, i: int) -> int:
        return self._closed(i, super().parse_endtag(i))

    def parse_pi(self, i: int) -> int:
        return self._closed(i, super().parse_pi(i))

    def parse_comment(self, i: int, report: bool = True) -> int:
        return self._closed(i, super().parse_comment(i, report))

    def parse_html_declaration(self, i: int) -> int:
        return self._closed(i, super().parse_html_declaration(i))

    def _closed(self, start: int, end: int) -> int:
        """The end that was found; one that was not, after the rest of the page was searched, is counted."""
        if end < 0:
            self._in_vain += len(self.rawdata) - start
        if self._in_vain > PATIENCE:
            raise ForecastError(
                "must close its tags and comments: too many are opened and never closed. "
                "Save the article as plain text."
            )
        return end

    @property
    def body(self) -> str:
        """The text, a block a line; without what stands beside the article, unless little else would be left."""
        everything, kept = _lines(self._pieces), _lines(self._kept)
        return kept if len(kept) >= LEAST_KEPT * len(everything) else everything

    def without_clutter(self, text: str) -> str:
        """Another reader's text less the lines that stand beside the article."""
        body = set(self.body.split("\n"))
        beside = {line for line in _lines(self._pieces).split("\n") if line not in body}
        return "\n".join(line for line in text.split("\n") if " ".join(line.split()) not in beside)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = (given.get("property") or given.get("name") or given.get("itemprop") or "").lower()
            if name and given.get("content"):
                self.meta.setdefault(name, given["content"][:2000])
        elif tag == "link" and given.get("rel", "").lower() == "canonical":
            self.canonical = given.get("href", "")[:2000] or None
        elif tag == "time" and given.get("datetime") and not self._skipping:
            self.times.append(("time", given["datetime"][:60]))
        self._in_title = tag == "title" and not self.title
        self._in_data = tag == "script" and "ld+json" in given.get("type", "")
        if tag in _SKIPPED and tag not in _VOID and len(self._skipping) < 200:
            self._skipping.append(tag)
        if tag in _BLOCKS and self._beside[-1:] == ["p"]:
            self._beside.pop()  # a block ends a paragraph that nobody closed
        if len(self._beside) < 200 and (tag in self._beside or (tag in _BESIDE and _is_beside(given))):
            self._beside.append(tag)
        if tag in _BLOCKS:
            self._add("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipping:
            while self._skipping.pop() != tag:
                pass
        if tag in self._beside:
            while self._beside.pop() != tag:
                pass
        self._in_title = self._in_data = False
        if tag in _BLOCKS:
            self._add("\n")

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data.append(data)
        elif self._in_title:
            self.title = (self.title + data)[:_LONGEST_TITLE]
        elif not self._skipping:
            self._add(data)

    def _add(self, piece: str) -> None:
        self._pieces.append(piece)
        if not self._beside or piece == "\n":
            self._kept.append(piece)


def _lines(pieces: list[str]) -> str:
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _is_beside(given: dict[str, str]) -> bool:
    """Whether class or id say that an element is none of the article."""
    named = f"{given.get('class', '')} {given.get('id', '')}"[:500].lower()
    return not _CLUTTER.isdisjoint(re.split(r"[^a-z]+", named))


def _linked_data(blocks: list[str]) -> list[tuple[str, str]]:
    """datePublished of a page's JSON-LD."""
    found = []
    for block in blocks[:10]:
        try:
            told: Any = json.loads(block)
        except (ValueError, RecursionError):
            match = re.search(r'"datePublished"\s{0,5}:\s{0,5}"([^"]{4,40})"', block)
            found += [("JSON-LD", match.group(1))] if match else []
            continue
        entries = told if isinstance(told, list) else told.get("@graph", [told]) if isinstance(told, dict) else []
        found += [
            ("JSON-LD", str(one["datePublished"])[:40])
            for one in (entries if isinstance(entries, list) else [])
            if isinstance(one, dict) and one.get("datePublished")
        ]
    return found
