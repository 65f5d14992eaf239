"""How much a suite holds once what its items share is taken away: items are many sooner than words and groups are."""

from collections import Counter
from collections.abc import Mapping, Sequence

from lrd_bench.audit.contrasts import Contrast
from lrd_bench.audit.tables import BROKEN, NARROW, Cell, Finding, Section, Table, counted, percent, some
from lrd_bench.items import Item, Suite

FEW_CUES = 50
"""A suite with no more different cues than this may have few …"""

SHOWN_CUES = 12

REPEAT = "repeat another item word for word and count"

FEW_WORDS = 200
"""… and with no more different words than this, few words …"""

ITEMS_EACH = 10
"""… if there are so many items for each cue: a small suite has few because it is small …"""

ITEMS_EACH_WORD = 50
"""… and so many for each word."""


def size_section(suite: Suite, contrasts: Sequence[Contrast]) -> Section:
    """How many items, groups, pairs, sentences and words; what occurs twice, and what cannot be answered."""
    rows = _rows(suite, contrasts)
    table = Table(
        slug="size",
        title=f"{suite.name}: size",
        columns=("what", "number"),
        rows=tuple(rows.items()),
        note="Contexts are what precedes the candidates: the words in which the two sentences of an item differ.",
    )
    return Section(
        (table,),
        (
            *_unanswerable(suite, contrasts),
            *_groups(suite),
            *few_words([suite]),
        ),
    )


def cues_of(suite: Suite) -> Counter[tuple[str, ...]]:
    """The cue of each item that marks one, lower case: words → items."""
    return Counter(cue for cue in map(_cue, suite.items) if cue)


def _cue(item: Item) -> tuple[str, ...]:
    sentence = next(iter(item.sentences.values()))
    span = sentence.regions.get("cue", (0, 0))
    return tuple(word.lower() for word in sentence.tokens[slice(*span)])


def cue_words_of(suite: Suite) -> set[frozenset[tuple[str, ...]]]:
    """The marked cues with those of their twins: the forms of one word where a cue is inflected."""
    cues = {item.id: _cue(item) for item in suite.items}
    twins = suite.twins
    return {frozenset((cue, cues[twins[each].id] if each in twins else cue)) for each, cue in cues.items() if cue}


def words_of(suite: Suite) -> set[str]:
    """All words of all sentences, lower case."""
    return {word.lower() for item in suite.items for sentence in item.sentences.values() for word in sentence.tokens}


def _rows(suite: Suite, contrasts: Sequence[Contrast]) -> Mapping[str, Cell]:
    known = [item.group for item in suite.items if item.group is not None]
    cues = cues_of(suite)
    distances = sorted({item.distance for item in suite.items if item.distance is not None})
    rows: dict[str, Cell] = {
        "items": len(suite.items),
        "pairs of twins": len(suite.twins) // 2,
        "groups": len(set(known)) if known else "unknown",
        "items in the largest group": max(Counter(known).values(), default=None),
        "items of unknown group": len(suite.items) - len(known),
        "different sentences": len({s.tokens for item in suite.items for s in item.sentences.values()}),
        "different contexts": len({contrast.before for contrast in contrasts}) if contrasts else None,
        "different candidates": len({words for c in contrasts for words in (c.right, c.wrong)}) if contrasts else None,
        "different cues": len(cues) if cues else "not marked",
        "different words": len(words_of(suite)),
        "distances": ", ".join(map(str, distances)) if distances else "unknown",
        "identical pairs": sum(contrast.identical for contrast in contrasts),
        "items that repeat another": len(suite.items) - len(_questions(suite)),
        "sentences both right and wrong": len(_contradictions(contrasts)),
    }
    return rows


def _questions(suite: Suite) -> set[object]:
    return {
        tuple((condition, sentence.tokens) for condition, sentence in item.sentences.items()) for item in suite.items
    }


def _contradictions(contrasts: Sequence[Contrast]) -> set[tuple[str, ...]]:
    """Sentences that are to be likelier in one item and less likely in another."""
    asked = [contrast for contrast in contrasts if not contrast.identical]
    return {contrast.good.tokens for contrast in asked} & {contrast.bad.tokens for contrast in asked}


def _unanswerable(suite: Suite, contrasts: Sequence[Contrast]) -> list[Finding]:
    findings = []
    if same := [contrast.item.id for contrast in contrasts if contrast.identical]:
        findings.append(
            Finding(
                BROKEN + len(same) / (len(contrasts) + 1),
                f"{counted(len(same), 'pair')} of {len(contrasts)} "
                f"{'is' if len(same) == 1 else 'are'} identical: both sentences are the same, so that no model can be "
                f"right ({'item' if len(same) == 1 else 'items'} {some(same)}).",
            )
        )
    if twice := len(suite.items) - len(_questions(suite)):
        findings.append(
            Finding(
                BROKEN - 0.1 + 0.1 * twice / len(suite.items),
                f"{counted(twice, 'item')} of {len(suite.items)} ({percent(twice / len(suite.items))}) "
                f"{'repeats another item word for word and counts' if twice == 1 else REPEAT} twice.",
            )
        )
    if both := _contradictions(contrasts):
        findings.append(
            Finding(
                BROKEN - 0.2,
                f"{counted(len(both), 'sentence')} {'is' if len(both) == 1 else 'are'} right in one item and wrong in "
                f"another, such as “{' '.join(min(both))}”.",
            )
        )
    return findings


def _groups(suite: Suite) -> list[Finding]:
    sizes = Counter(item.group for item in suite.items if item.group is not None)
    if not sizes:
        what = "pairs" if suite.twins else "items"
        return [Finding(NARROW, f"The groups are unknown: intervals resample {what} and are too narrow.")]
    items = sizes.total()
    if len(sizes) > items / 2:
        return []
    each = f"{min(sizes.values())} to {max(sizes.values())}" if len({*sizes.values()}) > 1 else str(max(sizes.values()))
    return [
        Finding(
            NARROW + 0.5,
            f"{items} items come from {counted(len(sizes), 'group')} of {each} items that share their words or their "
            f"base sentence: they are not {items} independent answers, and intervals must resample groups.",
        )
    ]


def few_words(suites: Sequence[Suite]) -> list[Finding]:
    """Whether many items have one of few cues, and whether they are made of few words."""
    items = sum(len(suite.items) for suite in suites)
    words = set[str]().union(*map(words_of, suites))
    cues = sum(map(cues_of, suites), Counter[tuple[str, ...]]())
    lexemes = len(set().union(*map(cue_words_of, suites)))
    findings = []
    marked = cues.total()
    if cues and len(cues) <= FEW_CUES and marked >= ITEMS_EACH * len(cues):
        who = f"All {items} items" if marked == items else f"The {marked} items that mark their cue"
        shown = some((" ".join(cue) for cue, _ in cues.most_common()), SHOWN_CUES)
        also = f", {lexemes} with twins' cues taken as one" if lexemes < len(cues) else ""
        text = f"{who} have one of only {counted(len(cues), 'different cue')}{also}: {shown}."
        findings.append(Finding(NARROW + 0.6, text))
    if len(words) <= FEW_WORDS and items >= ITEMS_EACH_WORD * len(words):
        text = f"All {items} items are made of only {len(words)} different words."
        findings.append(Finding(NARROW + 0.55, text))
    return findings
