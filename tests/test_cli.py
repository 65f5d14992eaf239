"""Commands as a user types them: what they print, and what they say of input that cannot be right."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from lrd_bench.catalogue import find, names
from lrd_bench.cli import app
from lrd_bench.outcomes import read_outcomes

COMMANDS = ["run", "generate", "train", "score", "report", "audit", "sample", "convert", "list"]

Run = Callable[..., str]


def invoke(*arguments: object) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of a command."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="lrd-bench")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def output(*arguments: object) -> str:
    """What a command prints that is expected to do its work."""
    code, out, messages = invoke(*arguments)
    assert code == 0, messages
    return out


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a text, a trigram model of it and items; not to be written to."""
    folder = tmp_path_factory.mktemp("made")
    output("generate", "--text", "english-small", "--sentences", 400, "--out", folder / "text")
    output("train", "ngram-3", "--corpus", folder / "text", "--out", folder / "ngram-3-0")
    words = folder / "ngram-3-0" / "vocabulary.tsv"
    output("generate", "agreement-padding", "--items", 1, "--vocabulary", words, "--out", folder / "items.jsonl")
    return folder


# -- help ----------------------------------------------------------------------------------------------------------


def test_help_answers_within_half_a_second():
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "lrd_bench", "--help"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.5


def test_help_loads_nothing_that_only_the_verbs_need():
    program = "import sys; from lrd_bench.cli import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not {"torch", "numpy", "pandas", "pyarrow", "scipy", "altair", "pydantic"} & {*done.stdout.split()}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example_and_the_defaults(command: str):
    printed = output(command, "--help")
    assert f"Example: lrd-bench {command}" in printed
    assert "[default: " in printed


@pytest.mark.parametrize("command", COMMANDS)
def test_every_optional_option_of_a_command_has_its_default_in_the_help(command: str):
    options = output(command, "--help").partition("Options:")[2].split("\n  --")[1:]
    silent = [option.split()[0] for option in options if "[default:" not in option and "[required]" not in option]
    assert set(silent) <= {"quiet", "force", "help"} | ({"text"} if command == "generate" else set())


# -- list ----------------------------------------------------------------------------------------------------------


def test_list_says_what_each_suite_asks():
    lines = output("list", "suites").splitlines()
    assert [line.split()[0] for line in lines] == names("suite")
    assert all(line.endswith("?") for line in lines)


@pytest.mark.parametrize(("what", "kind"), [("models", "model"), ("experiments", "experiment")])
def test_lists_are_there_for_programs_too(what: str, kind: str):
    entries = json.loads(output("list", what, "--format", "json"))
    assert [entry["name"] for entry in entries] == names(kind)  # type: ignore[arg-type]


def test_list_shows_an_item_of_a_suite_and_its_twin():
    lines = output("list", "agreement-padding").splitlines()
    good, bad, twins_good, twins_bad = (line for line in lines if line.startswith("  "))
    assert good.split()[-1] == bad.split()[-1] == "."
    assert good != twins_good
    assert good.replace("good", "bad ").split("[")[:2] == bad.split("[")[:2]
    assert twins_good.split("[")[1] == twins_bad.split("[")[1]


def test_list_shows_the_shape_of_a_model():
    assert output("list", "ngram-5").startswith("model ngram-5: ngram, order 5")


# -- the verbs -----------------------------------------------------------------------------------------------------


def test_generate_says_how_many_items_are_at_which_distance_and_what_comes_next(here: Path):
    code, printed, messages = invoke("generate", "agreement-padding", "--items", 46)
    assert code == 0
    assert printed == (
        "46 items in 23 pairs of twins, 2 to 6 at each distance (1, 2, 4, 8, 12, 16, 24, 32, 48)"
        "      runs/agreement-padding.jsonl\n"
    )
    assert messages == (
        "agreement-padding: 1 group, and intervals want 20: ask for --items 920\n"
        "next: lrd-bench score MODEL runs/agreement-padding.jsonl\n"
    )


def test_two_suites_that_would_go_to_one_file_are_refused(here: Path):
    code, _, messages = invoke("generate", "agreement-pp", "elsewhere/agreement-pp.toml")
    assert code == 2
    assert "two of these would go to one file" in messages


def test_quiet_leaves_the_results_alone(here: Path):
    _, printed, messages = invoke("generate", "agreement-padding", "--items", 46, "--quiet")
    assert printed.startswith("46 items")
    assert messages == ""


def test_several_suites_go_to_a_folder(here: Path):
    output("generate", "agreement-padding", "agreement-subject-relative", "--items", 1, "--out", "items")
    assert sorted(path.name for path in (here / "items").glob("*.jsonl")) == [
        "agreement-padding.jsonl",
        "agreement-subject-relative.jsonl",
    ]


def test_making_the_same_again_is_nothing_to_do(here: Path):
    output("generate", "agreement-padding", "--items", 1)
    before = (here / "runs/agreement-padding.jsonl").stat().st_mtime_ns
    code, _, messages = invoke("generate", "agreement-padding", "--items", 1)
    assert (code, messages.splitlines()[0]) == (
        0,
        "agreement-padding: already there, as asked for; nothing was written",
    )
    assert (here / "runs/agreement-padding.jsonl").stat().st_mtime_ns == before


