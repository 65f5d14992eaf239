"""The steps of an experiment, in order. Each is made from files that earlier steps wrote, and from nothing else."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lrd_bench import catalogue
from lrd_bench.corpus import open_corpus
from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.experiment.estimate import cost_of
from lrd_bench.experiment.forecast import forecast
from lrd_bench.experiment.foreign_stimuli import ForeignStimuli
from lrd_bench.experiment.jobs import Job, cores, run_jobs
from lrd_bench.experiment.remake import remake
from lrd_bench.experiment.settings import (
    CorpusSettings,
    Experiment,
    SuiteSettings,
    read_experiment,
    read_recipes,
    seeds_of,
    write_experiment,
)
from lrd_bench.experiment.stamps import is_made, note_made
from lrd_bench.files import file_digest, write_text
from lrd_bench.listing import about_items
from lrd_bench.models.recipes import BidirectionalRecipe, NeuralRecipe, Recipe
from lrd_bench.progress import say
from lrd_bench.settings import read_toml
from lrd_bench.vocabulary import Vocabulary, build_vocabulary, read_vocabulary

if TYPE_CHECKING:
    from lrd_bench.generate.suites import MadeSuite

OVERLAP, AUDIT = "overlap.csv", "audit.json"


def run_experiment(
    experiment: str = "quick",
    *,
    out: Path | None = None,
    corpus: Path | None = None,
    stimuli: Sequence[Path] | None = None,
    seeds: Sequence[int] | None = None,
    jobs: int | None = None,
    force: bool = False,
) -> Path:
    """Make what an experiment needs and nothing that is there already; return the folder of the run.

    experiment:  a shipped name, or the path of an experiment's file
    out:         the run's folder; default `runs/NAME`
    corpus:      train on this text instead of the experiment's own
    stimuli:     ask these files of items, made elsewhere, instead of the experiment's own
    seeds:       train with these seeds instead of the experiment's own
    jobs:        how many models to train side by side, one thread each; default: one for each core
    force:       take over a folder that holds another experiment, and make everything again

    Raises LrdBenchError for what the user can mend, before anything slow starts wherever that can be known.
    Starts processes: a script that calls it needs `if __name__ == "__main__":`.
    """
    settings = _with_flags(read_experiment(experiment), corpus, stimuli, seeds)
    if jobs is not None and jobs < 1:
        raise LrdBenchError(f"--jobs {jobs}: must be at least 1.")
    recipes, foreign = _check_names(settings), ForeignStimuli.of(settings)
    run = out or Path("runs") / settings.name
    _take_over(run, settings, force=force)

    text = _make_text(settings, run, force=force)
    vocabulary = _make_vocabulary(settings, text, run, force=force)
    models = _jobs(settings, recipes, run, text)
    items = {_stimuli(run, suite): suite.items for suite in settings.suites}
    asked = sum(items.values()) + foreign.items
    costs = {job: cost_of(recipes[job.model], vocabulary, asked) for job in models}
    costs = dict(sorted(costs.items(), key=lambda entry: -entry[1].seconds))  # the longest first
    processes = min(jobs or cores(), len(models))
    if left := forecast(items, costs, recipes, run / "vocabulary.tsv", processes, force=force):
        say(left)
    suites = _make_stimuli(settings, run, force=force)
    _check_factors(settings, suites, foreign)
    _count_overlap(settings, text, run, force=force)
    _audit(settings, text, run, force=force)
    run_jobs({job: cost.trained_words for job, cost in costs.items()}, processes, force=force)
    _check_vocabularies(models, vocabulary)
    _make_report(settings, models, run, force=force)
    return run


def _with_flags(
    settings: Experiment, corpus: Path | None, stimuli: Sequence[Path] | None, seeds: Sequence[int] | None
) -> Experiment:
    """The settings with what the flags change. Raises LrdBenchError if nothing names a text."""
    tables = settings.model_dump()
    if seeds is not None:
        if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
            raise LrdBenchError(f"--seeds {','.join(map(str, seeds))}: expected different whole numbers from 0 up.")
        tables["seeds"] = tuple(seeds)
    if corpus is not None:
        tables["corpus"] = CorpusSettings(path=corpus).model_dump()
    if stimuli is not None:
        tables["stimuli"] = tuple(stimuli)
    if tables["corpus"] is None:
        raise LrdBenchError(f"{settings.name}: brings no training text. Name yours: --corpus FOLDER.")
    return Experiment.model_validate(tables)


def _check_names(settings: Experiment) -> dict[str, Recipe]:
    """Read every recipe and find every suite and grammar, so that a misspelt name costs no time."""
    for suite in settings.suites:
        catalogue.find("suite", suite.name)
    assert settings.corpus is not None
    if settings.corpus.grammar is not None:
        catalogue.find("grammar", settings.corpus.grammar)
    recipes = read_recipes(settings)
    for model, recipe in recipes.items():
        if isinstance(recipe, NeuralRecipe) and recipe.task != "language-modelling":
            raise LrdBenchError(
                f"{settings.name}: {model} learns labels, and the text of an experiment has none. Train it on labelled "
                "sentences with `lrd-bench train`, and `score` and `report` it beside the others."
            )
    if settings.corpus.path is not None:
        open_corpus(settings.corpus.path)
    if left_out := [model for model in settings.models if model not in recipes]:
        say(f"{', '.join(left_out)}: left out, for no grammar wrote {settings.corpus.path}")
    if not recipes:
        raise LrdBenchError(
            f"{settings.name}: no model is left: its only one is the grammar that wrote the text, and none wrote "
            f"{settings.corpus.path}. Name another model in `models`, or a text that `lrd-bench generate --text` wrote."
        )
    return recipes


def _take_over(run: Path, settings: Experiment, *, force: bool) -> None:
    """Write the resolved settings into the run's folder, if it is this experiment's or nobody's."""
    file = run / "experiment.toml"
    if run.is_dir() and any(run.iterdir()):
        if not file.is_file():
            raise LrdBenchError(f"{run}: holds files that are of no experiment. Name another place with --out.")
        owner = read_toml(file).get("name")
        if owner != settings.name and not force:
            raise LrdBenchError(
                f"{run}: holds the experiment {owner!r}, not {settings.name!r}. "
                "Name another place with --out, or take it with --force."
            )
    _write_changed(file, write_experiment(settings, file))


