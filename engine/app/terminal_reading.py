"""What the commands that read articles print for people. Sentences of articles are shown as text, never as markup."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.app.evaluate import Tried
from engine.app.ingest import Ingested
from engine.app.review import Step
from engine.app.terminal import signed
from engine.errors import several
from engine.extraction.claims import Claim
from engine.extraction.evaluate import Evaluation, Share
from engine.records.fields import UNKNOWN

_SHOWN = 5


def ingested_table(found: Sequence[Ingested]) -> RenderableType:
    """The answer to `forecast ingest`."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Article", overflow="ellipsis", no_wrap=True, max_width=32)
    table.add_column("Published", no_wrap=True, min_width=10)
    for name in ("Claims", "Near", "Signals", "Dropped"):
        table.add_column(name, justify="right", min_width=len(name))
    read = [one for one in found if one.review and one.path]
    for one in found:
        name = Path(one.file).name
        if one.review is None:
            table.add_row(Text(name, style="red"), Text("not read", style="red"))
            continue
        review = one.review
        counts = (len(review.claims), len(review.misses), len(review.signals), len(review.dropped))
        table.add_row(Text(name), Text(review.published), *(str(n or "") for n in counts))
    return Group(table, *(Text(line, style=style) for line, style in _after_ingest(found, read)))


def _after_ingest(found: Sequence[Ingested], read: Sequence[Ingested]) -> Iterator[tuple[str, str]]:
    for one in found:
        if one.error:
            yield one.error, "red"
    undated = [Path(one.file).name for one in read if one.review and one.review.published == UNKNOWN]
    if undated:
        yield f"Undated: {', '.join(undated)}. The review asks when they came to hand.", ""
    folder = next((one.path.parent for one in read if one.path), None)
    if folder:
        same = sum(not one.changed for one in read)
        as_it_was = f", {same} of them as before" if same else ""
        elsewhere = "" if folder.name == "inbox" and not folder.is_absolute() else f" --inbox {folder}"
        yield f"{several(len(read), 'review file')} in {folder}/{as_it_was}. Next: forecast review{elsewhere}", "dim"


def review_step(step: Step) -> RenderableType:
    """One claim to be judged, in its context."""
    claim, review = step.claim, step.review
    before, after = _context(step)
    quote = Text(before) + Text(" ".join(claim.quote.split()), style="bold reverse") + Text(after)
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column()
    number = claim_number(claim)
    rows = [
        ("about", claim.subject + (f" = {number}" if number else "")),
        ("which states", step.statement),
        ("who says what", _who_says_what(claim)),
        *(
            [("witness", f"{review.publisher}: what {claim.source} says in public is the matter")]
            if claim.conduct
            else []
        ),
        ("credibility", f"{claim.credibility}, proposed by {claim.by}" + (f" ({claim.why})" if claim.why else "")),
        (
            "found in",
            f"{review.publisher}, {review.published}" + (f", received {review.received}" if review.received else ""),
        ),
        (
            "would move the belief",
            ""
            if step.decibans is None
            else signed(step.decibans) + (", if affirmed" if claim.by == "similarity" else ""),
        ),
        ("echo", _echo(step)),
        ("why now", step.why_now),
        ("left", str(step.left)),
    ]
    for name, value in rows:
        if value:
            facts.add_row(name, Text(value))
    return Group(Text(f"\n{review.article}", style="bold"), quote, facts)


def _who_says_what(claim: Claim) -> str:
    if claim.by == "similarity":
        return "for you to say: no rule has read it"
    return f"{claim.source} {_STANCES[claim.stance]}; told as {claim.modality}"


def _by_rule(claim: Claim) -> str:
    return f", {claim.why.partition(':')[0]}" if claim.why and claim.by == "rule" else ""


_STANCES = {
    "affirms": "affirms it",
    "denies": "denies it",
    "absent": "looked for it and found nothing",
    "retracted": "takes it back",
}