def test_items_that_the_training_grammar_does_not_have_are_said_to_be_foreign(here: Path):
    _, _, messages = invoke("generate", "agreement-german", "--items", 1, "--split", "english-small")
    assert "agreement-german: 110 of 110 items are foreign to english-small" in messages
    _, _, messages = invoke("generate", "agreement-padding", "--items", 1, "--split", "english-small")
    assert "foreign" not in messages


def test_a_shipped_suite_is_not_its_items(here: Path, made: Path):
    (here / "mine.toml").write_text("")
    for stimuli, message in {
        "agreement-pp": "is a shipped suite, not a file of its items. Make one with `lrd-bench generate agreement-pp`.",
        "mine.toml": "is no file of items. If it is a suite, make them with `lrd-bench generate mine.toml`.",
    }.items():
        for command in (["score", made / "ngram-3-0"], ["audit"]):
            assert invoke(*command, stimuli)[::2] == (2, f"{stimuli}: {message}\n")


def test_words_that_a_model_does_not_know_are_said_to_leave_items_unscored(here: Path, made: Path):
    output("generate", "agreement-german", "--items", 1, "--out", "german.jsonl")
    code, _, messages = invoke("score", made / "ngram-3-0", "german.jsonl", "--out", "german.parquet")
    assert code == 0
    assert "agreement-german: 0 of 110 items could be scored; of the others: unknown words (" in messages


def test_of_many_items_the_accuracies_are_printed_without_the_tables(
    here: Path, made: Path, monkeypatch: pytest.MonkeyPatch
):
    tables = output("score", made / "ngram-3-0", made / "items.jsonl", "--out", "outcomes.parquet")
    monkeypatch.setattr("lrd_bench.cli.score.SUMMARISED", 1)
    said = output("score", made / "ngram-3-0", made / "items.jsonl", "--out", "outcomes.parquet")
    outcomes = read_outcomes([here / "outcomes.parquet"]).drop_duplicates("item")  # the first prediction of each
    accuracy, items = outcomes["correct"].mean(), len(outcomes)
    assert said == f"agreement-padding: accuracy {accuracy:.4f} on {items} of {items} items\n"
    assert len(tables) > 10 * len(said)


@pytest.mark.parametrize("summarised", [1, 100_000])
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_finished_outcomes_that_were_damaged_since_are_not_taken_for_whole(
    here: Path, made: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, summarised: int
):
    monkeypatch.setattr("lrd_bench.cli.score.SUMMARISED", summarised)
    score = "score", made / "ngram-3-0", made / "items.jsonl", "--out", f"outcomes.{suffix}"
    output(*score)
    whole = (here / f"outcomes.{suffix}").read_bytes()
    (here / f"outcomes.{suffix}").write_bytes(whole[:400] + b"?" * 60 + whole[460:])
    code, _, messages = invoke(*score)
    assert (code, messages.count("\n")) == (2, 1)
    assert messages.startswith(f"outcomes.{suffix}")
    output(*score, "--force")
    assert (here / f"outcomes.{suffix}").read_bytes() == whole


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda line: line.partition(b",lm,")[0], "method is empty"),
        (lambda line: line.replace(b",lm,0.", b",lm,x.", 1), "correct is 'x."),
        (lambda line: line.replace(b"agreement-padding,", b",", 1), "suite is empty"),
    ],
    ids=["cut", "no number", "no suite"],
)
def test_a_damaged_row_is_told_of_many_items_as_it_is_of_few(
    here: Path, made: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[bytes], bytes], message: str
):
    monkeypatch.setattr("lrd_bench.cli.score.SUMMARISED", 1)
    score = "score", made / "ngram-3-0", made / "items.jsonl", "--out", "outcomes.csv"
    output(*score)
    lines = (here / "outcomes.csv").read_bytes().split(b"\n")
    lines[2] = change(lines[2])
    (here / "outcomes.csv").write_bytes(b"\n".join(lines))
    code, printed, messages = invoke(*score)
    assert (code, printed, messages.count("\n")) == (2, "", 1)
    assert messages.startswith(f"outcomes.csv:3: {message}")


def test_a_table_is_not_written_to_a_name_that_says_something_else(here: Path, made: Path):
    for arguments in (
        ["score", made / "ngram-3-0", made / "items.jsonl"],
        ["score", made / "ngram-3-0", "--text", made / "text/test.txt"],
    ):
        code, _, messages = invoke(*arguments, "--out", "outcomes.txt")
        assert (code, messages) == (2, "outcomes.txt: a table is written as .parquet or .csv. Name such a file.\n")
    assert not (here / "outcomes.txt").exists()


def test_a_wrong_name_among_several_is_told_before_any_suite_is_made(here: Path):
    code, _, messages = invoke("generate", "agreement-simple", "agreement-pq", "--out", "some")
    assert (code, messages) == (2, "unknown suite 'agreement-pq'. Did you mean 'agreement-pp'?\n")
    assert not (here / "some").exists()


