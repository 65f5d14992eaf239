"""Suites and models with known answers: what they must score is worked out by hand, not by a trained model."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from lrd_bench.items import Item, Sentence, Span, Suite
from lrd_bench.models.base import LanguageModel, LogProbs, Words
from lrd_bench.vocabulary import Vocabulary

HEADLINE = "(critical;%good%) < (critical;%bad%)"
WHOLE = "(*;%good%) < (*;%bad%)"
DOUBLE = "(critical;%good%) + (critical;%twin.good%) < (critical;%bad%) + (critical;%twin.bad%)"

FILLERS = ("near the old cabinet", "near the old cabinets of the noisy clerk", "behind the clerks")


def sentence(before: str, cue: str, filler: str, critical: str, after: str = "") -> Sentence:
    """`before CUE filler CRITICAL after` with its two regions."""
    words = [*before.split(), cue, *filler.split(), critical, *after.split()]
    start = len(before.split())
    verb = start + 1 + len(filler.split())
    return Sentence(tokens=tuple(words), regions={"cue": Span(start, start + 1), "critical": Span(verb, verb + 1)})


def twins(pair: str, filler: str, *, cues: Sequence[str] = ("key", "keys"), group: str = "key|be") -> list[Item]:
    """The key … is rusty / The keys … are rusty."""
    return [
        Item(
            id=f"{pair}-{cue}",
            pair=pair,
            group=group,
            sentences={
                "good": sentence("the", cue, filler, good, "rusty now"),
                "bad": sentence("the", cue, filler, bad, "rusty now"),
            },
            factors={"filler": "pp", "cue_value": value},
        )
        for cue, good, bad, value in [(cues[0], "is", "are", "singular"), (cues[1], "are", "is", "plural")]
    ]


def suite(*items: Item, predictions: Sequence[str] = (HEADLINE, DOUBLE), name: str = "agreement-pp") -> Suite:
    return Suite(name=name, version=1, items=items, predictions=tuple(predictions))


AGREEMENT = suite(*(item for number, filler in enumerate(FILLERS) for item in twins(f"p{number}", filler)))


@dataclass
class Opened:
    """What `open_model` gives."""

    model: LanguageModel
    name: str = "double"
    digest: str = "0123456789abcdef"
    seed: int | None = 0


@dataclass
class Double(LanguageModel):
    """A model that scores word by word; `asked` keeps every (sentence, position) it was asked for."""

    context: int | None = None
    bidirectional: bool = False
    vocabulary: Vocabulary | None = None
    asked: list[tuple[tuple[str, ...], int]] = field(default_factory=list)

    def word(self, before: tuple[str, ...], word: str) -> float:
        raise NotImplementedError

    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        wanted = wanted if wanted is not None else [range(len(sentence)) for sentence in sentences]
        rows = []
        for words, positions in zip(sentences, wanted, strict=True):
            self.asked += [(tuple(words), position) for position in positions]
            rows.append([self.word(tuple(words[:position]), words[position]) for position in positions])
            if end:
                rows[-1].append(self.word(tuple(words), "</s>"))
        return rows


@dataclass
class Uniform(Double):
    """Every word is one of a thousand."""

    context: int | None = 0

    def word(self, before: tuple[str, ...], word: str) -> float:
        return -math.log(1000)


@dataclass(kw_only=True)
class Oracle(Double):
    """Knows the good continuations of a suite; `right=False` prefers the bad ones."""

    suite: Suite
    right: bool = True

    def word(self, before: tuple[str, ...], word: str) -> float:
        known = {
            item.sentences["good"].tokens[: item.sentences["good"].regions["critical"].stop]
            for item in self.suite.items
        }
        return math.log(0.9 if ((*before, word) in known) == self.right else 0.1)


@dataclass
class Window(Double):
    """Scores a word by what it sees alone: an arbitrary function of the window, with the noise of float32."""

    calls: int = 0

    def word(self, before: tuple[str, ...], word: str) -> float:
        assert self.context is not None
        padded = ("<s>",) * self.context + before
        seen = padded[len(padded) - self.context :]
        self.calls += 1
        noise = 1e-7 * (zlib.crc32(f"{self.calls} {len(before)}".encode()) % 1000)
        return -10 * (zlib.crc32(" ".join((*seen, word)).encode()) / 2**32) - noise
