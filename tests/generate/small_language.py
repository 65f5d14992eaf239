"""A language of a few words, and suites and grammars of it, written to a folder for one test."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrd_bench.generate import generate_suite
from lrd_bench.items import Item, Suite
from lrd_bench.suite_files import read_suite

LEXICON = """\
class,lemma,number=singular,number=plural,domain
noun,key,key,keys,
noun,clerk,clerk,clerks,
noun,cabinet,cabinet,cabinets,
noun,box,box,boxes,
noun,lamp,lamp,lamps,
verb,be,is,are,
verb,fall,falls,fall,
place,near,,,
place,behind,,,
adverb,often,,,
adverb,still,,,
adverb,also,,,
agent,poet,poet,poets,literature
agent,writer,writer,writers,literature
agent,pianist,pianist,pianists,music
agent,singer,singer,singers,music
agent,nurse,nurse,nurses,medicine
agent,doctor,doctor,doctors,medicine
tool,pen,pen,pens,literature
tool,piano,piano,pianos,music
tool,needle,needle,needles,medicine
"""

HEAD = """\
name = "small"
version = 1
phenomenon = "number agreement"
question = "Does the verb agree?"
reference = "nobody 1900"
lexicon = "lexicon.csv"
construction = "subject-verb"
twins = "number"
sentence = "The {cue:noun(number)} {filler} {critical:verb(number)} old ."
"""

PHRASES = """
[[filler]]
kind = "phrases"
unit = "{place} the {attractor:noun(number)}"
nouns = [1, 2]
distances = [4, 7]
"""

ADVERBS = """
[[filler]]
kind = "adverbs"
stretch = "adverb"
distances = [1, 3, 6]
"""


def write_suite_file(folder: Path, text: str = HEAD + PHRASES, lexicon: str = LEXICON) -> str:
    """The path of a suite file with its lexicon beside it."""
    (folder / "lexicon.csv").write_text(lexicon, encoding="utf-8")
    (folder / "small.toml").write_text(text, encoding="utf-8")
    return str(folder / "small.toml")


def make_suite(folder: Path, text: str = HEAD + PHRASES, lexicon: str = LEXICON, **settings: Any) -> Suite:
    """A block of a suite, or as many `items` as `settings` say, generated and read back."""
    path = write_suite_file(folder, text, lexicon)
    made = generate_suite(path, out=folder / "items.jsonl", force=True, **{"items": 1, **settings})
    return read_suite(made.path)


def words(item: Item, condition: str = "good") -> list[str]:
    """The words of an item's sentence."""
    return list(item.sentences[condition].tokens)


def between(item: Item) -> list[str]:
    """The words between the cue and the critical word."""
    sentence = item.sentences["good"]
    return list(sentence.tokens[sentence.regions["cue"].stop : sentence.regions["critical"].start])


def write_grammar_file(
    folder: Path, rules: Mapping[str, Sequence[str]], lexicon: str = LEXICON, start: str = "sentence"
) -> Path:
    """The path of a training grammar with its lexicon beside it."""
    lines = [
        'name = "small-text"',
        "version = 1",
        'description = "A few words."',
        'lexicon = "lexicon.csv"',
        f'start = "{start}"',
        "[rules]",
    ]
    lines += [f"{head!r} = {list(alternatives)!r}" for head, alternatives in rules.items()]
    (folder / "lexicon.csv").write_text(lexicon, encoding="utf-8")
    (folder / "grammar.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "grammar.toml"