def test_list_shows_all_there_is_and_suites_of_ones_own(here: Path):
    printed = output("list").splitlines()
    assert [line for line in printed if line.endswith(":")] == [
        "suites:",
        "grammars:",
        "models:",
        "experiments:",
        "formats:",
    ]
    assert set(json.loads(output("list", "--format", "json"))) == {
        "suites",
        "grammars",
        "models",
        "experiments",
        "formats",
    }
    page = find("suite", "agreement-simple")
    shutil.copytree(page.parent / "lexicon", here / "lexicon")
    (here / "mine.toml").write_text(page.read_text().replace('"agreement-simple"', '"mine"'))
    assert output("list", "mine.toml").startswith("suite mine@")
    (here / "items.jsonl").write_text("{}\n")
    message = "items.jsonl: is no suite. Of files of one's own, `list` shows suites only.\n"
    assert invoke("list", "items.jsonl")[::2] == (2, message)


def test_the_four_verbs_lead_to_tables_and_a_figure(here: Path, made: Path):
    outcomes, perplexity = here / "outcomes.parquet", here / "perplexity.csv"
    printed = output("score", made / "ngram-3-0", made / "items.jsonl", "--out", outcomes)
    assert "0.500 = ½" in printed
    text = output("score", made / "ngram-3-0", "--text", made / "text/test.txt", "--out", perplexity)
    assert text.splitlines()[1].startswith("perplexity ")
    table = output("report", outcomes, perplexity, "--out", here / "report", "--format", "markdown")
    assert "bits/word" in table
    assert (here / "report/accuracy-by-distance.svg").is_file()


def test_a_model_that_finds_a_held_out_sentence_impossible_has_an_infinite_perplexity(here: Path, made: Path):
    shutil.copytree(made / "text", here / "text")
    (here / "text/valid.txt").write_text("the the the\n")
    assert output("train", "ideal-observer", "--corpus", "text").startswith("validation perplexity ∞      runs/")


def raw_story(path: Path, things: str) -> None:
    """Two hundred paragraphs of two sentences, as someone would write them."""
    path.write_text("".join(f"“Where are the {things}?” Mr. Lee can’t find {n % 7} of them.\n" for n in range(200)))


def test_a_model_is_trained_on_running_text(here: Path):
    pytest.importorskip("spacy", reason="spaCy is not installed: pip install 'lrd-bench[raw]'")
    raw_story(here / "story.txt", "keys")
    code, printed, messages = invoke("train", "ngram-3", "--corpus", "story.txt", "--raw", "--out", "mine")
    assert code == 0
    assert printed.startswith("validation perplexity ")
    assert "sentences and words: mine.text" in messages
    train = (here / "mine.text/train.txt").read_text().splitlines()
    assert train[:2] == ["“ Where are the keys ? ”", "Mr. Lee ca n’t find 0 of them ."]
    assert len(train) == 380
    assert (here / "mine/vocabulary.tsv").read_text().splitlines()[0].startswith("# case: keep")

    made = {path: path.stat().st_mtime_ns for folder in ("mine", "mine.text") for path in (here / folder).iterdir()}
    assert invoke("train", "ngram-3", "--corpus", "story.txt", "--raw", "--out", "mine")[:2] == (0, printed)
    assert {path: path.stat().st_mtime_ns for path in made} == made
    assert output("train", "ngram-3", "--corpus", "mine.text", "--out", "again").split()[2] == printed.split()[2]

    raw_story(here / "story.txt", "clocks")
    code, _, messages = invoke("train", "ngram-3", "--corpus", "story.txt", "--raw", "--out", "mine")
    assert code == 2
    assert messages.startswith("mine.text: exists and was made from other inputs")
    output("train", "ngram-3", "--corpus", "story.txt", "--raw", "--out", "mine", "--force")
    assert "clocks" in (here / "mine/vocabulary.tsv").read_text()


