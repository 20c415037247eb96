"""From the bytes of a text, markdown or HTML file to what a person would read of it, and what dates and names it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.errors import ForecastError
from engine.extraction.dates import dating
from engine.extraction.horizon import Table, tables

MAX_BYTES = 5_000_000
MAX_TEXT = 400_000
_DIRECTION = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b\u200e\u200f"))
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\(([^()\s]{1,2000})\)")
_BARE = re.compile(r"https?://[^\s<>()\[\]\"'|]{1,1500}")


@dataclass(frozen=True)
class Page:
    """An article as read: safe text with one paragraph a line, and the evidence of where and when it appeared."""

    title: str
    text: str
    published: str
    date_basis: str
    dates_refused: tuple[str, ...]
    address: str | None
    language: str
    tables: tuple[Table, ...] = ()
    site: str = ""


@dataclass(frozen=True)
class _Parts:
    """What a format gives up before it is weighed."""

    text: str
    title: str = ""
    address: str | None = None
    links: tuple[str, ...] = ()
    stated: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    site: str = ""


def read_page(name: str, content: bytes) -> Page:
    """Read a .txt, .md or .html file; refuse what is too large or no text, saying why."""
    if len(content) > MAX_BYTES:
        raise ForecastError(
            f"{name}: must be at most {MAX_BYTES:,} bytes, got {len(content):,}. Cut it to the article."
        )
    raw = decode(name, content)
    parts = _html_parts(name, raw) if _is_html(name, raw) else _plain_parts(raw)
    text = parts.text.strip("\n")
    if len(text) > MAX_TEXT:
        raise ForecastError(
            f"{name}: must hold at most {MAX_TEXT:,} characters, got {len(text):,}. Cut it to the article."
        )
    if not any(map(str.isalpha, text)) and not parts.tables:
        raise ForecastError(f"{name}: holds no text to read. Save the page with its text.")
    dated = dating(text, address=parts.address, links=parts.links, stated=parts.stated, name=name)
    return Page(
        title=_title(parts.title, text),
        text=text,
        published=dated.published,
        date_basis=dated.basis[:4000],
        dates_refused=tuple(one[:300] for one in dated.refused),
        address=_safe_address(parts.address),
        language=language(text),
        tables=parts.tables,
        site=parts.site,
    )


def decode(name: str, content: bytes) -> str:
    """Text from bytes: UTF-8, UTF-16 with its mark, the charset a page states, or Windows-1252; never binary."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _checked(name, content.decode("utf-16", errors="replace"))
    if b"\x00" in content[:8192]:
        raise ForecastError(f"{name}: is a binary file, not text. Save the article as text, markdown or HTML.")
    stated = re.search(rb"charset=[\"']?([\w-]{2,20})", content[:4096])
    for encoding in ("utf-8-sig", stated.group(1).decode("ascii") if stated else "cp1252", "cp1252"):
        try:
            return _checked(name, content.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    return _checked(name, content.decode("latin-1"))


def _checked(name: str, text: str) -> str:
    head = text[:20_000]
    strange = sum(unicodedata.category(one) in {"Cc", "Co", "Cn"} and one not in "\n\r\t\f\x1b" for one in head)
    if strange > 8 + len(head) // 200 or head.startswith(("%PDF", "PK\x03\x04", "{\\rtf")):
        raise ForecastError(f"{name}: is a binary file, not text. Save the article as text, markdown or HTML.")
    return text


def clean(text: str) -> str:
    """Text safe to show: no control or direction characters, one kind of line end, no runs of spaces."""
    text = re.sub(r"\x1b(?:\[[0-9;?]{0,20}[A-Za-z]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)?|.)", "", text)
    text = re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text.translate(_DIRECTION))
    text = re.sub(r"[\t\xa0\u2000-\u200a\u202f\u3000]", " ", text)
    text = "".join(one for one in text if one == "\n" or unicodedata.category(one) not in {"Cc", "Cs", "Co", "Cn"})
    return re.sub(r" {2,}", " ", text)


def _is_html(name: str, raw: str) -> bool:
    if name.lower().endswith((".html", ".htm", ".xhtml")):
        return True
    return re.match(r"\s{0,50}(?:<!doctype html|<html|<\?xml)", raw[:200], re.I) is not None


def _html_parts(name: str, raw: str) -> _Parts:
    from engine.extraction.html import read_html  # noqa: PLC0415  (trafilatura behind it is heavy)

    try:
        page = read_html(raw)
    except ForecastError as error:
        raise ForecastError(f"{name}: {error}") from None
    return _Parts(
        text="\n".join(line.strip() for line in clean(page.text).split("\n") if line.strip()),
        title=" ".join(clean(page.title).split()),
        address=page.address,
        stated=page.stated,
        site=" ".join(clean(page.site).split())[:200],
    )


