"""The forms of an English word, so that a lexicon names each word once."""

from __future__ import annotations

_IRREGULAR = {
    "send": "sends sent sending",
    "give": "gives gave given giving",
    "lend": "lends lent lending",
    "sell": "sells sold selling",
    "say": "says said saying",
    "tell": "tells told telling",
    "hold": "holds held holding",
    "fight": "fights fought fighting",
    "fly": "flies flew flown flying",
    "go": "goes went gone going",
    "come": "comes came coming",
    "take": "takes took taken taking",
    "make": "makes made making",
    "see": "sees saw seen seeing",
    "begin": "begins began begun beginning",
    "rise": "rises rose risen rising",
    "lose": "loses lost losing",
    "die": "dies died dying",
    "lie": "lies lay lain lying",
    "bring": "brings brought bringing",
    "buy": "buys bought buying",
    "build": "builds built building",
    "find": "finds found finding",
    "have": "has had having",
    "be": "is are was were been being am",
    "do": "does did done doing",
    "think": "thinks thought thinking",
    "know": "knows knew known knowing",
    "mean": "means meant meaning",
    "meet": "meets met meeting",
    "keep": "keeps kept keeping",
    "leave": "leaves left leaving",
    "put": "puts putting",
    "set": "sets setting",
    "let": "lets letting",
    "cut": "cuts cutting",
    "shoot": "shoots shot shooting",
    "strike": "strikes struck striking",
    "write": "writes wrote written writing",
    "speak": "speaks spoke spoken speaking",
    "show": "shows showed shown showing",
    "seek": "seeks sought seeking",
    "teach": "teaches taught teaching",
    "forbid": "forbids forbade forbidden forbidding",
    "bid": "bids bidding",
    "wear": "wears wore worn wearing",
    "withdraw": "withdraws withdrew withdrawn withdrawing",
    "overtake": "overtakes overtook overtaken overtaking",
    "undergo": "undergoes underwent undergone undergoing",
    "join": "joins joined joining",
    "deny": "denies denied denying",
    "fall": "falls fell fallen falling",
    "win": "wins won winning",
    "lead": "leads led leading",
    "feel": "feels felt feeling",
    "hit": "hits hitting",
    "man": "men",
    "serviceman": "servicemen",
    "rank": "ranks ranked",
    "drone": "drones",
}
_VOWELS = frozenset("aeiou")


def forms(word: str) -> tuple[str, ...]:
    """The word with its -s, -ed and -ing forms; a form too many does no harm."""
    if word in _IRREGULAR:
        return (word, *_IRREGULAR[word].split())
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return (word, f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word}ing")
    if word.endswith("e"):
        return (word, f"{word}s", f"{word}d", f"{word[:-1]}ing")
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return (word, f"{word}es", f"{word}ed", f"{word}ing")
    return (word, f"{word}s", f"{word}ed", f"{word}ing", *_doubled(word))


def _doubled(word: str) -> tuple[str, ...]:
    """ship, shipped, shipping; also transfer, transferred."""
    if len(word) < 3 or word[-1] in "wxy" or word[-1] in _VOWELS or word[-2] not in _VOWELS or word[-3] in _VOWELS:
        return ()
    return (f"{word}{word[-1]}ed", f"{word}{word[-1]}ing")
