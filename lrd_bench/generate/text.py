"""Training text: sentences drawn from a grammar, in three splits, beside the grammar they were drawn from."""

import json
import random
from pathlib import Path

from lrd_bench import __version__
from lrd_bench.catalogue import find
from lrd_bench.corpus import MANIFEST, SPLITS, corpus_made_from, holds_corpus
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import already_made, digest_of, replacing, write_text
from lrd_bench.generate.grammar import read_grammar
from lrd_bench.progress import progress_bar

GRAMMAR = "grammar.json"
HELD_OUT_SHARE = 20
"""One sentence for validation and one for test are drawn for so many training sentences."""


LONGEST = 10_000
"""Words: no sentence is longer, and a grammar that draws one goes on without end."""


def generate_text(grammar: str, *, sentences: int, out: Path, seed: int = 0, force: bool = False) -> Path:
    """Draw a training text: a folder with `train.txt`, `valid.txt`, `test.txt`, `grammar.json` and `manifest.json`.

    grammar:    a shipped grammar or the path of one
    sentences:  sentences of training text; a twentieth as many are drawn for each of the other splits
    returns:    the folder

    The same grammar, seed and number give the same bytes. Raises LrdBenchError for a grammar that is not sound, a
    number that is out of range and an output made from other inputs.
    """
    if sentences < HELD_OUT_SHARE:
        raise LrdBenchError(f"sentences: {sentences} is too few. Ask for at least {HELD_OUT_SHARE}.")
    file, pcfg = read_grammar(find("grammar", grammar))
    inputs = digest_of([__version__, pcfg.digest, sentences, seed])
    if holds_corpus(out, GRAMMAR) and already_made(out, corpus_made_from(out), inputs, force=force):
        return out
    held_out = sentences // HELD_OUT_SHARE
    numbers = {"train": sentences, "valid": held_out, "test": held_out}
    with replacing(out) as folder, progress_bar() as bar:
        folder.mkdir()
        task = bar.add_task(f"writing {file.name}", total=sum(numbers.values()), unit="sentences")
        words = {}
        for split in SPLITS:
            rng = random.Random(f"{seed}/{split}")
            words[split] = 0
            with (folder / f"{split}.txt").open("w", encoding="utf-8", newline="\n") as lines:
                for _ in range(numbers[split]):
                    sentence = pcfg.sample(rng, LONGEST)
                    if len(sentence) > LONGEST:
                        raise LrdBenchError(
                            f"{grammar}: draws a sentence of more than {LONGEST} words: its rules call themselves more "
                            "often than they end. Give the alternatives that end more weight."
                        )
                    words[split] += len(sentence)
                    lines.write(" ".join(sentence) + "\n")
                    bar.advance(task)
        pcfg.write(folder / GRAMMAR)
        manifest = {
            "grammar": file.name,
            "grammar_version": file.version,
            "grammar_digest": pcfg.digest,
            "seed": seed,
            "sentences": numbers,
            "words": words,
            "version": __version__,
            "made_from": inputs,
        }
        write_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    return out