def test_running_text_is_cut_by_one_process(here: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    code, _, messages = invoke("train", "elman", "--corpus", "story.txt", "--raw")
    assert code == 2
    assert messages.startswith("--raw: is for one process, and torchrun started several. Run `lrd-bench train uniform")


def test_an_ngram_model_written_as_an_arpa_file_scores_the_same(here: Path, made: Path):
    code, _, messages = invoke("convert", made / "ngram-3-0", "--to", "arpa", "--out", "mine.arpa.gz")
    assert (code, messages) == (0, "wrote mine.arpa.gz\nnext: lrd-bench score arpa:mine.arpa.gz STIMULI\n")
    assert invoke("convert", made / "ngram-3-0", "--to", "arpa", "--out", "mine.arpa.gz")[0] == 0  # nothing to do
    ours = output("score", made / "ngram-3-0", "--text", made / "text/test.txt", "--out", "ours.csv")
    assert output("score", "arpa:mine.arpa.gz", "--text", made / "text/test.txt") == ours
    assert (here / "runs/mine/test.perplexity.csv").is_file()
    margins = []
    for number, model in enumerate((made / "ngram-3-0", "arpa:mine.arpa.gz")):
        output("score", model, made / "items.jsonl", "--out", f"{number}.csv")
        margins.append(pd.read_csv(f"{number}.csv")["margin_bits"])
    assert margins[0].tolist() == margins[1].tolist()


def test_what_cannot_be_converted_is_refused(here: Path, made: Path):
    message = "--to: unknown format 'arap'. Did you mean 'arpa'?\n"
    assert invoke("convert", made / "ngram-3-0", "--to", "arap")[::2] == (2, message)
    output("train", "uniform", "--corpus", made / "text")
    message = "runs/uniform-0: is no n-gram model of ours, and others have no ARPA form.\n"
    assert invoke("convert", "runs/uniform-0", "--to", "arpa")[::2] == (2, message)
    (here / "there.arpa").write_text("mine")
    message = "there.arpa: exists and is another file. Name another place with --out, or replace it with --force.\n"
    assert invoke("convert", made / "ngram-3-0", "--to", "arpa", "--out", "there.arpa")[::2] == (2, message)


def test_items_become_labelled_sentences_that_a_classifier_learns_and_judges_by(here: Path, made: Path):
    code, printed, messages = invoke("convert", made / "items.jsonl", "--to", "number")
    assert (code, printed) == (0, "")
    assert messages == (
        "wrote runs/agreement-padding.number.tsv: 46 lines (23 plural, 23 singular)\n"
        "next: lrd-bench train lstm-classifier --corpus runs/agreement-padding.number.tsv\n"
    )
    assert invoke("convert", made / "items.jsonl", "--to", "number")[0] == 0  # nothing to do
    recipe = 'family = "feedforward"\ntask = "classification"\n[model]\ncontext = 1\nembedding = 2\nhidden = 2\n'
    (here / "small.toml").write_text(f"{recipe}[train]\nmax_epochs = 1\n")
    trained = output("train", "small.toml", "--corpus", "runs/agreement-padding.number.tsv").splitlines()
    said = r"accuracy [01]\.000 of 1 labels of test; always '(plural|singular)': [01]\.000      runs/small-0"
    assert re.fullmatch(said, trained[0])
    assert [line.split()[0] for line in trained[1:]] == ["plural", "--------", "plural", "singular"]
    scored = output("score", "runs/small-0", made / "items.jsonl")
    assert "small (judge)" in scored
    assert "|method:judge|" in scored
    code, _, messages = invoke("score", "runs/small-0", "--text", made / "text/test.txt")
    assert (code, messages) == (
        2,
        "runs/small-0: is a judge: it gives words no probability, and has no perplexity.\n",
    )


def test_a_treebank_says_which_of_its_subjects_are_in_no_line(here: Path):
    verb = "2\topen\topen\tVERB\t_\tNumber=Plur|Tense=Pres|VerbForm=Fin\t0\troot\t_\t_\n\n"
    keys = "1\tkeys\tkey\tNOUN\t_\tNumber=Plur\t2\tnsubj\t_\t_\n"
    (here / "mine.conllu").write_text(f"{keys}{verb}" * 1200 + f"{keys.replace('Plur', 'Sing')}{verb}")
    code, printed, messages = invoke("convert", "mine.conllu", "--to", "number-tags")
    assert (code, printed) == (0, "")
    assert messages == (
        "left out 1 subject: subject and verb differ in number\n"
        "wrote runs/mine.number-tags.tsv: 1,200 lines (1,200 plural)\n"
        "there is nothing to learn from these lines alone: all are plural. Add others\n"
    )
    message = "runs/mine.number-tags.tsv: exists and is another file. "
    (here / "mine.conllu").write_text(f"{keys}{verb}")
    code, _, messages = invoke("convert", "mine.conllu", "--to", "number-tags")
    assert (code, messages.startswith(message)) == (2, True)
    assert invoke("convert", "mine.conllu", "--to", "number-tags", "--force")[0] == 0
    message = "mine.conllu: is a treebank, and holds no items. "
    (here / "mine.py").write_text(MY_MODEL)
    assert invoke("score", "python:mine:model", "mine.conllu")[2].startswith(message)


SENTENCE = (
    "1\tkey{0}\tkey\tNOUN\t_\tNumber={1}\t2\tnsubj\t_\t_\n"
    "2\t{2}\tbe\tVERB\t_\tNumber={1}|Tense=Pres|VerbForm=Fin\t0\troot\t_\t_\n\n"
)


@pytest.mark.parametrize(
    ("name", "next_"),
    [
        ("mine.conllu", "lrd-bench train lstm-classifier --corpus runs/mine.number.tsv"),
        ("mine-train.conllu", "lrd-bench train lstm-classifier --corpus runs/mine-train.number.tsv"),
        (
            "mine-dev.conllu",
            "convert the training split, too, and train on a folder of train.tsv, valid.tsv and test.tsv",
        ),
        (
            "mine-test.conllu",
            "convert the training split, too, and train on a folder of train.tsv, valid.tsv and test.tsv",
        ),
    ],
)
def test_held_out_sentences_are_not_what_to_train_on(here: Path, name: str, next_: str):
    (here / name).write_text(SENTENCE.format("", "Sing", "is") + SENTENCE.format("s", "Plur", "are"))
    code, _, messages = invoke("convert", name, "--to", "number")
    assert (code, messages.splitlines()[1:]) == (0, [f"next: {next_}"])


@pytest.mark.parametrize(
    ("task", "lines", "next_"),
    [
        ("tagging", "DET NOUN\tthe key\n", "in Python, lrd_bench.models.load_model('runs/small-0').tags(sentences)"),
        (
            "classification",
            "x\tthe key\ny\tkeys\n",
            "in Python, lrd_bench.models.load_model('runs/small-0').scores(sentences)",
        ),
        ("tagging", "none singular\tthe key\nplural\tkeys\n", "lrd-bench score runs/small-0 STIMULI"),
        ("classification", "acceptable\tthe key is\nunacceptable\tkeys is\n", "lrd-bench score runs/small-0 STIMULI"),
    ],
    ids=["parts-of-speech", "classes", "number-tags", "acceptability"],
)
def test_a_model_of_labels_is_put_to_a_suite_only_if_suites_ask_for_them(here: Path, task: str, lines: str, next_: str):
    (here / "mine.tsv").write_text(lines * 40)
    recipe = f'family = "feedforward"\ntask = "{task}"\n[model]\ncontext = 1\nembedding = 2\nhidden = 2\n'
    (here / "small.toml").write_text(f"{recipe}[train]\nmax_epochs = 1\n")
    code, _, messages = invoke("train", "small.toml", "--corpus", "mine.tsv")
    assert (code, messages.splitlines()[-1]) == (0, f"next: {next_}")


def test_sentences_that_are_too_long_are_said_to_be_left_out_before_training(here: Path, made: Path):
    (here / "mine.txt").write_text("one two three four\n" * 39 + "one two three four five\n" * 41)
    recipe = 'family = "feedforward"\n[model]\ncontext = 1\nembedding = 2\nhidden = 2\n[train]\nmax_epochs = 1\n'
    (here / "small.toml").write_text(f"{recipe}max_words = 4\n")
    told = "small: left out 38 sentences: more than 4 words (`max_words` in the recipe)"
    code, _, messages = invoke("train", "small.toml", "--corpus", "mine.txt")
    assert (code, messages.splitlines()) == (0, [told, "next: lrd-bench score runs/small-0 STIMULI"])
    assert json.loads((here / "runs/small-0/metrics.json").read_text())["sentences_dropped"] == 38
    assert invoke("train", "small.toml", "--corpus", "mine.txt", "--out", "again", "--quiet")[2] == ""


def test_scores_that_do_not_sum_to_one_have_no_perplexity(here: Path, made: Path):
    (here / "stupid.toml").write_text('family = "ngram"\n[model]\norder = 3\nsmoothing = "stupid-backoff"\n')
    trained = output("train", "stupid.toml", "--corpus", made / "text")
    assert trained.startswith("no validation perplexity, for its scores do not sum to one ")
    scored = output("score", "runs/stupid-0", "--text", made / "text/test.txt", "--out", "perplexity.csv")
    assert scored.splitlines()[1] == "no perplexity: the model's scores do not sum to one"
    output("score", "runs/stupid-0", made / "items.jsonl", "--out", "outcomes.csv")
    assert "so it has no perplexity." in output("report", "outcomes.csv", "perplexity.csv")
    code, _, messages = invoke("convert", "runs/stupid-0", "--to", "arpa")
    assert code == 2
    assert "such as stupid backoff, cannot be written as an ARPA file" in messages


MY_MODEL = """
import math
from lrd_bench.models.base import LanguageModel

class Unimpressed(LanguageModel):
    def logprobs(self, sentences, wanted=None, end=False):
        return [[math.log(0.5)] * (len(words if wanted is None else wanted[number]) + end)
                for number, words in enumerate(sentences)]

def model():
    return Unimpressed()
"""


def test_anyones_model_can_be_scored(here: Path, made: Path):
    (here / "mine.py").write_text(MY_MODEL)
    printed = output("score", "python:mine:model", made / "items.jsonl")
    assert "0.500" in printed or "½" in printed
    assert (here / "runs/mine.model/outcomes.parquet").is_file()


MY_DISTRIBUTION = """
import numpy as np
from lrd_bench.models.base import WordDistribution
from lrd_bench.vocabulary import build_vocabulary

class Ditherer(WordDistribution):
    vocabulary = build_vocabulary([["well"]])

    def logprobs(self, sentences, wanted=None, end=False):
        raise NotImplementedError

    def next_word(self, prefixes):
        with np.errstate(divide="ignore"):
            return np.log(np.tile(PROBABILITIES, (len(prefixes), 1)))

def model():
    return Ditherer()
"""


def test_sample_prints_a_sentence_a_line_and_nothing_else(made: Path):
    code, printed, messages = invoke("sample", made / "ngram-3-0")
    assert (code, messages) == (0, "")
    lines = printed.split("\n")
    assert (len(lines), lines.pop()) == (11, "")
    known = {line.split("\t")[0] for line in (made / "ngram-3-0/vocabulary.tsv").read_text().splitlines()}
    assert {*" ".join(lines).split()} <= known - {"<s>", "</s>"}


def test_sample_prints_the_same_for_the_same_seed_and_begins_the_same_for_any_number(made: Path):
    printed = output("sample", made / "ngram-3-0", "--sentences", 4, "--seed", 7)
    assert output("sample", made / "ngram-3-0", "--sentences", 4, "--seed", 7) == printed
    assert output("sample", made / "ngram-3-0", "--sentences", 4, "--seed", 8) != printed
    assert output("sample", made / "ngram-3-0", "--sentences", 9, "--seed", 7).startswith(printed)


def test_sample_says_which_words_of_a_prefix_are_unknown_and_how_many_sentences_were_cut(made: Path):
    asked = ["sample", made / "ngram-3-0", "--sentences", 2, "--prefix", " the  wombat and the quokka"]
    code, printed, messages = invoke(*asked, "--max-words", 6)
    assert code == 0
    assert [line.split()[:5] for line in printed.splitlines()] == [["the", "wombat", "and", "the", "quokka"]] * 2
    assert messages == (
        "--prefix: the model's vocabulary lacks 'wombat', 'quokka', read as <unk>\n"
        "cut after 6 words: 2 of 2 sentences; --max-words N lets them go on\n"
    )
    assert invoke(*asked, "--max-words", 6, "--quiet") == (0, printed, "")


def test_a_model_written_as_an_arpa_file_says_the_same(here: Path, made: Path):
    output("convert", made / "ngram-3-0", "--to", "arpa", "--out", "mine.arpa.gz")
    assert output("sample", "arpa:mine.arpa.gz") == output("sample", made / "ngram-3-0")


def test_anyones_distribution_can_be_sampled(here: Path):
    (here / "well.py").write_text(MY_DISTRIBUTION.replace("PROBABILITIES", "[0, 0, 0.5, 0.5]"))
    assert {*output("sample", "python:well:model", "--sentences", 20).split()} == {"well"}


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (MY_MODEL, "python:theirs:model: scores the words it is given and cannot list those that may come."),
        ("[0, 0, 0.5, 0.1]", "python:theirs:model: its `next_word` gave no distribution of words."),
        ("[0, 0.5, 0.25, 0.25]", "and -inf for <s>, which never comes next."),
        ("[0.5, 0.5]", "its `next_word` returned [64, 2] numbers, not [64, 4]."),
        ("no_such_name", "next_word failed: NameError: name 'no_such_name' is not defined (theirs.py, line 14)"),
    ],
    ids=["no-next-word", "no-distribution", "boundary-symbol", "shape", "failing"],
)
def test_a_model_that_gives_no_distribution_is_one_message(
    here: Path, module: str, message: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delitem(sys.modules, "theirs", raising=False)
    (here / "theirs.py").write_text(module if module == MY_MODEL else MY_DISTRIBUTION.replace("PROBABILITIES", module))
    code, printed, messages = invoke("sample", "python:theirs:model")
    assert (code, printed, messages.count("\n")) == (2, "", 1)
    assert message in messages


def test_scores_that_do_not_sum_to_one_cannot_be_sampled(here: Path, made: Path):
    (here / "stupid.toml").write_text('family = "ngram"\n[model]\norder = 3\nsmoothing = "stupid-backoff"\n')
    output("train", "stupid.toml", "--corpus", made / "text")
    message = "runs/stupid-0: its scores do not sum to one, so they are no chances to draw words by. "
    assert invoke("sample", "runs/stupid-0")[::2] == (2, message + "Sample from another model.\n")


def test_a_reader_that_stops_early_is_no_error(made: Path):
    done = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m lrd_bench list models | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() in ("0", "141")
    assert done.stderr == ""


# -- what cannot be right ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("generate agreement-ppp", "unknown suite 'agreement-ppp'. Did you mean 'agreement-pp'?"),
        ("generate --text english-smal", "unknown grammar 'english-smal'. Did you mean 'english-small'?"),
        ("generate", "generate: name one or more suites, or a grammar with --text."),
        ("generate agreement-pp --items 0", "Invalid value for '--items'"),
        ("generate agreement-pp --seed -1", "Invalid value for '--seed'"),
        ("generate --text english-small --sentences 3", "Invalid value for '--sentences'"),
        ("generate agreement-pp --vocabulary no.tsv", "no.tsv: cannot be read"),
        ("generate --text english-small --items 18", "--items: is for items, not for text."),
        ("generate --text english-small --vocabulary v.tsv", "--vocabulary: is for items, not for text."),
        ("generate --text english-small --split english-small", "--split: is for items, not for text."),
        ("generate --text english-small --min-count 1", "--min-count: is for items, not for text."),
        ("generate agreement-pp --sentences 60000", "--sentences: is for text, not for items."),
        ("generate agreement-pp --min-count 2", "--min-count: is of a vocabulary's words."),
        ("generate a b --out one.jsonl", "one.jsonl: one file cannot hold 2 suites."),
        ("train ltsm --corpus MADE/text", "unknown model 'ltsm'. Did you mean 'lstm'?"),
        ("train my/lstm.toml --corpus MADE/text", "my/lstm.toml: no such model file."),
        ("train MADE/ngram-3-0 --corpus MADE/text", "ngram-3-0: is a trained model, and a recipe is wanted here."),
        ("train MADE/text --corpus MADE/text", "text: no such model file."),
        ("train ngram-3 --corpus nowhere", "nowhere: no such corpus."),
        ("train ltsm --corpus nowhere --raw", "unknown model 'ltsm'. Did you mean 'lstm'?"),
        ("train ngram-3 --corpus nowhere --raw", "nowhere: no such corpus."),
        ("train ngram-3 --corpus MADE/text --seed -1", "Invalid value for '--seed'"),
        ("train ngram-3", "Missing option '--corpus'"),
        ("train ngram-3 --corpus MADE/text --device gpu", "--device: unknown device 'gpu'."),
        ("score nowhere MADE/items.jsonl", "nowhere: no such model."),
        ("score python:nowhere:model MADE/items.jsonl", "nowhere"),
        ("score MADE/ngram-3-0 no.jsonl", "no.jsonl: cannot be read"),
        ("score MADE/ngram-3-0", "score: name one or more files of items, or a text with --text."),
        ("score MADE/ngram-3-0 --text no.txt", "no.txt: cannot be read"),
        ("sample nowhere", "nowhere: no such model."),
        ("sample MADE/ngram-3-0 --sentences 0", "Invalid value for '--sentences'"),
        ("sample MADE/ngram-3-0 --max-words 0", "Invalid value for '--max-words'"),
        ("sample MADE/ngram-3-0 --temperature 0", "--temperature 0: expected a number above 0."),
        ("sample MADE/ngram-3-0 --temperature nan", "--temperature nan: expected a number above 0."),
        ("sample MADE/ngram-3-0 --prefix <s>", "--prefix: <s> and </s> are boundary symbols. Leave them out"),
        ("sample MADE/ngram-3-0 --device gpu", "--device: unknown device 'gpu'."),
        ("report no.parquet", "no.parquet: cannot be read as outcomes"),
        ("run quik", "unknown experiment 'quik'. Did you mean 'quick'?"),
        ("run small-text", "small-text: brings no training text. Name yours: --corpus FOLDER."),
        ("run quick --seeds 0,one", "--seeds 0,one: expected whole numbers"),
        ("run quick --seeds 0,0", "--seeds 0,0: expected different whole numbers from 0 up."),
        ("run quick --seeds -1", "--seeds -1: expected different whole numbers from 0 up."),
        ("run quick --jobs 0", "Invalid value for '--jobs'"),
        ("run quick --corpus nowhere", "nowhere: no such corpus."),
        # To a folder that is refused later, so that nothing is made even if the flag is not heard.
        ("run quick --stimuli no.jsonl --out MADE", "no.jsonl: cannot be read"),
        ("run quick --stimuli MADE/items.jsonl --out MADE", "the experiment has a suite agreement-padding already."),
        ("list agreement-ppp", "unknown name 'agreement-ppp'. Did you mean 'agreement-pp'?"),
        ("lits", "No such command 'lits'."),
    ],
    ids=lambda value: value if value.split()[0] in COMMANDS else "",
)
def test_a_wrong_argument_is_one_message_and_leaves_nothing(here: Path, made: Path, arguments: str, message: str):
    code, printed, messages = invoke(*arguments.replace("MADE", str(made)).split())
    assert code == 2
    assert message in messages
    assert "Traceback" not in messages
    assert printed == ""
    assert list(here.iterdir()) == []


