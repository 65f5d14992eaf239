"""What is shipped, in words: for `lrd-bench list`, and for what `generate` says of its items."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lrd_bench.catalogue import Kind, find, is_path, names
from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.formats import FORMATS
from lrd_bench.formats.labels import LABELS
from lrd_bench.formats.sentences import TEXT
from lrd_bench.settings import read_toml

if TYPE_CHECKING:
    from lrd_bench.generate.suites import MadeSuite
    from lrd_bench.items import Item, Sentence

KINDS: dict[str, Kind] = {"suites": "suite", "grammars": "grammar", "models": "model", "experiments": "experiment"}

ENOUGH_GROUPS = 20
"""Below so many groups the report marks an interval."""

NAMED = 10
"""So many words are named."""

LISTS = (*KINDS, "formats")
"""What can be listed: what is shipped, and the file formats that we read and write."""

FILES = (
    {name: each.about for name, each in FORMATS.items()}
    | {"conllu": "treebanks, CoNLL-U (.conllu, .conllu.gz): for `convert`, and to train taggers on (Nivre et al. 2020)"}
    | {name: f"labelled sentences, by `convert --to {name}`: {about}" for name, about in LABELS.items()}
    | {TEXT: "sentences to compute surprisals of, by `convert --to text`: a row each (.tsv)"}
    | {"surprisals": "surprisals computed elsewhere, a row a region or word (.csv, .tsv, .parquet): for `score`"}
    | {"arpa": "n-gram models, by `convert --to arpa`: a text file that KenLM, SRILM and others read"}
)
"""File format → what it is: those that items are read from first, our own at the head."""


class Entry(NamedTuple):
    """A line of a list."""

    name: str
    about: str


def entries(what: str) -> list[Entry]:
    """One of the LISTS: everything shipped of a kind, in alphabetical order; formats with our own first."""
    if what == "formats":
        return [Entry(name, about) for name, about in FILES.items()]
    return [Entry(name, _about(KINDS[what], name)) for name in names(KINDS[what])]


def describe(name: str) -> str:
    """What a shipped name is; of a suite, which may be the path of one, one item and its twin, too.

    Raises LrdBenchError with the nearest name, and whatever is wrong with a suite of one's own.
    """
    if is_path(name):
        if find("suite", name).suffix != ".toml":
            raise LrdBenchError(f"{name}: is no suite. Of files of one's own, `list` shows suites only.")
        return _suite(name)
    if name in FILES:
        return f"format {name}: {FILES[name]}"
    kinds = [kind for kind in KINDS.values() if name in names(kind)]
    if not kinds:
        known = {*LISTS, *FILES, *(name for kind in KINDS.values() for name in names(kind))}
        raise LrdBenchError(unknown("name", name, known))
    return "\n\n".join(_description(kind, name) for kind in kinds)


def about_items(made: "MadeSuite") -> str:
    """How many items a suite has, at which distances, and what the vocabulary left out of it."""
    distances = ", ".join(map(str, made.distances))
    numbers = sorted(set(made.distances.values()))
    each = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    line = f"{made.items} items in {made.items // 2} pairs of twins, {each} at each distance ({distances})"
    lost = [f"{number} groups left out: {why}" for why, number in made.left_out.items()]
    lost += [f"{made.words_left_out} other words left out"] if made.words_left_out else []
    lost += (
        [f"words of every sentence of a kind that the vocabulary lacks: {', '.join(made.fixed_unknown)}"]
        if made.fixed_unknown
        else []
    )
    return "; ".join([line, *lost])


def doubts(made: "MadeSuite") -> Iterator[str]:
    """What its author should know of a suite: too few groups, words left out, a training text of other words."""
    if made.groups < ENOUGH_GROUPS:
        groups = "1 group" if made.groups == 1 else f"{made.groups} groups"
        few = f"{made.name}: {groups}, and intervals want {ENOUGH_GROUPS}"
        if made.groups_known < ENOUGH_GROUPS:
            yield f"{few}: there are words for {made.groups_known} only"
        else:
            yield f"{few}: ask for --items {ENOUGH_GROUPS * made.block}"
    if made.one_sided:
        more = ", …" if len(made.one_sided) > NAMED else ""
        yield (
            f"{made.name}: never cue or candidate, for want of two different forms: "
            f"{', '.join(made.one_sided[:NAMED])}{more}"
        )
    if made.foreign:
        yield (
            f"{made.name}: {made.foreign} of {made.items} items are foreign to {made.split}: not derived "
            "even with all that it withholds"
        )


def _about(kind: Kind, name: str) -> str:
    file = find(kind, name)
    if kind == "suite":
        return str(read_toml(file)["question"])
    if kind == "grammar":
        return " ".join(read_toml(file)["description"].split())
    if kind == "model":
        from lrd_bench.models.recipes import read_recipe

        recipe = read_recipe(name).model_dump(mode="json")
        task = recipe.get("task", "language-modelling")
        about = [recipe["family"], *([task] if task != "language-modelling" else [])]
        for key, value in recipe.get("model", {}).items():
            if value is True:
                about.append(key)
            elif value not in (None, False, []):
                about.append(f"{key} {value}")
        return ", ".join(about)
    experiment = read_toml(file)
    seeds = len(experiment.get("seeds", [0]))
    asked = ", ".join(suite["name"] for suite in experiment["suites"])
    models = ", ".join(Path(model).stem if is_path(model) else model for model in experiment["models"])
    what = f"{models} ({seeds} {'seed' if seeds == 1 else 'seeds'}) on {asked}"
    what += "" if "corpus" in experiment else "; trained on a text of your own"
    return f"{experiment['about']} {what}" if experiment.get("about") else what


def _description(kind: Kind, name: str) -> str:
    if kind == "suite":
        return _suite(name)
    file = find(kind, name)
    return f"{kind} {name}: {_about(kind, name)}\n{file}"


def _suite(name: str) -> str:
    from lrd_bench.generate import generate_suite
    from lrd_bench.suite_files import read_suite

    with tempfile.TemporaryDirectory() as folder:
        suite = read_suite(generate_suite(name, out=Path(folder) / "example.jsonl", items=1).path)
    # The longest item shows best what the suite is about.
    item = max(suite.items, key=lambda item: item.distance or 0)
    return "\n".join(
        [
            f"suite {suite.name}@{suite.version}: {_about('suite', name)}",
            f"{suite.phenomenon}; {suite.reference}",
            f"predicts {suite.predictions[0]}",
            f"for example, at distance {item.distance} (group {item.group}):",
            *_conditions(item),
            "its twin:",
            *_conditions(suite.twins[item.id]),
        ]
    )


def _conditions(item: "Item") -> Iterator[str]:
    width = max(map(len, item.sentences))
    for condition in sorted(item.sentences, key=lambda name: name != "good"):
        sentence = item.sentences[condition]
        yield f"  {condition:<{width}}  {_marked(sentence)}"


def _marked(sentence: "Sentence") -> str:
    """The sentence with its cue and its critical region in brackets."""
    words = list(sentence.tokens)
    for region in ("cue", "critical"):
        start, stop = sentence.regions.get(region, (0, 0))
        if start < stop:
            words[start] = f"[{words[start]}"
            words[stop - 1] = f"{words[stop - 1]}]"
    return " ".join(words)
