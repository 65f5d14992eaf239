"""What a model is asked: sentences with named regions, items, twins and suites. See docs/method.md for the definitions.

Everything the field asks of a language model is an inequality between surprisals of regions of sentences, so one shape
holds a minimal pair, a cloze question, a SyntaxGym item and a double difference.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import to_json
from lrd_bench.progress import tracked

Factor = str | int | float | bool | None

DERIVED = ("distance", "needed_context")
"""Factors that follow from the regions: written to files for their readers, never read back as truth."""


ITEMS_AT_ONCE = 4096
"""Of a large suite, so many are looked at together."""


class Span(NamedTuple):
    """Words `start` up to but not including `stop`; may be empty."""

    start: int
    stop: int


class Difference(NamedTuple):
    """Where two sentences differ: from their first differing word to their last, in each."""

    good: Span
    bad: Span

    @property
    def multi_word(self) -> bool:
        """Whether the difference is of more than one word in either sentence."""
        return max(stop - start for start, stop in self) > 1


def difference(good: Sequence[str], bad: Sequence[str]) -> Difference | None:
    """Where two sentences differ; None if they do not. Where words were put in, the span of the other is empty."""
    if good == bad:
        return None
    shorter = min(len(good), len(bad))
    before = 0
    while before < shorter and good[before] == bad[before]:
        before += 1
    after = 0
    while after < shorter - before and good[-1 - after] == bad[-1 - after]:
        after += 1
    return Difference(Span(before, len(good) - after), Span(before, len(bad) - after))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence and the spans of it that an item speaks about."""

    tokens: tuple[str, ...]
    """Words, without boundary symbols."""
    regions: Mapping[str, Span]
    """Named spans, such as `cue` (the word that decides the right form), `critical` (where the forms differ) and
    `attractor1` …; `*`, the whole sentence, need not be listed."""
    text: str | None = None
    """The raw string, where the source has one."""

    @property
    def distance(self) -> int | None:
        """First critical word minus last word of the cue, in words: 1 when they are adjacent; None without a cue."""
        if "cue" not in self.regions or "critical" not in self.regions:
            return None
        return self.regions["critical"].start - (self.regions["cue"].stop - 1)

    @property
    def context(self) -> tuple[str, ...]:
        """The words before the critical region; the whole sentence where there is none."""
        return self.tokens[: self.regions["critical"].start] if "critical" in self.regions else self.tokens

    def span(self, region: str) -> Span:
        """The span of a region; `*` is the whole sentence. Raises KeyError for a region the sentence lacks."""
        return Span(0, len(self.tokens)) if region == "*" else self.regions[region]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question: a sentence for each condition, and what was varied to make it."""

    id: str
    sentences: Mapping[str, Sentence]
    """Condition → sentence, such as `good` and `bad`."""
    group: str | None = None
    """The coarsest set that shares open-class material; the unit that intervals resample. None: unknown."""
    pair: str | None = None
    """An id that exactly two items share, twins of each other: same words but for the cue, same candidates, opposite
    answer."""
    factors: Mapping[str, Factor] = field(default_factory=dict)
    """What is varied, without the derived factors."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def distance(self) -> int | None:
        """The distance of the item's sentences, which differ at most after the critical region begins."""
        return next(iter(self.sentences.values())).distance


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is proved of a pair of twins: see docs/method.md, "The theorem"."""

    blind_below: int | None
    """K, the needed context: a model that sees fewer words to the left scores exactly 1 of the pair's 2 items."""
    why_not: str | None = None
    """Why nothing is proved, if `blind_below` is None."""


NO_TWIN = Certificate(None, "has no twin")


def certify(item: Item, twin: Item) -> Certificate:
    """The certificate of a pair, after checking all that the theorem asks of it.

    Item: good c·x·z_x, bad c·y·z_y; twin: good c′·y·z_y, bad c′·x·z_x; |c| = |c′|, c ≠ c′. Then K is 1 + the length of
    the longest common ending of c and c′, in words.
    """
    one, other = list(item.sentences), list(twin.sentences)
    if len(one) != 2 or sorted(one) != sorted(other):
        return Certificate(None, "the twins do not have the same two conditions")
    if any("critical" not in sentence.regions for each in (item, twin) for sentence in each.sentences.values()):
        return Certificate(None, "a sentence has no critical region")
    good, bad = one
    context, twins_context = item.sentences[good].context, twin.sentences[good].context
    if context != item.sentences[bad].context or twins_context != twin.sentences[bad].context:
        return Certificate(None, "the sentences of an item differ before their critical region")
    if context == twins_context:
        return Certificate(None, "the twins have the same context")
    if len(context) != len(twins_context):
        return Certificate(None, "the twins' contexts differ in length")
    tails = [_tail(each.sentences[condition]) for each, condition in ((item, good), (item, bad))]
    if tails != [_tail(twin.sentences[bad]), _tail(twin.sentences[good])] or tails[0] == tails[1]:
        return Certificate(None, "the twins do not have the same candidates with opposite answers")
    shared = 0
    while context[-1 - shared] == twins_context[-1 - shared]:
        shared += 1
    return Certificate(shared + 1)