RECIPE = 'family = "ngram"\n[model]\norder = 3\n'


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (RECIPE.replace("order", "oder"), "my.toml:3: unknown setting 'oder' in [model]. Did you mean 'order'?"),
        (RECIPE.replace("3", '"three"'), "my.toml:3: setting 'order' in [model]: "),
        (RECIPE.replace("3", "0"), "my.toml:3: setting 'order' in [model]: "),
        (RECIPE.replace("= 3", "= = 3"), "my.toml:3: is not valid TOML "),
        ('family = "ngram"\n[model', "my.toml:2: is not valid TOML "),
        ("# mine\n" + RECIPE.replace("ngram", "ngrma"), "my.toml:2: unknown family 'ngrma'. Did you mean 'ngram'?"),
    ],
    ids=["unknown-key", "wrong-type", "out-of-range", "broken", "cut", "unknown-family"],
)
def test_a_wrong_recipe_is_one_message(here: Path, made: Path, recipe: str, message: str):
    (here / "my.toml").write_text(recipe)
    code, _, messages = invoke("train", "my.toml", "--corpus", made / "text")
    assert code == 2
    assert all(line.startswith("my.toml") for line in messages.splitlines())
    assert message in messages
    assert not (here / "runs").exists()


EXPERIMENT = (
    'name = "mine"\nmodels = ["uniform"]\n[corpus]\ngrammar = "english-small"\n[[suites]]\nname = "agreement-pp"\n'
)


