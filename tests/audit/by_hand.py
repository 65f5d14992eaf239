"""Suites of a few literal sentences, whose shortcuts and heuristics can be worked out with a pencil."""

from lrd_bench.audit.contrasts import contrasts_of
from lrd_bench.audit.learning import clusters_of
from lrd_bench.audit.shortcuts import counted_in, shortcuts_of
from lrd_bench.items import Item, Sentence, Span, Suite

WHOLE = "(*;%good%) < (*;%bad%)"
CRITICAL = "(critical;%good%) < (critical;%bad%)"
DOUBLE = "(critical;%good%) + (critical;%twin.good%) < (critical;%bad%) + (critical;%twin.bad%)"


def plain(name, good, bad, *, group=None):
    """An item of two sentences and nothing that is marked in them."""
    sentences = {"good": good, "bad": bad}
    return Item(
        id=name,
        group=group,
        sentences={
            condition: Sentence(tokens=tuple(text.split()), regions={}) for condition, text in sentences.items()
        },
    )


def marked(name, text, bad, *, group=None, pair=None, **factors):
    """An item whose text marks *cue* and _critical word_; `bad` is the wrong word in its place."""
    words = text.split()
    cue = next(at for at, word in enumerate(words) if word.startswith("*"))
    critical = next(at for at, word in enumerate(words) if word.startswith("_"))
    good = [word.strip("*_") for word in words]
    regions = {"cue": Span(cue, cue + 1), "critical": Span(critical, critical + 1)}
    wrong = [*good[:critical], bad, *good[critical + 1 :]]
    return Item(
        id=name,
        group=group,
        pair=pair,
        sentences={
            "good": Sentence(tokens=tuple(good), regions=regions),
            "bad": Sentence(tokens=tuple(wrong), regions=regions),
        },
        factors=factors,
    )


def suite(*items, predictions=(WHOLE,), name="by-hand"):
    return Suite(name=name, version=1, items=items, predictions=predictions)


def twins(group, between, singular=("key", "is"), plural=("keys", "are"), **factors):
    """*The key BETWEEN is old* and *The keys BETWEEN are old*, with the factors of both."""
    return [
        marked(
            f"{group}/{between}/{cue}",
            f"The *{cue}* {between} _{right}_ old .",
            wrong,
            group=group,
            pair=f"{group}/{between}",
            cue_value=value,
            **factors,
        )
        for value, (cue, right), wrong in (("singular", singular, plural[1]), ("plural", plural, singular[1]))
    ]


def shortcuts(of, frequency=None):
    """Name → shortcut."""
    contrasts = contrasts_of(of)
    found = shortcuts_of(of, contrasts, clusters_of(of, contrasts), frequency or counted_in(of))
    return {shortcut.name: shortcut for shortcut in found}


def accuracies(of, frequency=None):
    """Shortcut → accuracy, for those that are asked of any item."""
    return {
        name: shortcut.score.accuracy
        for name, shortcut in shortcuts(of, frequency).items()
        if shortcut.score.accuracy is not None
    }
