"""Which words of a suite a vocabulary lacks, and how common its answers are."""

from collections import Counter
from collections.abc import Sequence

from lrd_bench.audit.contrasts import Contrast, Words
from lrd_bench.audit.shortcuts import Frequency
from lrd_bench.audit.tables import LEAKED, Cell, Finding, Section, Table, counted, percent, phrase, some
from lrd_bench.items import Item, Suite
from lrd_bench.vocabulary import Vocabulary

DECIDING = ("cue", "critical")
"""Regions in which an unknown word leaves an item, and with it its twin, unscored."""


def vocabulary_section(suite: Suite, vocabulary: Vocabulary, min_count: int) -> Section:
    """What a vocabulary does not know of a suite, or has counted fewer than `min_count` times."""
    words = {word for item in suite.items for s in item.sentences.values() for word in s.tokens}
    lacks = {word for word in words if word not in vocabulary or vocabulary.count(word) < min_count}
    deciding = {item.id: lacks.intersection(_deciding(item)) for item in suite.items}
    twins = suite.twins
    unscored = [item for item in deciding if deciding[item] or (item in twins and deciding[twins[item].id])]
    unknown_deciding = set().union(*deciding.values())
    elsewhere = [
        item.id
        for item in suite.items
        if lacks.intersection(word for s in item.sentences.values() for word in s.tokens) - deciding[item.id]
    ]
    rows: tuple[tuple[Cell, ...], ...] = (
        ("different words", len(words), None),
        ("unknown words", len(lacks), some(sorted(lacks), 10) or None),
        ("… in a cue or a critical region", len(unknown_deciding), some(sorted(unknown_deciding), 10) or None),
        ("items left unscored, with their twins", len(unscored), some(unscored, 3) or None),
        ("items with unknown words elsewhere", len(elsewhere), some(elsewhere, 3) or None),
    )
    table = Table(
        slug="vocabulary",
        title=f"{suite.name}: words outside the vocabulary",
        columns=("what", "number", "which"),
        rows=rows,
    )
    if not unscored:
        return Section((table,))
    text = (
        f"{counted(len(unscored), 'item')} of {len(suite.items)} ({percent(len(unscored) / len(suite.items))}) cannot "
        f"be scored with this vocabulary: it lacks {some(sorted(unknown_deciding))} in a cue or a critical region."
    )
    return Section((table,), (Finding(LEAKED + len(unscored) / (len(suite.items) + 1), text),))


def _deciding(item: Item) -> set[str]:
    return {
        word
        for sentence in item.sentences.values()
        for region in DECIDING
        if region in sentence.regions
        for word in sentence.tokens[slice(*sentence.regions[region])]
    }


def answer_section(suite: Suite, contrasts: Sequence[Contrast], frequency: Frequency) -> Section:
    """Every candidate: how often it is right and wrong, and how common it is."""
    right: Counter[Words] = Counter(contrast.right for contrast in contrasts)
    wrong: Counter[Words] = Counter(contrast.wrong for contrast in contrasts)
    candidates = sorted({*right, *wrong}, key=lambda words: (-right[words] - wrong[words], words))
    table = Table(
        slug="answers",
        title=f"{suite.name}: answers",
        columns=("candidate", "right", "wrong", f"occurs in {frequency.by}"),
        rows=tuple((" ".join(words), right[words], wrong[words], _count(words, frequency)) for words in candidates),
        note="Of several words, how often the rarest one occurs.",
        shown=20,
    )
    never = [words for words in candidates if _count(words, frequency) == 0]
    if not never:
        return Section((table,))
    text = (
        f"{len(never)} of {counted(len(candidates), 'candidate')} never occur{'s' if len(never) == 1 else ''} in "
        f"{frequency.by}: {some(map(phrase, never))}."
    )
    return Section((table,), (Finding(LEAKED - 0.5, text),))


def _count(words: Words, frequency: Frequency) -> int | None:
    return min((frequency.count((word,)) for word in words), default=None)
