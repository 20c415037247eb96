"""Claims by rule: every frame of every indicator, sentence by sentence, with what earlier sentences leave open."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.extraction.attribution import remember, sources
from engine.extraction.claims import Claim, claim_id
from engine.extraction.echoes import echo_key
from engine.extraction.frames import Hit, hits
from engine.extraction.lexicon import Vocabulary
from engine.extraction.modality import Reading
from engine.extraction.numbers import Number, spoken
from engine.extraction.patterns import pattern_hits
from engine.extraction.scene import Scene
from engine.extraction.sentences import Sentence
from engine.extraction.speech import Speech, only_speaking, speeches
from engine.extraction.thread import Thread
from engine.records.article import Stance
from engine.records.scenario import Frame, Scenario

CLAIMS_WORD = "CLAIMS"
"""The concept of 'these reports', 'the allegations': what it stands for was said in the sentence before."""

RECENT = 3
"""Sentences back in which 'these claims' may have been made."""
CONTEXT = 2
"""Sentences back whose actors need not be named again."""
TOPIC = 12
"""Sentences back in which may have been told of whom a bare number counts."""
FEWEST_OF_PRIOR = 0.1
"""A number below this share of the low end of a quantity's prior counts something else: two prisoners are no army."""
MOST_OF_PRIOR = 20
"""So does one of this many times its high end: a standing army is no contingent."""
FEWEST_WORDS = 5
"""Fewer make a heading or a key word, not a claim."""

_HEDGES = frozenset(
    [
        "reportedly",
        "allegedly",
        "alleged",
        "purported",
        "purportedly",
        "apparently",
        "suspected",
        "presumed",
        "presumably",
        "believed",
        "unconfirmed",
        "rumoured",
        "rumored",
        "likely",
        "probably",
        "unverified",
        "seemingly",
    ]
)


@dataclass(frozen=True)
class Rule:
    """One frame of one indicator, or of a scenario's quantity."""

    subject: str
    number: int
    frame: Frame
    fewest: float = 0.0
    """Smaller numbers are not about the quantity."""
    most: float = math.inf
    """Nor are larger ones."""


@dataclass(frozen=True)
class Finding:
    """A rule that fired in a sentence, and who says so."""

    rule: Rule
    hit: Hit
    sentence: Sentence
    source: str
    stance: Stance

    @property
    def count(self) -> tuple[Number, str] | None:
        """The number that belongs to it, with its unit."""
        return self.hit.count


def rules_of(scenarios: Mapping[str, Scenario]) -> list[Rule]:
    """Every rule of every scenario, in the order of ids."""
    found = []
    for scenario in scenarios.values():
        quantity = scenario.prior.quantity
        fewest = FEWEST_OF_PRIOR * quantity.interval[0] if quantity else 0.0
        most = MOST_OF_PRIOR * quantity.interval[1] if quantity else math.inf
        found += [Rule(scenario.id, number, frame, fewest, most) for number, frame in enumerate(scenario.match)]
        for name, indicator in scenario.indicators.items():
            found += [Rule(f"{scenario.id}/{name}", number, frame) for number, frame in enumerate(indicator.match)]
    return found


def find(
    sentences: Sequence[Sentence], rules: Sequence[Rule], vocabulary: Vocabulary, publisher: str, since: int = 2000
) -> list[Finding]:
    """What the rules find in an article, in the order of its text; years before `since` are history."""
    thread = Thread()
    subject: str | None = None
    recent: deque[list[Finding]] = deque([[]], maxlen=TOPIC)
    before: deque[frozenset[str]] = deque(maxlen=CONTEXT)
    found: list[Finding] = []
    for number, sentence in enumerate(sentences):
        same = number > 0 and sentences[number - 1].paragraph == sentence.paragraph
        scene = Scene(
            sentence,
            vocabulary,
            subject,
            aliases=thread.aliases,
            topic=_topic(recent, vocabulary),
            since=since,
            context=frozenset[str]().union(*before),
        )
        said = speeches(scene, thread)
        scene = scene.with_speakers(_own(said, vocabulary), only_speaking(scene, said))
        here = [
            finding
            for rule, hit in _fired(rules, scene)
            for finding in _findings(_meant(rule, recent, scene, rules), hit, scene, said, thread, publisher)
        ]
        found += _best(here)
        remember(scene, said, thread)
        subject = scene.main_actor or (subject if same else None) or subject
        recent.append(here)
        before.append(scene.names)
    return found


