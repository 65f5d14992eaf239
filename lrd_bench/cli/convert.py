"""`lrd-bench convert`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from lrd_bench.cli.app import Force, Quiet, command, speaker
from lrd_bench.errors import LrdBenchError, unknown


@command("convert")
def convert(
    what: Annotated[
        str,
        typer.Argument(metavar="WHAT", help="An n-gram model's folder or arpa:FILE; items; or a treebank (.conllu)."),
    ],
    to: Annotated[
        str,
        typer.Option(
            help="Of a model, arpa: a text file that KenLM, SRILM and others read. Of items, text: sentences to "
            "compute surprisals of; number, number-tags or acceptability: sentences with labels to train on. Of a "
            "treebank, number or number-tags."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Packed if it ends in .gz.", show_default="runs/MODEL.arpa.gz, or runs/NAME.TO.tsv"),
    ] = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Write an n-gram model in another format, or sentences, plain or with labels.

    text gives every sentence with its keys, so that any tool can compute surprisals: score surprisals:FILE takes them.
    number gives the words before each critical word with the cue's value, so that a model learns to say the number of a
    verb that is to come; number-tags gives each of these words a label; acceptability gives good and bad sentences.

    \b
    Example: lrd-bench convert runs/ngram-5-0 --to arpa --out ngram-5.arpa
             lrd-bench convert runs/agreement-pp.jsonl --to text
             lrd-bench convert runs/agreement-pp.jsonl --to number
             lrd-bench convert en_ewt-ud-train.conllu.gz --to number-tags
    """
    say = speaker(quiet)
    from lrd_bench.formats.labels import LABELS
    from lrd_bench.formats.sentences import TEXT

    if to in LABELS:
        _label(what, to, out, say, force=force)
    elif to == TEXT:
        _write_sentences(what, out, say, force=force)
    elif to == "arpa":
        _write_model(what, out, say, force=force)
    else:
        raise LrdBenchError(f"--to: {unknown('format', to, ['arpa', TEXT, *LABELS])}")


def _write_sentences(source: str, out: Path | None, say: Callable[[str], None], *, force: bool) -> None:
    from lrd_bench.formats.lines import write_lines
    from lrd_bench.formats.sentences import TEXT, sentence_lines

    suite, lines = sentence_lines(source)
    out = out or Path("runs") / f"{suite.name}.{TEXT}.tsv"
    write_lines(lines, out, force=force)
    say(f"wrote {out}: {len(lines) - 1:,} sentences")
    say(f"next: compute surprisals of them (docs/formats.md), then lrd-bench score surprisals:FILE {source}")


def _label(source: str, to: str, out: Path | None, say: Callable[[str], None], *, force: bool) -> None:
    from lrd_bench.corpus import split_named
    from lrd_bench.formats.labels import label_sentences, write_labels

    labelled = label_sentences(source, to)
    out = out or Path("runs") / f"{labelled.name}.{to}.tsv"
    write_labels(labelled, out, force=force)
    counts = ", ".join(f"{number:,} {label}" for label, number in labelled.counts.items())
    for why, number in labelled.left_out.items():
        say(f"left out {number:,} {labelled.of if number > 1 else labelled.of[:-1]}: {why}")
    say(f"wrote {out}: {len(labelled.lines):,} lines ({counts})")
    if len(labelled.counts) < 2:
        say(f"there is nothing to learn from these lines alone: all are {next(iter(labelled.counts))}. Add others")
    elif split_named(Path(source).name) in ("valid", "test"):
        say("next: convert the training split, too, and train on a folder of train.tsv, valid.tsv and test.tsv")
    else:
        recipe = "bilstm-tagger" if to == "number-tags" else "lstm-classifier"
        say(f"next: lrd-bench train {recipe} --corpus {out}")


def _write_model(model: str, out: Path | None, say: Callable[[str], None], *, force: bool) -> None:
    from lrd_bench.models.converting import convert_model
    from lrd_bench.models.opening import name_of_file

    out = out or Path("runs") / f"{name_of_file(Path(model.removeprefix('arpa:')))}.arpa.gz"
    converted = convert_model(model, "arpa", out=out, force=force)
    if converted.vocabulary.case == "lower":
        say("the model takes words in lower case, which the file cannot say: give it words in lower case")
    say(f"wrote {out}")
    say(f"next: lrd-bench score arpa:{out} STIMULI")
