"""What the commands that read articles print for people. Sentences of articles are shown as text, never as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.app.evaluate import Tried
from engine.app.ingest import Ingested
from engine.app.review import Step
from engine.app.terminal import signed
from engine.extraction.claims import Claim
from engine.extraction.evaluate import Evaluation, Share

_SHOWN = 5


def ingested_table(found: Sequence[Ingested]) -> RenderableType:
    """The answer to `forecast ingest`."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Article", overflow="fold")
    table.add_column("Published")
    for name in ("Claims", "Near", "Signals", "Dropped"):
        table.add_column(name, justify="right")
    table.add_column("Review file", overflow="fold")
    for one in found:
        if one.review is None:
            table.add_row(Text(one.file), Text(one.error, style="red"))
            continue
        review = one.review
        counts = (len(review.claims), len(review.misses), len(review.signals), len(review.dropped))
        where = f"{one.path}{'' if one.changed else ' (as it was)'}"
        table.add_row(Text(one.file), Text(review.published), *(str(n or "") for n in counts), Text(where))
    return Group(table, Text("Next: forecast review", style="dim"))


def review_step(step: Step) -> RenderableType:
    """One claim to be judged, in its context."""
    claim, review = step.claim, step.review
    quote = Text(step.before[-200:]) + Text(claim.quote, style="bold reverse") + Text(step.after[:200])
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column()
    number = claim_number(claim)
    rows = [
        ("about", claim.subject + (f" = {number}" if number else "")),
        (
            "says",
            f"{claim.source} {claim.stance} ({claim.modality}), credibility {claim.credibility}, found by {claim.by}",
        ),
        (
            "found in",
            f"{review.publisher}, {review.published}" + (f", received {review.received}" if review.received else ""),
        ),
        ("would move the belief", "" if step.decibans is None else signed(step.decibans)),
        ("echo", _echo(step)),
        ("why now", step.why_now),
        ("left", str(step.left)),
    ]
    for name, value in rows:
        if value:
            facts.add_row(name, Text(value))
    return Group(Text(f"\n{review.article}", style="bold"), quote, facts)


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
    told = Text(f"  {mark}", style="yellow") + Text(f"{claim.source} {claim.stance}  ", style="dim")
    return told + Text(" ".join(claim.quote.split())) + Text(f"  [{article}]", style="dim")


def evaluation_table(evaluation: Evaluation) -> RenderableType:
    """The answer to `forecast evaluate`: shares with their 95 % intervals, then what was missed."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Scenario")
    for name in ("Precision", "Recall", "F1", "Polarity", "Modality", "Numbers", "Attribution"):
        table.add_column(name, justify="right")
    for line in evaluation.lines:
        table.add_row(
            line.scenario,
            _share(line.precision),
            _share(line.recall),
            f"{line.f1:.2f}",
            *(_share(share) for share in (line.polarity, line.modality, line.numbers, line.attribution)),
        )
    missed = [Text(f"missed: {gold.subject}: {gold.quote} [{gold.article}]", style="dim") for gold in evaluation.missed]
    return Group(table, *missed)


def _share(share: Share) -> str:
    if not share.of:
        return "-"
    low, high = share.interval
    return f"{share.value:.2f} [{low:.2f}-{high:.2f}] of {share.of}"