def _make_text(settings: Experiment, run: Path, *, force: bool) -> Path:
    """The training text: the user's own where it lies, or a grammar's in `text/`."""
    from lrd_bench.generate import generate_text

    assert settings.corpus is not None
    if settings.corpus.path is not None:
        return settings.corpus.path
    assert settings.corpus.grammar is not None
    return remake(
        generate_text, settings.corpus.grammar, sentences=settings.corpus.sentences, out=run / "text", force=force
    )


def _make_vocabulary(settings: Experiment, text: Path, run: Path, *, force: bool) -> Vocabulary:
    """`vocabulary.tsv` from the training split. One that would be the same keeps its date."""
    file, corpus = run / "vocabulary.tsv", open_corpus(text)
    inputs = [corpus.digest, settings.vocabulary.model_dump()]
    if not force and is_made(file, inputs):
        return read_vocabulary(file)
    vocabulary = build_vocabulary(corpus.sentences("train"), **settings.vocabulary.model_dump())
    if not file.is_file() or file_digest(file) != vocabulary.digest:
        vocabulary.write(file)
    note_made(file, inputs)
    return vocabulary


def _make_stimuli(settings: Experiment, run: Path, *, force: bool) -> list["MadeSuite"]:
    """Every suite over the words that the vocabulary has, marked with what the grammar withholds."""
    from lrd_bench.generate import generate_suite

    assert settings.corpus is not None
    suites = []
    for asked in settings.suites:
        suite = remake(
            generate_suite,
            asked.name,
            out=_stimuli(run, asked),
            items=asked.items,
            fixed_length=asked.fixed_length,
            nonce=asked.nonce,
            vocabulary=run / "vocabulary.tsv",
            split=settings.corpus.grammar,
            force=force,
        )
        say(f"{suite.name}: {about_items(suite)}")
        suites.append(suite)
    return suites


