"""Words put together again as running text, for models of pieces of words, which were trained on running text.

The opposite of cutting punctuation and clitics off (`lrd_bench.formats.tokenise`): whether a white space stands before
a word follows from it and the words before, never from what is to come, so that text only grows at its end.
"""

from typing import NamedTuple

from lrd_bench.models.base import Words

CLOSING = frozenset((*".,;:?!)]}%'", "...", "n't", "'s", "'ll", "'re", "'ve", "'d", "'m"))
"""Stand close to the word before, in whatever case. A mere ' is taken for that of *the dogs' owner*."""
OPENING = frozenset("([{$")
"""Stand close to the word after."""
QUOTE = '"'
"""By turns one that opens and one that closes."""


class RunningText(NamedTuple):
    """A sentence as it would be printed."""

    text: str
    ends: list[int]
    """For each word, how many characters the text has up to it."""


def running_text(words: Words) -> RunningText:
    """The dog 's owner ca n't sleep . → The dog's owner can't sleep."""
    parts, ends, length, quoted, close = list[str](), list[int](), 0, False, True
    for word in words:
        if not (close or word.lower() in CLOSING or (word == QUOTE and quoted)):
            parts.append(" ")
            length += 1
        parts.append(word)
        length += len(word)
        ends.append(length)
        if word == QUOTE:
            quoted = not quoted
        close = word in OPENING or (word == QUOTE and quoted) or not length
    return RunningText("".join(parts), ends)
