"""Who asserts what a rule has found: the verb of saying that governs it, or whoever spoke last in the paragraph."""

from __future__ import annotations

from engine.extraction.frames import Hit
from engine.extraction.lexicon import Mention
from engine.extraction.scene import Scene
from engine.extraction.speech import Speech, speech_words
from engine.extraction.thread import Thread, introduce


def sources(scene: Scene, hit: Hit, said: list[Speech], thread: Thread, publisher: str) -> tuple[str, ...]:
    """Who asserts (or denies) what a frame has found."""
    own = _for_themselves(scene, hit)
    if hit.frame.conduct:
        return own or (publisher,)
    speech = _governing(scene, hit, said)
    itself = speech is None or _overlap(speech.verb, hit.anchor)
    if own and hit.frame.spoken and (itself or hit.frame.polarity == "denies"):
        return own
    return speech.speakers if speech else (_carried(scene, thread) or publisher,)


def _for_themselves(scene: Scene, hit: Hit) -> tuple[str, ...]:
    """Those who do it, as sources: what they say of their own doing is theirs to say."""
    spokesmen = scene.vocabulary.lexicon.spokesmen
    agents = hit.agents or tuple(scene.context & scene.vocabulary.covers(hit.frame.by) if hit.frame.conduct else ())
    return tuple(dict.fromkeys(spokesmen[name] for name in sorted(agents) if name in spokesmen))[:2]


def _overlap(one: Mention, other: Mention) -> bool:
    return one.first <= other.last and other.first <= one.last


def _governing(scene: Scene, hit: Hit, said: list[Speech]) -> Speech | None:
    """The denial that denies it, else the last verb of saying before it, else a closing one, else 'according to'."""
    anchor, cue = hit.anchor, hit.told.cue
    says = [one for one in said if one.verb.name == "says"]
    denying = [one for one in said if cue and one.verb.first <= cue.last and cue.first <= one.verb.last]
    outer = [one for one in says if one.verb.first <= anchor.first][::-1]
    closing = [one for one in says if one.verb.first > anchor.last and _closes(scene, one, anchor)]
    clause = scene.clauses[anchor.first]
    according = sorted(
        (one for one in said if one.verb.name == "according"),
        key=lambda one: (scene.clauses[one.verb.first] != clause, abs(one.verb.first - anchor.first)),
    )
    named = _rather_named(scene, [*outer, *closing])
    found = [*(denying if hit.told.group == "denied" else []), *named, *according]
    return found[0] if found else None


def _rather_named(scene: Scene, telling: list[Speech]) -> list[Speech]:
    """'the Pentagon said Washington believes that': the Pentagon tells it."""
    if len(telling) < 2 or not scene.sentence.tokens.low[telling[0].verb.first].startswith(_HOLDING):
        return telling
    countries = {one.first for one in scene.concepts if one.name in scene.vocabulary.lexicon.spokesmen}
    named = {one.first for one in scene.vocabulary.speakers.find(scene.sentence.tokens)}
    bare = countries - named
    first, second, *others = telling
    return [second, first, *others] if set(first.starts) <= bare else telling


_HOLDING = ("believe", "assess", "estimate", "think", "see", "concern", "worr", "fear", "suspect")


def _carried(scene: Scene, thread: Thread) -> str | None:
    """Whoever spoke before and goes on; a heading continues nobody's words."""
    if not scene.sentence.text.endswith((".", "!", "?", '"', "”", "…", ":", ")")):
        return None
    paragraph = scene.sentence.paragraph
    goes_on = "also" in scene.sentence.tokens.low[:8] and paragraph == thread.paragraph + 1
    return thread.carried(paragraph) or (thread.last if goes_on else None)


def remember(scene: Scene, said: list[Speech], thread: Thread) -> None:
    """Keep the last speaker for the sentences that follow, and the names of those introduced."""
    paragraph = scene.sentence.paragraph
    low = scene.sentence.tokens.low
    telling = [one for one in said if not low[one.verb.first].startswith(speech_words().promises)]
    if said:
        thread.last = said[-1].speakers[0]
        thread.agency = _agency(scene, said) or thread.agency
    if telling:
        thread.speaker, thread.paragraph = telling[-1].speakers[0], paragraph
        thread.announced = bool(speech_words().contents & set(low)) or scene.sentence.text.endswith(":")
    elif thread.paragraph != paragraph:
        keeps = thread.announced and paragraph == thread.paragraph + 1
        thread.paragraph, thread.speaker = paragraph, thread.speaker if keeps else None
        thread.announced = False
    introduce(scene, thread)


def _agency(scene: Scene, said: list[Speech]) -> str | None:
    """The speaker whose name, or what stands for it, is that of an agency or a service."""
    low = scene.sentence.tokens.low
    for one in said:
        for start, name in zip(one.starts, one.speakers, strict=False):
            if _AGENCIES & set(low[start : start + 6]):
                return name
    return None


_AGENCIES = frozenset({"agency", "service", "intelligence", "nis", "hur", "gur", "diu", "directorate", "commission"})


def _closes(scene: Scene, said: Speech, anchor: Mention) -> bool:
    """', the ministry said' at the end of what is said."""
    text = scene.sentence.tokens.text
    commas = [at for at in range(anchor.last + 1, said.starts[0]) if text[at] in {",", '"'}]
    return bool(commas) and said.starts[0] - commas[-1] <= 10