def _check_factors(settings: Experiment, suites: Sequence["MadeSuite"], foreign: ForeignStimuli) -> None:
    """Raise LrdBenchError for a `[report] by` that the report, hours later, would not know."""
    from lrd_bench.report.suite_tables import FACTORS_OF_OURS

    known = {factor for suite in suites for factor in suite.factors} | foreign.factors | {*FACTORS_OF_OURS} - {"seen"}
    for factor in settings.report.by:
        if factor not in known:
            raise LrdBenchError(f"{settings.name}: [report] by: {unknown('factor', factor, known)}")


def _stimuli(run: Path, suite: SuiteSettings) -> Path:
    return run / "stimuli" / f"{suite.label}.jsonl"


def _all_stimuli(run: Path, settings: Experiment) -> list[Path]:
    """The files of all suites, those made elsewhere last."""
    return [*(_stimuli(run, suite) for suite in settings.suites), *settings.stimuli]


def _count_overlap(settings: Experiment, text: Path, run: Path, *, force: bool) -> None:
    """`overlap.csv`: what of the suites the models will have read. One that would be the same keeps its date."""
    from lrd_bench.audit import count_overlap

    file, stimuli = run / OVERLAP, _all_stimuli(run, settings)
    inputs = [open_corpus(text).digest, *map(file_digest, stimuli)]
    if force or not is_made(file, inputs):
        _write_changed(file, count_overlap(stimuli, text).to_csv(index=False, lineterminator="\n"))
        note_made(file, inputs)


def _audit(settings: Experiment, text: Path, run: Path, *, force: bool) -> None:
    """`audit.json`: what the suites can and cannot show. One that would be the same keeps its date."""
    from lrd_bench.audit import audit_document, audit_suites

    file, vocabulary = run / AUDIT, run / "vocabulary.tsv"
    stimuli = _all_stimuli(run, settings)
    inputs = [open_corpus(text).digest, *map(file_digest, [vocabulary, *stimuli])]
    if force or not is_made(file, inputs):
        say("auditing the suites")
        audits = audit_suites(stimuli, corpus=text, vocabulary=vocabulary)
        _write_changed(file, audit_document(audits, "json"))
        note_made(file, inputs)


def _jobs(settings: Experiment, recipes: dict[str, Recipe], run: Path, text: Path) -> list[Job]:
    """One job for each model and seed; one for a model in which nothing is random."""
    test = _test_split(text, run)
    return [
        Job(
            model=model,
            seed=seed,
            corpus=text,
            test=test,
            stimuli=tuple(_all_stimuli(run, settings)),
            run=run,
            max_epochs=settings.train.max_epochs,
            left_to_right=not isinstance(recipe, BidirectionalRecipe),
        )
        for model, recipe in recipes.items()
        for seed in seeds_of(settings, recipe)
    ]


def _test_split(text: Path, run: Path) -> Path:
    """The file of held-out text; where the splits are cut from one file, the cut is written to `text/`."""
    corpus = open_corpus(text)
    if text.is_dir():
        return corpus.files["test"]
    file = run / "text" / "test.txt"
    _write_changed(file, "".join(" ".join(words) + "\n" for words in corpus.sentences("test")))
    return file


def _check_vocabularies(jobs: Sequence[Job], vocabulary: Vocabulary) -> None:
    """Numbers of models with different vocabularies, and so different unknown words, must not stand side by side."""
    for job in jobs:
        if read_vocabulary(job.folder / "vocabulary.tsv").digest != vocabulary.digest:
            raise LrdBenchError(f"{job.folder}: has another vocabulary than the run. Remove it and run again.")


def _make_report(settings: Experiment, jobs: Sequence[Job], run: Path, *, force: bool) -> None:
    """Tables, figures and the page of these models; what other models left in the folder is not looked at."""
    from lrd_bench.report import write_report

    remake(
        write_report,
        [job.outcomes for job in jobs],
        out=run / "report",
        texts=[job.perplexity for job in jobs if job.left_to_right],
        overlaps=[run / OVERLAP],
        stimuli=_all_stimuli(run, settings),
        surprisals=[job.surprisals for job in jobs],
        audits=[run / AUDIT],
        experiment=run / "experiment.toml",
        by=settings.report.by,
        about=settings.about,
        force=force,
    )


def _write_changed(file: Path, text: str) -> None:
    """Write a text file unless it says so already: an unchanged file keeps its date."""
    if not file.is_file() or file.read_bytes() != text.encode():
        write_text(file, text)