def _plain_parts(raw: str) -> _Parts:
    """Text or markdown: tables are taken out, marks and addresses of links removed."""
    lines = [line.rstrip() for line in clean(raw).split("\n")]
    found = tuple(tables(lines))
    inside = {number for table in found for number in range(table.first, table.last + 1)}
    kept = [line for number, line in enumerate(lines) if number not in inside]
    whole = "\n".join(kept)
    linked = [(match.group(1), match.group(2)) for match in _LINK.finditer(whole)]
    bare = _BARE.findall(_LINK.sub(" ", whole))
    own = _own_address(whole, kept)
    links = tuple(address for address in (*(one for _, one in linked), *bare) if address != own)[:50]
    return _Parts(
        text="\n".join(_unwrapped([_unmarked(line) for line in kept])),
        address=own,
        links=links,
        tables=found,
    )


def _own_address(whole: str, lines: list[str]) -> str | None:
    """The page's own address: said to be 'from page', or standing alone near the top or after 'Source:'."""
    match = re.search(r"from page\s{0,3}\[[^\]\n]{0,200}\]\(([^()\s]{1,2000})\)", whole)
    if match:
        return match.group(1)
    for line in [one.strip() for one in lines if one.strip()][:6]:
        alone = re.fullmatch(r"(?:(?:url|source|link|address)\s?:\s?)?<?(https?://[^\s<>]{1,1500})>?", line, re.I)
        if alone:
            return alone.group(1)
    return None


def _unmarked(line: str) -> str:
    """A markdown line without its marks; words stay as they are."""
    line = _LINK.sub(r"\1", line)
    line = re.sub(r"^\s{0,10}(?:#{1,6}\s+|[-*+]\s+|>\s?|\d{1,2}\.\s{1,3}(?=[A-Z]))", "", line)
    line = re.sub(r"(\*\*|__)(.{1,500}?)\1", r"\2", line)
    return line.strip()


def _unwrapped(lines: list[str]) -> list[str]:
    """Lines broken at a fixed width become paragraphs again."""
    joined: list[str] = []
    goes_on = False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if goes_on:
            joined[-1] = f"{joined[-1]} {line}"
        else:
            joined.append(line)
        ends = line.endswith((".", "!", "?", ":", '"', "”", ")"))
        goes_on = 50 <= len(line) <= 100 and not ends and 0 < len(following) <= 100
    return joined


def _title(stated: str, text: str) -> str:
    """What the page calls itself, else its first short line that is no date, else the start of the text."""
    if stated:
        return stated[:300]
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in lines[:5]:
        if 15 <= len(line) <= 200 and not line.endswith(".") and not re.search(r"\d{1,2}:\d\d|https?://", line):
            return re.sub(r",? ?\(from page.{0,200}", "", line).strip()
    for line in lines[:5]:
        if 15 <= len(line) <= 200 and not re.search(r"\d{1,2}:\d\d\s*(?:GMT|UTC)|https?://", line):
            return line
    start = " ".join((lines or ["untitled"])[0].split()[:12])
    return f"{start[:290]} …"


def _safe_address(address: str | None) -> str | None:
    if address and re.fullmatch(r"https?://[^\s<>\"'\\]{1,1990}", address):
        return address
    return None


_COMMON = {
    "en": frozenset(
        [
            "the",
            "of",
            "and",
            "to",
            "in",
            "that",
            "is",
            "for",
            "with",
            "was",
            "on",
            "by",
            "it",
            "as",
            "are",
            "be",
            "has",
            "have",
            "from",
        ]
    ),
    "de": frozenset(
        [
            "der",
            "die",
            "und",
            "das",
            "von",
            "zu",
            "den",
            "mit",
            "ist",
            "für",
            "auf",
            "dem",
            "nicht",
            "ein",
            "eine",
            "im",
            "des",
            "sich",
        ]
    ),
    "fr": frozenset(
        [
            "le",
            "la",
            "les",
            "des",
            "et",
            "en",
            "un",
            "une",
            "du",
            "que",
            "est",
            "pour",
            "dans",
            "sur",
            "par",
            "au",
            "avec",
            "ne",
        ]
    ),
    "es": frozenset(
        [
            "el",
            "la",
            "los",
            "las",
            "de",
            "y",
            "en",
            "un",
            "una",
            "que",
            "es",
            "por",
            "con",
            "para",
            "del",
            "se",
            "al",
            "su",
        ]
    ),
    "ru": frozenset(["и", "в", "не", "на", "что", "с", "по", "из", "за", "как", "это", "для", "от", "его", "к", "но"]),
    "uk": frozenset(
        ["і", "в", "не", "на", "що", "з", "та", "до", "за", "як", "це", "для", "від", "його", "про", "але", "у"]
    ),
}


def language(text: str) -> str:
    """The language with most common words in the text; 'unknown' if none has enough."""
    words = re.findall(r"[^\W\d_]+", text[:20_000].lower())
    if re.search(r"[\uac00-\ud7af]{20,}|(?:[\uac00-\ud7af]{2,}\s){10,}", text[:20_000]):
        return "ko"
    shares = {name: sum(word in common for word in words) / max(1, len(words)) for name, common in _COMMON.items()}
    best = max(sorted(shares), key=lambda name: shares[name])
    return best if shares[best] > 0.08 else "unknown"