def _tail(sentence: Sentence) -> tuple[str, ...]:
    """The critical region and what follows it."""
    return sentence.tokens[sentence.regions["critical"].start :]


def odd_pair(where: str, pair: str, members: int) -> LrdBenchError:
    """The error of a pair that is not of two items; `where` is a suite, or a file and line."""
    return LrdBenchError(
        f"{where}: pair {pair!r} is of {members} item(s), and twins come in two. "
        "Put the missing line back, or remove the pair."
    )


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A named set of items and what a good model is predicted to do on each."""

    name: str
    version: int
    items: Sequence[Item]
    predictions: tuple[str, ...]
    """Formulas (see `lrd_bench.formula`), the headline first."""
    phenomenon: str = ""
    reference: str = ""
    metric: str = "sum"
    """How the surprisals of a region's words become the region's."""
    glossary: Mapping[str, str] = field(default_factory=dict)
    """Factor → what it means."""
    source: Mapping[str, Any] = field(default_factory=dict)
    """What the suite was made from: the digest of its inputs, the seed, and what was left out."""

    @cached_property
    def twins(self) -> Mapping[str, Item]:
        """Item id → its twin, for items in a pair."""
        pairs: dict[str, list[Item]] = {}
        for item in self.items:
            if item.pair is not None:
                pairs.setdefault(item.pair, []).append(item)
        twins = {}
        for pair, members in pairs.items():
            if len(members) != 2:
                raise odd_pair(self.name, pair, len(members))
            one, other = members
            twins[one.id], twins[other.id] = other, one
        return twins

    def blocks(self, size: int) -> Iterator["Suite"]:
        """The suite in parts of about so many items, in order, twins together: what is too large to be held whole."""
        block, alone = list[Item](), set[str]()
        for item in self.items:
            block.append(item)
            if item.pair is not None:
                alone ^= {item.pair}
            if len(block) >= size and not alone:
                yield replace(self, items=tuple(block))
                block = []
        if block:
            yield replace(self, items=tuple(block))

    def certificate(self, item: Item) -> Certificate:
        """What is proved of the item and its twin."""
        return certify(item, self.twins[item.id]) if item.pair is not None else NO_TWIN

    def needed_context(self, item: Item) -> int | None:
        """K of the item and its twin; None for an item without one, and where the pair is not certified."""
        return self.certificate(item).blind_below

    @cached_property
    def digest(self) -> str:
        """The sha256 of the canonical items, without their `source`."""
        digest = hashlib.sha256()
        items = ((item, block) for block in self.blocks(ITEMS_AT_ONCE) for item in block.items)
        for item, block in tracked(items, f"checking {self.name}", total=len(self.items), unit="items"):
            line = item_to_json(item, block)
            del line["source"]
            digest.update(to_json(line).encode() + b"\n")
        return digest.hexdigest()


def item_to_json(item: Item, suite: Suite) -> dict[str, Any]:
    """An item as a line of our JSONL has it, the derived factors and the certificate included."""
    certificate = suite.certificate(item)
    derived = {"distance": item.distance, "needed_context": certificate.blind_below}
    value: dict[str, Any] = {
        "suite": suite.name,
        "version": suite.version,
        "predictions": list(suite.predictions),
        "id": item.id,
        "group": item.group,
        "pair": item.pair,
        "sentences": {condition: _sentence_to_json(sentence) for condition, sentence in item.sentences.items()},
        "factors": derived | dict(item.factors),
        "certificate": certificate_to_json(certificate),
        "source": dict(item.source),
    }
    return value | ({"extra": dict(item.extra)} if item.extra else {})


def certificate_to_json(certificate: Certificate) -> dict[str, Any]:
    """A certificate as an item's line has it."""
    if certificate.blind_below is None:
        return {"not_certified": certificate.why_not}
    return {"blind_below": certificate.blind_below}


def _sentence_to_json(sentence: Sentence) -> dict[str, Any]:
    value: dict[str, Any] = {
        "tokens": list(sentence.tokens),
        "regions": {name: list(span) for name, span in sentence.regions.items()},
    }
    return value if sentence.text is None else value | {"text": sentence.text}