def _own(said: Sequence[Speech], vocabulary: Vocabulary) -> frozenset[str]:
    """For whom those speak who speak here: what they say of 'us', or of nobody, is of their own side."""
    speakers = {name for one in said for name in one.speakers}
    return frozenset(actor for actor, source in vocabulary.lexicon.spokesmen.items() if source in speakers)


def _topic(recent: Sequence[list[Finding]], vocabulary: Vocabulary) -> tuple[str, str] | None:
    """What was counted in the sentences before, and whose it was."""
    for findings in reversed(list(recent)):
        for finding in findings:
            frame = finding.rule.frame
            things = [one for one in (*frame.unit, *frame.object) if one in vocabulary.lexicon.units]
            unit = finding.count[1] if finding.count else next((one for one in frame.object if one in things), None)
            unit = unit or (things[0] if len(things) == 1 else None)
            if unit and frame.by and not frame.spoken:
                return unit, frame.by[0]
    return None


def _fired(rules: Sequence[Rule], scene: Scene) -> Iterator[tuple[Rule, Hit]]:
    if len(scene.sentence.tokens) < FEWEST_WORDS or asks(scene):
        return
    covers = scene.vocabulary.covers
    if not scene.concepts:
        rules = [rule for rule in rules if rule.frame.pattern]
    for rule in rules:
        needed = covers(rule.frame.act) or covers(rule.frame.object)
        if needed and scene.names.isdisjoint(needed):
            continue
        quantity = "/" not in rule.subject
        if CLAIMS_WORD in (*rule.frame.object, *rule.frame.near) and _of_nothing(rule, scene, rules):
            continue
        for hit in pattern_hits(rule.frame, scene) if rule.frame.pattern else hits(rule.frame, scene, quantity):
            if not hit.count or rule.fewest <= (hit.count[0].high or hit.count[0].low or 0) <= rule.most:
                yield rule, hit


def asks(scene: Scene) -> bool:
    """'Will Seoul send arms?', and the headline 'What Russia has given the North'."""
    text = scene.sentence.text.rstrip("\"'”’) ")
    return text.endswith("?") or (text.startswith(("What ", "Why ", "How ", "Whether ")) and text[-1].isalnum())


def _things(rule: Rule, rules: Sequence[Rule]) -> set[str]:
    """What the rules of an indicator are about, other than claims."""
    mine = [one.frame for one in rules if one.subject == rule.subject]
    return {thing for frame in mine for thing in (*frame.object, *(frame.near if frame.spoken else ()))} - {CLAIMS_WORD}


def _of_nothing(rule: Rule, scene: Scene, rules: Sequence[Rule]) -> bool:
    """Whether 'these reports' are of nothing the rule is about: not here, and not in the sentences before."""
    return scene.topic is None and (scene.names | scene.context).isdisjoint(
        scene.vocabulary.covers(_things(rule, rules))
    )


def _meant(rule: Rule, earlier: Sequence[list[Finding]], scene: Scene, rules: Sequence[Rule]) -> Rule:
    """'Both deny these claims' is about what was claimed in the sentence before, if that was another's doing.

    Not where the sentence says itself what it is about: 'denied reports of North Korean soldiers'.
    """
    vocabulary = scene.vocabulary
    if CLAIMS_WORD not in rule.frame.object or rule.frame.polarity != "denies":
        return rule
    own = _things(rule, rules)
    if scene.names & vocabulary.covers(own):
        return rule
    recent = list(earlier)[-RECENT:]
    if any(finding.rule.subject == rule.subject for findings in recent for finding in findings):
        return rule
    actors = vocabulary.covers(rule.frame.by)
    for finding in recent[-1]:
        frame = finding.rule.frame
        same = not actors or vocabulary.covers(frame.by) & actors
        plain = finding.stance == "affirms" and finding.hit.told.modality == "actual" and "/" in finding.rule.subject
        if plain and frame.polarity == "affirms" and not frame.spoken and same:
            return replace(finding.rule, frame=rule.frame)
    return rule


