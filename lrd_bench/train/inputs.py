"""All that a model is made from, read and checked before anything slow starts, and its digests."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lrd_bench import __version__
from lrd_bench.corpus import Corpus, open_corpus, read_sentences
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import digest_of
from lrd_bench.models.folder import GRAMMAR
from lrd_bench.models.recipes import NeuralRecipe, ObserverRecipe, Recipe, find_recipe, read_recipe, with_epochs
from lrd_bench.pcfg import Pcfg, read_pcfg
from lrd_bench.progress import tracked
from lrd_bench.train.labelled import SUFFIXES, LabelledCorpus, open_labelled
from lrd_bench.vocabulary import Vocabulary, build_vocabulary, read_vocabulary

MIN_COUNT = 2
"""Rarer words of the training text become `<unk>`, where no vocabulary is given."""
MAX_SEED = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a model is made from; a device is none of it, for the same model is asked for wherever it is trained."""

    name: str
    recipe: Recipe
    corpus: Corpus | LabelledCorpus
    vocabulary: Vocabulary
    grammar: Pcfg | None
    """For the ideal observer alone."""
    seed: int | None
    """None for a recipe that takes none."""

    @cached_property
    def corpus_digests(self) -> dict[str, str]:
        """The corpus's name and digest, and its grammar's where that matters."""
        digests = {"name": self.corpus.name, "digest": self.corpus.digest}
        return digests | ({} if self.grammar is None else {"grammar": self.grammar.digest})

    @cached_property
    def model_digest(self) -> str:
        """The digest of recipe, corpus and vocabulary."""
        corpus = {key: value for key, value in self.corpus_digests.items() if key != "name"}
        return digest_of([self.recipe.model_dump(mode="json"), corpus, self.vocabulary.digest])

    @property
    def parts(self) -> dict[str, str | int]:
        """What `digest` is of, by name: what a person can change, each by its digest if it is long."""
        assert self.seed is not None, "asked of networks alone"
        return {
            "model": self.name,
            "recipe": digest_of(self.recipe.model_dump(mode="json")),
            "corpus": self.corpus.digest,
            "vocabulary": self.vocabulary.digest,
            "seed": self.seed,
            "lrd_bench": __version__,
        }

    @cached_property
    def digest(self) -> str:
        """The digest that says whether a folder is already what would be made."""
        return digest_of([self.name, self.model_digest, self.seed, __version__])


def text_beside(out: Path) -> Path:
    """Where the sentences of a raw text are kept, beside a model's folder."""
    return out.with_name(f"{out.name}.text")


def cut_text(model: str, raw_text: Path, out: Path, *, force: bool) -> Path:
    """Cut running text into sentences and words; returns their folder. See `lrd_bench.formats.raw_text`.

    Raises LrdBenchError, before the text is read, for a recipe that is wrong or learns labels, and for several
    processes.
    """
    from lrd_bench.formats.raw_text import tokenise_text

    recipe = read_recipe(model)
    if isinstance(recipe, NeuralRecipe) and recipe.task != "language-modelling":
        raise LrdBenchError(f"--raw: {model} learns labels, and running text has none. Give it labelled sentences.")
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise LrdBenchError(
            "--raw: is for one process, and torchrun started several. Run `lrd-bench train uniform --corpus "
            f"{raw_text} --raw` first, and train on the folder of sentences that it makes."
        )
    return tokenise_text(raw_text, text_beside(out), force=force)


def read_inputs(
    model: str, corpus_path: Path, vocabulary_path: Path | None, seed: int, max_epochs: int | None
) -> Inputs:
    """Read and check everything. Raises LrdBenchError for what is missing, broken or out of range."""
    if not 0 <= seed <= MAX_SEED:
        raise LrdBenchError(f"--seed {seed}: out of range. Take a whole number from 0 to {MAX_SEED}.")
    recipe = with_epochs(read_recipe(model), max_epochs)
    corpus = _open_corpus(corpus_path, recipe)
    if isinstance(corpus, Corpus):
        _check_held_out(corpus)
    if vocabulary_path is None:
        vocabulary = build_vocabulary(corpus.sentences("train"), min_count=MIN_COUNT)
    else:
        vocabulary = read_vocabulary(vocabulary_path)
    return Inputs(
        name=find_recipe(model).stem,
        recipe=recipe,
        corpus=corpus,
        vocabulary=vocabulary,
        grammar=_read_grammar(corpus_path) if isinstance(recipe, ObserverRecipe) else None,
        seed=seed if isinstance(recipe, NeuralRecipe) else None,
    )


def _open_corpus(path: Path, recipe: Recipe) -> Corpus | LabelledCorpus:
    task = recipe.task if isinstance(recipe, NeuralRecipe) else "language-modelling"
    if task != "language-modelling":
        return open_labelled(path, every_word=task == "tagging")
    if path.name.endswith(SUFFIXES):
        raise LrdBenchError(
            f"{path}: holds labels, and the recipe learns words. Set `task` in the recipe, or give it a text."
        )
    return open_corpus(path)


def _check_held_out(corpus: Corpus) -> None:
    """Read held-out text once, so that a line of it that is wrong costs no training."""
    for file in dict.fromkeys((corpus.files["valid"], corpus.files["test"])):
        for _ in tracked(read_sentences(file), f"checking {file.name}", total=None, unit="sentences"):
            pass


def _read_grammar(corpus: Path) -> Pcfg:
    if not (corpus / GRAMMAR).is_file():
        raise LrdBenchError(
            f"{corpus}: has no {GRAMMAR}, and the ideal observer is that grammar. "
            "Give it a training text that `lrd-bench generate --text` wrote."
        )
    return read_pcfg(corpus / GRAMMAR)
