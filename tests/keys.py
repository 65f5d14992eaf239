"""A key, the keys and a cabinet: a pair of twins and the suite that they make."""

from lrd_bench.items import Item, Sentence, Span, Suite

PREDICTION = "(critical;%good%) < (critical;%bad%)"


def sentence(text, cue, critical):
    words = tuple(text.split())
    regions = {"cue": words.index(cue), "critical": words.index(critical)}
    return Sentence(tokens=words, regions={name: Span(at, at + 1) for name, at in regions.items()})


def item(cue, good, bad, *, pair="p1", filler="to the cabinet", **rest):
    sentences = {
        "good": sentence(f"the {cue} {filler} {good} rusty", cue, good),
        "bad": sentence(f"the {cue} {filler} {bad} rusty", cue, bad),
    }
    return Item(id=f"{pair}-{cue}", pair=pair, group="key|be", sentences=sentences, **rest)


KEY = item("key", "is", "are", factors={"attractors": 0}, source={"grammar": "english-small", "seed": 0})
KEYS = item("keys", "are", "is", factors={"attractors": 1}, extra={"note": "Ἔρως"})
SUITE = Suite(
    name="agreement-pp",
    version=1,
    items=(KEY, KEYS),
    predictions=(PREDICTION,),
    phenomenon="agreement",
    glossary={"attractors": "nouns between whose number opposes the cue's"},
    source={"seed": 0},
)