def _context(step: Step) -> tuple[str, str]:
    """Some words before and after, cut between words, within the paragraphs around."""
    before = " ".join(step.before[-220:].split(" ")[1:] if len(step.before) > 220 else [step.before])
    after = " ".join(step.after[:220].split(" ")[:-1] if len(step.after) > 220 else [step.after])
    return re.sub(r"\s*\n\s*", " / ", before), re.sub(r"\s*\n\s*", " / ", after)


def _echo(step: Step) -> str:
    if step.echo is None or len(step.echo.articles) < 2:
        return ""
    return f"{len(step.echo.articles)} articles, 1 witness: {', '.join(step.echo.articles)}"


def claim_number(claim: Claim) -> str:
    """The number a claim carries, with its bound."""
    if not claim.numbered:
        return ""
    if claim.value is not None:
        return f"{claim.value:,g}"
    if claim.low is not None and claim.high is not None:
        return f"{claim.low:,g} to {claim.high:,g}"
    return f"at least {claim.low:,g}" if claim.low is not None else f"at most {claim.high:,g}"


def tried_rules(tried: Iterable[Tried]) -> RenderableType:
    """The answer to `forecast rules test`."""
    parts: list[RenderableType] = []
    for one in tried:
        parts.append(Text(f"\n{one.subject}: {len(one.matched)} matched, {len(one.near)} near", style="bold"))
        parts += [_sentence(article, claim, "") for article, claim in one.matched]
        parts += [_sentence(article, claim, "near: ") for article, claim in one.near[:_SHOWN]]
    return Group(*parts)


def _sentence(article: str, claim: Claim, mark: str) -> Text:
    told = Text(f"  {mark}", style="yellow") + Text(f"{_how_read(claim)}  ", style="dim")
    return told + Text(" ".join(claim.quote.split())) + Text(f"  [{article}]", style="dim")


def _how_read(claim: Claim) -> str:
    if claim.by == "similarity":
        return (claim.why or "").partition(";")[0]
    return f"{claim.source} {claim.stance}{_by_rule(claim)}"


def evaluation_table(evaluation: Evaluation) -> RenderableType:
    """The answer to `forecast evaluate`: shares with their 95 % intervals, then what went wrong."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("Scenario", overflow="ellipsis", no_wrap=True)
    for name in ("Prec.", "Recall", "F1", "Polar.", "Modal.", "Numb.", "Attrib."):
        table.add_column(name, justify="right", min_width=4 if name == "F1" else 7)
    for line in evaluation.lines:
        heading = Text(f"{line.scenario}\n") + Text(f"{line.precision.of} found, {line.recall.of} due", style="dim")
        judged = (line.polarity, line.modality, line.numbers, line.attribution)
        table.add_row(heading, _share(line.precision), _share(line.recall), _point(line.f1), *map(_share, judged))
    parts: list[RenderableType] = [table, Text("Below each share its central 95 % (Wilson).", style="dim")]
    parts += [_wrong("missed", gold.subject, gold.quote, gold.article) for gold in evaluation.missed]
    parts += [_wrong("not listed", claim.subject, claim.quote, article) for article, claim in evaluation.spurious]
    parts += [_wrong(f"{what} wrong", gold.subject, gold.quote, gold.article) for gold, _, what in evaluation.misread]
    return Group(*parts)


def _wrong(what: str, subject: str, quote: str, article: str) -> Text:
    return Text(f"{what}: ", style="yellow") + Text(f"{subject}: ") + Text(f"{quote} [{article}]", style="dim")


def _point(share: float) -> str:
    if math.isnan(share):
        return "-"
    return "1" if share > 0.995 else f"{share:.2f}".removeprefix("0")


def _share(share: Share) -> str:
    if not share.of:
        return "-"
    low, high = share.interval
    return f"{_point(share.value)}\n{_point(low)}-{_point(high)}"
