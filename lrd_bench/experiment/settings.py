"""What an experiment's file says: who is asked what, and on which training text."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from lrd_bench.catalogue import find, is_path
from lrd_bench.models.recipes import NeuralRecipe, ObserverRecipe, Recipe, read_recipe, with_epochs
from lrd_bench.settings import Settings, read_settings
from lrd_bench.vocabulary import Case

# Strict: "60000" and true are not numbers, though pydantic would take them for some.
Count = Annotated[int, Field(strict=True, ge=1)]
Seed = Annotated[int, Field(strict=True, ge=0)]


class CorpusSettings(Settings):
    """The training text: a shipped grammar that writes it, or one that lies somewhere."""

    grammar: str | None = None
    sentences: Count = 60_000
    """How many the grammar writes to train on; a twentieth as many in each held-out split."""
    path: Path | None = None
    """A folder with train, valid and test, or one text file."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.grammar is None) == (self.path is None):
            raise ValueError("name either a grammar or a path")
        return self


class VocabularySettings(Settings):
    """The words that all models of the experiment share."""

    min_count: Count = 2
    max_words: Count | None = None
    case: Case = "keep"


class TrainSettings(Settings):
    """What the experiment says of training in place of its models' recipes."""

    max_epochs: Count | None = None


class SuiteSettings(Settings):
    """One suite and how many items of it."""

    name: str
    items: Count = 2400
    fixed_length: bool = False
    """Words move from between cue and critical word to before the cue, so that the critical word keeps its place."""
    nonce: bool = False
    """Words are drawn by their part of speech alone."""

    @property
    def label(self) -> str:
        """What its file is called."""
        return Path(self.name).stem + "-fixed-length" * self.fixed_length + "-nonce" * self.nonce


class ReportSettings(Settings):
    """How the tables are cut."""

    by: tuple[str, ...] = ("distance",)


class Experiment(Settings):
    """An experiment as its file says it, defaults filled in."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    """Also the folder's, under `runs/`."""
    about: str = ""
    """What it is for, in a sentence."""
    models: Annotated[tuple[str, ...], Field(min_length=1)]
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)] = (0,)
    """Training seeds; a model in which nothing is random is trained once, with 0."""
    corpus: CorpusSettings | None = None
    """None: whoever runs the experiment brings the text."""
    vocabulary: VocabularySettings = VocabularySettings()
    train: TrainSettings = TrainSettings()
    suites: Annotated[tuple[SuiteSettings, ...], Field(min_length=1)]
    stimuli: tuple[Path, ...] = ()
    """Files of items made elsewhere, of any format that is recognised by its content, asked beside the suites."""
    report: ReportSettings = ReportSettings()

    @field_validator("models", "seeds")
    @classmethod
    def _each_once(cls, values: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [Path(value).stem if isinstance(value, str) else value for value in values]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"{twice[0]!r} is named twice")
        return values

    @field_validator("suites")
    @classmethod
    def _each_suite_once(cls, suites: tuple[SuiteSettings, ...]) -> tuple[SuiteSettings, ...]:
        cls._each_once(tuple(suite.label for suite in suites))
        return suites


def read_experiment(name: str) -> Experiment:
    """A shipped experiment or the user's own file, its paths made relative to the current directory."""
    file = find("experiment", name)
    experiment = read_settings(file, Experiment)
    return _with_paths(experiment, lambda path: os.path.normpath(file.parent / path))


def read_recipes(experiment: Experiment) -> dict[str, Recipe]:
    """The recipe of every model, with what the experiment says in its place.

    Without the ideal observer where no grammar wrote the text: an experiment made for a grammar's is worth running on
    other text without its ceiling.
    """
    recipes = {model: with_epochs(read_recipe(model), experiment.train.max_epochs) for model in experiment.models}
    text = experiment.corpus.path if experiment.corpus is not None else None
    written = text is None or (text / "grammar.json").is_file()
    return {model: recipe for model, recipe in recipes.items() if written or not isinstance(recipe, ObserverRecipe)}


def seeds_of(experiment: Experiment, recipe: Recipe) -> tuple[int, ...]:
    """The seeds that a model is trained with."""
    return experiment.seeds if isinstance(recipe, NeuralRecipe) else (0,)


def write_experiment(experiment: Experiment, file: Path) -> str:
    """The experiment as TOML, complete, with paths relative to the file that it is to be."""
    relative = _with_paths(experiment, lambda path: os.path.relpath(path, file.parent))
    tables = relative.model_dump(mode="json", exclude_none=True)
    suites = tables.pop("suites")
    plain = {key: value for key, value in tables.items() if not isinstance(value, dict)}
    blocks = [_assignments(plain)]
    blocks += [f"[{key}]\n{_assignments(value)}" for key, value in tables.items() if isinstance(value, dict)]
    blocks += [f"[[suites]]\n{_assignments(suite)}" for suite in suites]
    return "\n".join(blocks)


def _assignments(values: dict[str, Any]) -> str:
    # JSON writes strings, whole numbers and lists of them as TOML does.
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())


def _with_paths(experiment: Experiment, move: Callable[[str], str]) -> Experiment:
    """The experiment with every path (and every name that is a path) moved."""

    def moved(name: str) -> str:
        return move(name) if is_path(name) else name

    tables = experiment.model_dump()
    tables["models"] = tuple(moved(model) for model in experiment.models)
    tables["suites"] = tuple({**suite, "name": moved(suite["name"])} for suite in tables["suites"])
    tables["stimuli"] = tuple(Path(move(str(path))) for path in experiment.stimuli)
    if experiment.corpus is not None:
        if experiment.corpus.path is not None:
            tables["corpus"]["path"] = Path(move(str(experiment.corpus.path)))
        if experiment.corpus.grammar is not None:
            tables["corpus"]["grammar"] = moved(experiment.corpus.grammar)
    return Experiment.model_validate(tables)