def _findings(
    rule: Rule, hit: Hit, scene: Scene, said: list[Speech], thread: Thread, publisher: str
) -> Iterator[Finding]:
    threat = hit.frame.polarity == "affirms" and hit.told.modality == "conditional"
    if hit.frame.conduct and not threat and not _not_done(hit):
        hit = replace(hit, told=Reading())  # whatever was said, it was said
    stance = _stance(hit)
    if stance is None:
        return
    if hit.frame.polarity == "denies" and hit.told.modality == "actual":
        hit = replace(hit, told=replace(hit.told, modality="denied"))
    if hit.frame.told and stance == "affirms":
        hit = replace(hit, told=replace(hit.told, modality=hit.frame.told, negated=False))
    if hit.count is None and "/" not in rule.subject:
        return
    told_by = sources(scene, hit, said, thread, publisher)
    if hit.told.group == "refused" and told_by == (publisher,):
        hit, stance = replace(hit, told=Reading("possible")), "affirms"
    if hit.frame.polarity == "denies" and not hit.frame.by and (told_by == (publisher,) or not said):
        return  # that the press could not check it says nothing
    for source in told_by:
        yield Finding(rule, hit, scene.sentence, source, stance)


def _not_done(hit: Hit) -> bool:
    """'did not threaten' is no threat; 'will strike without warning' is one."""
    cue = hit.told.cue
    return hit.told.negated and cue is not None and 0 < hit.anchor.first - cue.last <= 2


def _stance(hit: Hit) -> Stance | None:
    """What the sentence says of the indicator; nothing if a denial is itself denied, or it was left unsaid."""
    told = hit.told
    if told.group == "unsaid":
        return None
    if hit.frame.modality == ("denied",):
        return "absent" if hit.frame.polarity == "denies" and told.group == "unseen" else hit.frame.polarity
    if hit.frame.polarity == "denies":
        return None if told.negated else "denies"
    if told.negated:
        return "absent" if told.group == "unseen" else "denies"
    return "affirms"


def _best(findings: Sequence[Finding]) -> list[Finding]:
    """One hit an indicator and number in a sentence: the first rule that fired, rather one that names its agent."""
    chosen: dict[tuple[str, str], Hit] = {}
    for finding in findings:
        key = (finding.rule.subject, _number_key(finding.count))
        if key not in chosen or (chosen[key].carried and not finding.hit.carried):
            chosen[key] = finding.hit
    numbered = {subject for subject, number in chosen if number}
    kept = {
        (one.rule.subject, _number_key(one.count), one.source): one
        for one in findings
        if chosen[one.rule.subject, _number_key(one.count)] is one.hit
    }
    return [one for one in kept.values() if one.count or one.rule.subject not in numbered]


def _number_key(count: tuple[Number, str] | None) -> str:
    return f"{count[0].first}" if count else ""


def claims(findings: Sequence[Finding], article_hash: str, vocabulary: Vocabulary, publisher: str) -> tuple[Claim, ...]:
    """The findings as proposals for a person to judge."""
    proposed: dict[str, Claim] = {}
    seen: dict[tuple[int, str], int] = {}
    for finding in findings:
        place = (finding.sentence.start, finding.rule.subject)
        ordinal = seen[place] = seen.get(place, -1) + 1
        claim = _claim(finding, article_hash, ordinal, vocabulary, publisher)
        proposed[claim.id] = claim
    return tuple(sorted(proposed.values(), key=lambda claim: (claim.span, claim.subject, claim.id)))


def _claim(finding: Finding, article_hash: str, ordinal: int, vocabulary: Vocabulary, publisher: str) -> Claim:
    sentence, subject = finding.sentence, finding.rule.subject
    span = (sentence.start, sentence.end)
    number, unit = finding.count or (None, "")
    modality = finding.hit.told.modality
    return Claim(
        id=claim_id(article_hash, span, subject, ordinal),
        indicator=subject if "/" in subject else None,
        scenario=None if "/" in subject else subject,
        stance=finding.stance,
        modality=modality,
        source=finding.source,
        conduct=finding.hit.frame.conduct,
        value=number.value if number else None,
        low=number.low if number and number.bound != "exact" else None,
        high=number.high if number and number.bound != "exact" else None,
        unit=vocabulary.lexicon.units.get(unit) or None,
        credibility=_credibility(finding, publisher),
        echo=echo_key(
            subject,
            publisher if finding.hit.frame.conduct else finding.source,
            modality,
            f"{spoken(number)} {unit.lower()}" if number else "",
        ),
        why=f"rule {finding.rule.number + 1}: {finding.hit.why}"[:300],
        span=span,
        quote=sentence.text,
    )


def _credibility(finding: Finding, publisher: str) -> int:
    """Admiralty digit: 2 for a named source's plain words; each hedge, guess or denial costs one."""
    digit = 3 if finding.source == publisher or finding.hit.frame.conduct else 2
    digit += finding.hit.told.modality in {"possible", "denied", "conditional"}
    digit += bool(_HEDGES & set(finding.sentence.tokens.low))
    digit += finding.hit.carried
    return min(digit, 5)
