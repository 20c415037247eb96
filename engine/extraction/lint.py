"""What is wrong with the rules: unknown concepts, rules that can never fire, rules that fire on another's example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.errors import ForecastError, nearest
from engine.extraction.claims import text_hash
from engine.extraction.patterns import compiled
from engine.extraction.proposal import Kit
from engine.extraction.rules import Finding, Rule, find
from engine.extraction.sentences import sentences
from engine.records.scenario import Frame

CONCEPT_FIELDS = ("by", "act", "object", "to", "near", "unless", "unit")


@dataclass(frozen=True)
class RuleComplaint:
    """Something wrong with one rule, and where it stands in its scenario file."""

    scenario: str
    field: tuple[str | int, ...]
    message: str


def rule_faults(kit: Kit) -> Iterator[RuleComplaint]:
    """Errors: concepts the lexicon does not have, rules with nothing to look for, patterns that are none."""
    for rule in kit.rules:
        for name in CONCEPT_FIELDS:
            for number, concept in enumerate(getattr(rule.frame, name)):
                if concept not in kit.lexicon.concepts:
                    known = nearest(concept, kit.lexicon.concepts)
                    yield _at(rule, (name, number), f"is no concept of lexicon.yaml: {concept}. {known}")
        yield from _dead(rule, kit)


def _dead(rule: Rule, kit: Kit) -> Iterator[RuleComplaint]:
    frame = rule.frame
    if frame.pattern:
        try:
            compiled(frame.pattern)
        except ForecastError as error:
            yield _at(rule, ("pattern",), str(error))
        return
    if not (frame.act or frame.object):
        yield _at(rule, (), "can never fire: it names neither an act nor an object. Add one.")
    for name in ("by", "act", "object", "to", "near"):
        words = kit.vocabulary.covers(getattr(frame, name))
        if getattr(frame, name) and not any(kit.lexicon.concepts[one].words for one in words):
            yield _at(rule, (name,), "can never fire: its concepts hold no words. Add words to lexicon.yaml.")
    hidden = kit.vocabulary.covers(frame.unless) & kit.vocabulary.covers(frame.near or frame.object)
    if frame.unless and hidden >= kit.vocabulary.covers(frame.near or frame.object) != frozenset():
        yield _at(rule, ("unless",), "can never fire: it forbids what it looks for. Remove one of the two.")


def rule_warnings(kit: Kit) -> Iterator[RuleComplaint]:
    """Probably not meant: a rule that misses its own example, or fires on another indicator's."""
    for rule in kit.rules:
        if rule.frame.example:
            fired = {finding.rule.subject for finding in _on_example(rule.frame, kit)}
            if rule.subject not in fired:
                yield _at(
                    rule, ("example",), "does not fire on its own example. Change the words of the one or the other."
                )
            for other in sorted(fired - {rule.subject, *rule.frame.also}):
                if "/" in other:
                    yield _at(
                        rule,
                        ("example",),
                        f"also fires a rule of {other}. Narrow that rule, change the example, or name it in also.",
                    )


def _on_example(frame: Frame, kit: Kit) -> list[Finding]:
    example = frame.example or ""
    return find(sentences(example), kit.rules, kit.vocabulary, text_hash(example))


def _at(rule: Rule, field: tuple[str | int, ...], message: str) -> RuleComplaint:
    scenario, _, indicator = rule.subject.partition("/")
    place = ("indicators", indicator, "match", rule.number) if indicator else ("match", rule.number)
    return RuleComplaint(scenario, (*place, *field), message)
