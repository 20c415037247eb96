"""Who published a page: its address, its site name, or a name it gives itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from engine.extraction.horizon import slug
from engine.extraction.readers import Page
from engine.records.source import Source

NOBODY = "unnamed-site"
EDGE = 12


def publisher(page: Page, sources: Mapping[str, Source], known: Mapping[str, tuple[str, ...]]) -> str:
    """The source id of whoever published the page; an unknown site gets an id made of its address."""
    host = _host(page.address)
    for name, written in _names(sources, known).items():
        if any(host and _same_site(host, one) for one in written):
            return name
    if page.site:
        for name, written in _names(sources, known).items():
            if any(one.lower() == page.site.lower() for one in written):
                return name
    named = _named_at_edge(page.text, sources, known)
    if named:
        return named
    if host:
        return slug(re.sub(r"^(?:www|m|en|amp)\.|\.(?:com?|org|net|info|gov)(?:\.\w\w)?$|\.\w\w$", "", host))
    return slug(page.site) if page.site else NOBODY


def _names(sources: Mapping[str, Source], known: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What each source may be called: its own name without brackets, its id, and the lexicon's words."""
    return {
        name: (re.sub(r"\s*\(.*\)", "", source.name), name, *known.get(name, ())) for name, source in sources.items()
    }


def _host(address: str | None) -> str:
    try:
        return (urlsplit(address).hostname or "") if address else ""
    except ValueError:
        return ""


def _same_site(host: str, written: str) -> bool:
    if "." in written:
        return host == written.lower() or host.endswith("." + written.lower())
    letters = re.sub(r"[^a-z0-9]", "", written.lower())
    return len(letters) > 2 and letters in {re.sub(r"[^a-z0-9]", "", part) for part in host.split(".")[:-1]}


def _named_at_edge(text: str, sources: Mapping[str, Source], known: Mapping[str, tuple[str, ...]]) -> str:
    """A publisher named in the first or last lines: a masthead, a copyright line, a credit like '(MENAFN- ...)'."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    credited = [
        match.group(1) for line in lines for match in re.finditer(r"\(([A-Z][\w .'-]{1,40})\s?[-–—)]", line[:200])
    ][:3]
    edges = [*lines[:EDGE], *lines[-EDGE:]]
    short = [line for line in edges if "©" in line or (len(line) < 120 and not line.endswith((".", '"', "”")))]
    short += [line for line in edges if len(line) < 200 and "responsible" in line]
    for place in ("\n".join(short[-EDGE:] if len(lines) > EDGE else short), "\n".join(credited)):
        low = place.lower()
        for name, written in sorted(_names(sources, known).items()):
            if _publishes(sources[name]) and any(_standing(one, low) for one in written):
                return name
    return ""


def _publishes(source: Source) -> bool:
    return source.kind not in {"government", "intelligence", "military", "politician", "expert", "alliance"}


def _standing(written: str, low: str) -> bool:
    name = written.lower()
    return len(name) > 3 and re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", low) is not None
