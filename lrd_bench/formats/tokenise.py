"""From a raw English sentence to words, as training text of the same conventions has them.

Word models know words, and a file of raw strings has none; for models of pieces of words, words are put together again
(`lrd_bench.models.hf.text`). The rules are those of much running text: typographic characters made plain (curly
quotation marks, dashes, ellipses); punctuation cut off, but for abbreviations, initials and what stands inside a number
or a word (`9:30`, `well-known`, `o'clock`); clitics cut off as in the Penn Treebank (`does n't`, `dog 's`, `ca n't`).
Case is kept.
"""

import re

from lrd_bench.formats.lines import Words

_ABBREVIATION = (  # the last full stop follows
    r"Adm|Apr|Art|Aug|BCE|Bros|Capt|Ch|Co|Col|Corp|Dec|Dept|Drs?|Eq|Esq|Feb|Figs?|Ft|Gen|Gov|Hon|Inc|Jan|Jr|Jul|Jun"
    r"|Lieut|Lt|Ltd|M|Maj|Mar|Messrs|Mlle|Mme|Mrs?|Ms|Mt|Nos?|Nov|Oct|Ph\.D|Pres|Prof|Rep|Rev|Sec|Sen|Sept|Sgt|Sr|Ste?"
    r"|Supt|Vols?|[AP]\.M|A\.D|B\.C|D\.C|U\.[KNS]|[ap]\.m|al|approx|cf|e\.g|eds?|etc|i\.e|ibid|pp?|viz|vs"
)

_CHARACTERS = (
    (re.compile("[“”„‟]"), '"'),
    (re.compile("[‘’‚‛]"), "'"),
    (re.compile("…"), "..."),
    (re.compile(r"\.(?:\s*\.){2,}"), "..."),
    (re.compile(r"(?<=\d)[–—](?=\d)"), "-"),
    (re.compile("[–—]|-{2,}"), " -- "),
    (re.compile("[‑−]"), "-"),  # no-break hyphen, minus sign
)

_TOKEN = re.compile(
    # The first that matches, from left to right.
    rf"(?<!\w)(?:{_ABBREVIATION})\.(?!\w)"
    r"|(?<!\w)(?:[A-Z]\.){2,}"  # initials
    r"|(?<!\w)[A-Z]\.(?=\s+[A-Z])"  # an initial before a name
    r"|\.\.\."
    r"|--"
    r"|\d+(?:[.,:]\d+)*(?:st|nd|rd|th|s)?(?![^\W\d_])"  # a number
    r"|\w+(?:[-'&]\w+)*"  # a word
    r"|\S"
)

_CLITIC = re.compile(r"(?<=.)(?:n't|'s|'ll|'re|'ve|'d|'m)$", re.IGNORECASE)


def tokenise(sentence: str) -> Words:
    """The words of one raw sentence: `The dog's owner can't sleep.` → The dog 's owner ca n't sleep ."""
    for characters, plain in _CHARACTERS:
        sentence = characters.sub(plain, sentence)
    words: list[str] = []
    for match in _TOKEN.finditer(sentence):
        stem, clitics = match.group(), list[str]()
        while clitic := _CLITIC.search(stem):
            stem, clitics = stem[: clitic.start()], [clitic.group(), *clitics]  # could n't 've
        words += [stem, *clitics]
    return tuple(words)