@pytest.mark.parametrize(
    ("experiment", "message"),
    [
        (EXPERIMENT.replace("models", "modles"), "unknown setting 'modles'. Did you mean 'models'?"),
        (EXPERIMENT.replace('"uniform"', '"unifrom"'), "unknown model 'unifrom'. Did you mean 'uniform'?"),
        (EXPERIMENT.replace('"agreement-pp"', '"agreement-p"'), "unknown suite 'agreement-p'."),
        (EXPERIMENT.replace("english-small", "english"), "unknown grammar 'english'."),
        (EXPERIMENT + "items = 0\n", "setting 'items' in the 1st [[suites]]: input should be greater than or equal"),
        (EXPERIMENT + 'items = "12"\n', "setting 'items' in the 1st [[suites]]: input should be a valid integer"),
        (EXPERIMENT.replace("english-small", "english-small\npath = 3"), "is not valid TOML"),
        (EXPERIMENT.replace("\n[[", '\npath = "text"\n[['), "name either a grammar or a path"),
        (EXPERIMENT.replace('["uniform"]', '["uniform", "uniform"]'), "'uniform' is named twice"),
        (EXPERIMENT.replace('["uniform"]', "[]"), "setting 'models': "),
        (EXPERIMENT.replace('"mine"', '"../mine"'), "setting 'name': "),
    ],
    ids=["key", "model", "suite", "grammar", "range", "type", "toml", "two-texts", "twice", "none", "name"],
)
def test_a_wrong_experiment_is_one_message(here: Path, experiment: str, message: str):
    (here / "mine.toml").write_text(experiment)
    code, _, messages = invoke("run", "mine.toml")
    assert code == 2
    assert "Traceback" not in messages
    assert message in messages
    assert not (here / "runs").exists()


