"""Names and prose as GitHub's Markdown, so that whatever a suite is called is read as it is and breaks no table."""

import re

_LINES = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*")
# An underscore inside a word is none of Markdown's business, and names are full of them.
_INLINE = r"[\\*~<|$]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)"
_NAME = re.compile(rf"{_INLINE}|[`\[\]]|#(?=#*$)")
_PROSE = re.compile(rf"{_INLINE}|\](?=[(\[])")


def one_line(text: str) -> str:
    """The text in one line, as a cell, a heading and a signature must be."""
    return _LINES.sub(" ", text)


def name(text: str) -> str:
    """What stands in a cell, in a heading or under a picture: nothing in it is markup."""
    return _NAME.sub(r"\\\g<0>", one_line(text))


def prose(text: str) -> str:
    """A paragraph, in which what stands between backticks is code, and nothing else is markup."""
    return "".join(f"`{part}`" if i % 2 else _PROSE.sub(r"\\\g<0>", part) for i, part in enumerate(text.split("`")))
