"""From a page to its review file: drop boilerplate, find claims by rule, suggest misses, read signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.extraction.boilerplate import boilerplate
from engine.extraction.claims import Claim, Review, claim_id, text_hash
from engine.extraction.echoes import echo_key
from engine.extraction.horizon import signals
from engine.extraction.lexicon import Lexicon, Vocabulary
from engine.extraction.misses import Miss, near_misses
from engine.extraction.publishers import publisher
from engine.extraction.readers import Page
from engine.extraction.rules import Rule, claims, find, rules_of
from engine.extraction.sentences import Sentence, sentences
from engine.extraction.similarity import Corpus
from engine.records.project import Project


@dataclass(frozen=True)
class Kit:
    """Everything that reads articles, made once: the project's rules, words and statements."""

    project: Project
    lexicon: Lexicon

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The lexicon made ready."""
        return Vocabulary(self.lexicon)

    @cached_property
    def rules(self) -> list[Rule]:
        """Every rule of every scenario."""
        return rules_of(self.project.scenarios)

    @cached_property
    def since(self) -> int:
        """The first year that is no history: two before the first scenario opens."""
        return min((one.opens.year for one in self.project.scenarios.values()), default=2002) - 2

    @cached_property
    def statements(self) -> Corpus:
        """The indicators' statements with the examples of their rules, for finding misses."""
        return Corpus(
            {
                f"{scenario.id}/{name}": " ".join(
                    [indicator.statement, *(one.example or "" for one in indicator.match)]
                )
                for scenario in self.project.scenarios.values()
                for name, indicator in scenario.indicators.items()
            }
        )

    @cached_property
    def scenario_words(self) -> Mapping[str, str]:
        """What each scenario is about, for linking signals."""
        return {
            scenario.id: " ".join(
                [scenario.title, scenario.question, *(one.statement for one in scenario.indicators.values())]
            )
            for scenario in self.project.scenarios.values()
        }


def propose(page: Page, article: str, file: str, kit: Kit) -> Review:
    """Everything one page proposes."""
    dropped = boilerplate(page.text)
    read = sentences(page.text, frozenset(dropped))
    source = publisher(page, kit.project.sources, kit.lexicon.publishers)
    digest = text_hash(page.text)
    found = find(read, kit.rules, kit.vocabulary, source, kit.since) if page.language in {"en", "unknown"} else []
    proposed = claims(found, digest, kit.vocabulary, source)
    return Review(
        article=article,
        file=file,
        hash=digest,
        title=page.title,
        publisher=source,
        published=page.published,
        date_basis=page.date_basis,
        dates_refused=page.dates_refused,
        url=page.address,
        language=page.language,
        claims=proposed,
        misses=_misses(read, proposed, digest, source, kit),
        signals=signals(page.tables, kit.scenario_words),
        dropped=tuple(dropped.values()),
        text=page.text,
    )


def _misses(read: list[Sentence], proposed: tuple[Claim, ...], digest: str, source: str, kit: Kit) -> tuple[Claim, ...]:
    taken = {claim.span[0] for claim in proposed}
    left = [one for one in read if one.start not in taken]
    missed = [_miss(one, digest, source) for one in near_misses(left, kit.rules, kit.vocabulary, kit.statements)]
    return tuple(sorted(missed, key=lambda claim: (claim.span, claim.subject)))


def _miss(miss: Miss, digest: str, source: str) -> Claim:
    span = (miss.sentence.start, miss.sentence.end)
    return Claim(
        id=claim_id(digest, span, miss.subject),
        indicator=miss.subject,
        source=source,
        credibility=6,
        echo=echo_key(miss.subject, source, "actual", ""),
        by="similarity",
        why=f"{miss.why}; says nothing of who, whether or not",
        span=span,
        quote=miss.sentence.text,
    )