@pytest.mark.parametrize(
    ("train_text", "message"),
    [
        (b"", "train.txt: no sentences for 'train'"),
        (b"one two\ncaf\xe9\n", "train.txt:2: not UTF-8"),
        (b"one <s> two\n", "train.txt:1: <s> and </s> are boundary symbols"),
    ],
    ids=["empty", "not-utf8", "boundary"],
)
@pytest.mark.parametrize("command", ["train ngram-3 --corpus text", "run quick --corpus text"])
def test_a_text_that_cannot_be_read_is_one_message(here: Path, command: str, train_text: bytes, message: str):
    (here / "text").mkdir()
    for split in ("train", "valid", "test"):
        (here / f"text/{split}.txt").write_bytes(b"one two\n" if split != "train" else train_text)
    code, _, messages = invoke(*command.split())
    assert code == 2
    assert message in messages
    assert not list(here.glob("runs/**/*model*"))


def test_a_broken_line_of_items_is_named(here: Path, made: Path):
    lines = (made / "items.jsonl").read_text().splitlines()
    (here / "items.jsonl").write_text("\n".join([lines[0], lines[1][:50], *lines[2:]]) + "\n")
    code, _, messages = invoke("score", made / "ngram-3-0", "items.jsonl", "--out", "outcomes.parquet")
    assert code == 2
    assert messages.startswith("items.jsonl:2: not an item: ")
    assert not (here / "outcomes.parquet").exists()


