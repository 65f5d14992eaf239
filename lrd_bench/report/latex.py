"""Tables and reports as LaTeX: tables with booktabs, in any class and with any engine.

Names are escaped here rather than by tabulate, which leaves ½, ≠ and † to fonts that do not have them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lrd_bench.report.markdown import one_line
from lrd_bench.report.tables import Cell, Column, Table, cut_to_width, notes_of, parts_of

WIDTH = 110
"""Of a block of columns, in digits: what fits across 17 cm at \\small, measured on tables of numbers with intervals."""
INTERVAL = 0.75
"""How wide a character of an interval is, compared with one of its value."""
BETWEEN = 1.8
"""The space between two columns, in digits."""
LINES = 46
"""As many fit on a page, above the notes."""

_CHARACTERS = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "{}_%&#$"},
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "½": r"$\frac{1}{2}$",
    "≠": r"$\neq$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "†": r"$\dagger$",
    "‡": r"$\ddagger$",
    "°": r"$^\circ$",
    "∞": r"$\infty$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": r"$-$",
    "→": r"$\to$",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
}
_ESCAPES = str.maketrans(_CHARACTERS)
# Typewriter fonts have these themselves, and other fonts' look odd among them.
_CODE_ESCAPES = str.maketrans({key: value for key, value in _CHARACTERS.items() if key not in "<>|"})

PREAMBLE = r"""% The tables need \usepackage{booktabs,float}.
% With names that are not in Latin script: lualatex, and a font that has their letters.
\documentclass{article}
\usepackage[a4paper,margin=1.9cm]{geometry}
\usepackage{booktabs,float,graphicx}
\setlength{\tabcolsep}{4pt}
\setlength{\belowcaptionskip}{4pt}
\setlength{\parindent}{0pt}
\begin{document}
"""


def escaped(text: str) -> str:
    """Text as LaTeX: special characters escaped, and what stands between backticks as code."""
    return "".join(_code(part) if i % 2 else part.translate(_ESCAPES) for i, part in enumerate(text.split("`")))


def _code(text: str) -> str:
    return f"\\texttt{{{text.translate(_CODE_ESCAPES)}}}"


def latex_document(
    tables: Sequence[Table],
    signatures: Sequence[str],
    *,
    about: str,
    how_to_read: Sequence[str],
    figures: Mapping[str, str],
) -> str:
    """A report that can be compiled as it stands.

    figures: the slug of a table → the file of the figure that shows the same; one more comes first, of no table
    """
    parts = [PREAMBLE, escaped(about)] if about else [PREAMBLE]
    of_tables = {table.slug for table in tables}
    whole = "[width=\\linewidth,height=0.93\\textheight,keepaspectratio]"  # it may be taller than a page
    first = [(slug, file) for slug, file in figures.items() if slug not in of_tables]
    parts += [_figure(slug, "Accuracy by distance", file, whole) for slug, file in first]
    for table in tables:
        parts.append(latex_table(table))
        if table.slug in figures:
            parts.append(_figure(table.slug, table.title, figures[table.slug]))
    parts.append(_list("How to read this", map(escaped, how_to_read)))
    # A signature is one long word, to be broken where it has a bar.
    parts.append(_list("Signatures", (_code(line).replace("|", "|\\allowbreak{}") for line in signatures)))
    return "\n\n".join([*parts, "\\end{document}"]) + "\n"


def _figure(slug: str, title: str, file: str, size: str = "") -> str:
    # Drawn at the size of print, so that none is needed: larger or smaller letters would be the wrong ones.
    shown = f"\\includegraphics{size}{{\\detokenize{{{file}}}}}"
    caption = f"\\caption{{{escaped(one_line(title))}.}}\n\\label{{fig:{_label(slug)}}}"
    return f"\\begin{{figure}}[H]\n\\centering\n{shown}\n{caption}\n\\end{{figure}}"


def _list(title: str, lines: Iterable[str]) -> str:
    items = "\n".join(f"\\item {line}" for line in lines)
    return f"\\section*{{{title}}}\n\\begin{{itemize}}\n\\raggedright\\footnotesize\n{items}\n\\end{{itemize}}"


def latex_table(table: Table) -> str:
    """The table as one or more floats, each no wider than a page and no longer.

    A wide table is cut into blocks with the key columns in each, as in text; blocks that fit stand in one float.
    """
    floats: list[list[str]] = [[]]
    left = LINES
    for block in cut_to_width(table, _widths(table), WIDTH):
        for start in range(0, len(block.rows) or 1, LINES):
            rows = block.rows[start : start + LINES]
            if floats[-1] and len(rows) + 2 > left:
                floats.append([])
                left = LINES
            left -= len(rows) + 2
            floats[-1].append(_tabular(replace(block, rows=rows)))
    notes = [f"\\parbox{{\\linewidth}}{{\\footnotesize {escaped(note)}}}" for note in notes_of(table)]
    floats[-1] += notes
    return "\n\n".join(_float(table, tabulars, first=i == 0) for i, tabulars in enumerate(floats))


def _float(table: Table, parts: Sequence[str], *, first: bool) -> str:
    body = "\n\\par\\medskip\n".join(parts)
    title = escaped(one_line(table.title))  # a caption may hold no blank line
    if first:
        caption = f"\\caption{{{title}.}}\n\\label{{tab:{_label(table.slug)}}}"
    else:
        caption = f"\\addtocounter{{table}}{{-1}}\n\\caption{{{title} (continued).}}"
    return f"\\begin{{table}}[H]\n\\centering\n\\small\n{caption}\n{body}\n\\end{{table}}"


def _label(slug: str) -> str:
    """A label that LaTeX takes whatever the suites are called."""
    return re.sub(r"[^\w.-]", "-", slug, flags=re.ASCII).replace("_", "-")


def _tabular(table: Table) -> str:
    columns = range(len(table.columns))
    right = [not any(isinstance(row[i], str) for row in table.rows) for i in columns]
    lines = [
        f"\\begin{{tabular}}{{{''.join('r' if number else 'l' for number in right)}}}",
        "\\toprule",
        _row([escaped(one_line(column.name)) for column in table.columns]),
        "\\midrule",
        *(_row([_cell(row[i], table.columns[i]) for i in columns]) for row in table.rows),
        "\\bottomrule",
        "\\end{tabular}",
    ]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    line = " & ".join(cells)
    # After the \\ of the row before, a bracket would be its argument, and a star part of its name.
    return ("{}" if line.startswith(("[", "*")) else "") + line + " \\\\"


def _cell(cell: Cell, column: Column) -> str:
    parts = parts_of(cell, column)
    if not isinstance(cell, str):
        parts = re.sub("-(?=[0-9∞])", "−", parts[0]), re.sub("-(?=[0-9∞])", "−", parts[1])
    value, interval = map(escaped, parts)
    return f"{value} {{\\scriptsize {interval}}}" if interval else value


def _widths(table: Table) -> list[float]:
    """Of each column, in digits, with the space beside it."""
    widths = []
    for i, column in enumerate(table.columns):
        cells = (parts_of(row[i], column) for row in table.rows)
        widths.append(max([len(column.name), *(len(v) + INTERVAL * len(s) for v, s in cells)]) + BETWEEN)
    return widths
