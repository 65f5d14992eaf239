"""What a model is asked: sentences with named regions, items, twins and suites. See docs/method.md for the definitions.

Everything the field asks of a language model is an inequality between surprisals of regions of sentences, so one shape
holds a minimal pair, a cloze question, a SyntaxGym item and a double difference.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import replacing, to_json, write_text

Factor = str | int | float | bool | None

DERIVED = ("distance", "needed_context")
"""Factors that follow from the regions: written to files for their readers, never read back as truth."""


class Span(NamedTuple):
    """Words `start` up to but not including `stop`; may be empty."""

    start: int
    stop: int


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


def needed_context(item: Item, twin: Item) -> int | None:
    """K: 1 + the length of the longest common ending of the twins' contexts, in words.

    A model that sees fewer than K words to the left cannot tell the twins apart. None if the contexts are equal: then
    no amount of context does.
    """
    one = next(iter(item.sentences.values())).context
    other = next(iter(twin.sentences.values())).context
    if one == other:
        return None
    shared = 0
    for word, twins_word in zip(reversed(one), reversed(other), strict=False):
        if word != twins_word:
            break
        shared += 1
    return shared + 1


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
                raise LrdBenchError(
                    f"{self.name}: pair {pair!r} is of {len(members)} item(s), and twins come in two. "
                    "Put the missing line back, or remove the pair."
                )
            one, other = members
            twins[one.id], twins[other.id] = other, one
        return twins

    def needed_context(self, item: Item) -> int | None:
        """K of the item and its twin; None for an item without one."""
        return needed_context(item, self.twins[item.id]) if item.pair is not None else None

    @cached_property
    def digest(self) -> str:
        """The sha256 of the canonical items, without their `source`."""
        digest = hashlib.sha256()
        for item in self.items:
            line = _item_to_json(item, self)
            del line["source"]
            digest.update(to_json(line).encode() + b"\n")
        return digest.hexdigest()


def suite_file(stimuli: Path) -> Path:
    """The file that holds what `NAME.jsonl` does not: `NAME.suite.json`."""
    return stimuli.with_name(stimuli.name.removesuffix(".jsonl") + ".suite.json")


def write_suite(suite: Suite, path: Path) -> None:
    """Write `NAME.jsonl`, one self-contained item a line, and `NAME.suite.json` for the rest."""
    about = {
        "name": suite.name,
        "version": suite.version,
        "phenomenon": suite.phenomenon,
        "reference": suite.reference,
        "predictions": list(suite.predictions),
        "metric": suite.metric,
        "glossary": dict(suite.glossary),
        "digest": suite.digest,
        "items": len(suite.items),
        "source": dict(suite.source),
    }
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for item in suite.items:
            file.write(json.dumps(_item_to_json(item, suite), ensure_ascii=False) + "\n")
    write_text(suite_file(path), json.dumps(about, ensure_ascii=False, indent=2) + "\n")


def read_suite(path: Path) -> Suite:
    """Read our JSONL and, where it is there, the `NAME.suite.json` beside it.

    Raises LrdBenchError naming the file and line of a broken item, and where the two files do not belong together.
    """
    items, heads = [], []
    for number, line in _lines(path):
        try:
            value = json.loads(line)
            items.append(_item_from_json(value))
            heads.append((value["suite"], value["version"], tuple(value["predictions"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            raise LrdBenchError(f"{path}:{number}: not an item: {what}. Mend or remove the line.") from error
        if heads[-1] != heads[0]:
            raise LrdBenchError(
                f"{path}:{number}: is of {heads[-1][0]}@{heads[-1][1]}, the first line of {heads[0][0]}@{heads[0][1]}. "
                "Keep one suite (and one version of it) in a file."
            )
    if not items:
        raise LrdBenchError(f"{path}: holds no items. Generate it again.")
    _check_ids(path, items)
    (name, version, predictions), about = heads[0], _read_about(path)
    suite = Suite(
        name=name,
        version=version,
        predictions=predictions,
        items=tuple(items),
        **{key: about[key] for key in ("phenomenon", "reference", "metric", "glossary", "source") if key in about},
    )
    if about and about.get("digest") != suite.digest:
        raise LrdBenchError(
            f"{path}: does not hold the items that {suite_file(path).name} describes. Generate the suite again, or "
            f"remove {suite_file(path).name} if you changed the items on purpose."
        )
    return suite


def suite_made_from(path: Path) -> str | None:
    """The digest of what the stimuli at `path` were made from; None where they do not name it."""
    try:
        return str(_read_about(path)["source"]["made_from"])
    except (LrdBenchError, KeyError, TypeError):
        return None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line.decode("utf-8")
    except OSError as error:
        raise LrdBenchError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise LrdBenchError(f"{path}: is not UTF-8 ({error.reason}). Save it as UTF-8.") from error


def _read_about(path: Path) -> dict[str, Any]:
    about_path = suite_file(path)
    if not about_path.exists():
        return {}
    try:
        about = json.loads(about_path.read_bytes())
    except (OSError, ValueError) as error:
        raise LrdBenchError(f"{about_path}: is damaged ({error}). Generate the suite again.") from error
    if not isinstance(about, dict):
        raise LrdBenchError(f"{about_path}: is damaged (not a JSON object). Generate the suite again.")
    return about


def _check_ids(path: Path, items: Iterable[Item]) -> None:
    seen = set()
    for item in items:
        if item.id in seen:
            raise LrdBenchError(f"{path}: item id {item.id!r} occurs twice. Give each item an id of its own.")
        seen.add(item.id)


def _item_to_json(item: Item, suite: Suite) -> dict[str, Any]:
    derived = {"distance": item.distance, "needed_context": suite.needed_context(item)}
    return {
        "suite": suite.name,
        "version": suite.version,
        "predictions": list(suite.predictions),
        "id": item.id,
        "group": item.group,
        "pair": item.pair,
        "sentences": {condition: _sentence_to_json(sentence) for condition, sentence in item.sentences.items()},
        "factors": derived | dict(item.factors),
        "extra": dict(item.extra),
        "source": dict(item.source),
    }


def _sentence_to_json(sentence: Sentence) -> dict[str, Any]:
    return {
        "tokens": list(sentence.tokens),
        "text": sentence.text,
        "regions": {name: list(span) for name, span in sentence.regions.items()},
    }


def _item_from_json(value: Mapping[str, Any]) -> Item:
    return Item(
        id=str(value["id"]),
        group=value.get("group"),
        pair=value.get("pair"),
        sentences={condition: _sentence_from_json(sentence) for condition, sentence in value["sentences"].items()},
        factors={name: factor for name, factor in value.get("factors", {}).items() if name not in DERIVED},
        extra=value.get("extra", {}),
        source=value.get("source", {}),
    )


def _sentence_from_json(value: Mapping[str, Any]) -> Sentence:
    tokens = tuple(str(token) for token in value["tokens"])
    regions = {name: Span(*span) for name, span in value.get("regions", {}).items()}
    for name, span in regions.items():
        if not 0 <= span.start <= span.stop <= len(tokens):
            raise ValueError(f"region {name!r} {list(span)} lies outside the sentence's {len(tokens)} words")
    return Sentence(tokens=tokens, text=value.get("text"), regions=regions)