@pytest.mark.parametrize("name", ["model.safetensors", "vocabulary.tsv", "recipe.json", "manifest.json"])
@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_a_model_folder_that_is_not_whole_is_named(here: Path, made: Path, name: str, harm: str):
    shutil.copytree(made / "ngram-3-0", here / "model")
    if harm == "missing":
        (here / "model" / name).unlink()
    else:
        (here / "model" / name).write_bytes((made / "ngram-3-0" / name).read_bytes()[:-20])
    code, _, messages = invoke("score", "model", made / "items.jsonl")
    assert (code, messages.count("\n")) == (2, 1)
    assert name in messages
    assert not (here / "model/outcomes.parquet").exists()


def test_an_output_from_other_inputs_is_kept_unless_force_is_given(here: Path, made: Path):
    output("generate", "agreement-padding", "--items", 1)
    before = (here / "runs/agreement-padding.jsonl").read_bytes()
    code, _, messages = invoke("generate", "agreement-padding", "--items", 1, "--seed", 1)
    assert code == 2
    assert messages.startswith("runs/agreement-padding.jsonl: exists and was made from other inputs or settings: ")
    assert (here / "runs/agreement-padding.jsonl").read_bytes() == before
    output("generate", "agreement-padding", "--items", 1, "--seed", 1, "--force")
    assert (here / "runs/agreement-padding.jsonl").read_bytes() != before


def test_a_gpu_that_is_not_there_is_one_message(here: Path, made: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    code, _, messages = invoke("train", "elman", "--corpus", made / "text", "--device", "cuda")
    assert code == 2
    assert messages == "--device cuda: torch sees no GPU here. Use --device cpu, or auto.\n"
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        "generate agreement-padding --items 1 --out file/items.jsonl",
        "generate --text english-small --sentences 20 --out file/text",
        "train ngram-3 --corpus MADE/text --out file/model",
        "score MADE/ngram-3-0 MADE/items.jsonl --out file/outcomes.parquet",
        "score MADE/ngram-3-0 --text MADE/text/test.txt --out file/perplexity.csv",
        "run quick --out file/run",
    ],
    ids=lambda arguments: arguments.split(" --")[0],
)
def test_a_place_that_cannot_be_written_is_one_message(here: Path, made: Path, arguments: str):
    (here / "file").write_text("not a folder")
    code, _, messages = invoke(*arguments.replace("MADE", str(made)).split())
    assert code == 2
    assert "cannot be written" in messages
    assert "Traceback" not in messages
    assert [path.name for path in here.iterdir()] == ["file"]


def test_a_disk_that_fills_up_is_one_message_and_leaves_nothing_half_written(here: Path):
    # No file may grow beyond 8 KiB: the nearest thing to a full disk that needs no rights.
    command = f"ulimit -f 8; exec '{sys.executable}' -m lrd_bench generate agreement-padding --out items.jsonl"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env={**os.environ})
    assert done.returncode == 2
    assert "items.jsonl: cannot be written (File too large)" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(here.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_results_that_cannot_be_printed_are_one_message() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lrd_bench", "list", "suites"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "cannot be printed" in done.stderr
