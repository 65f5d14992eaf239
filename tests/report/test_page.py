"""The page without a browser: what goes in, what is checked, and what stands there without a script."""

import base64
import gzip
import json
import math
import re
import struct
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_doubles import GOOD_BITS, Names, margin_of, suite_of, write_inputs
from report_doubles import curve, frame, more_nouns, pair, row

from lrd_bench import __version__
from lrd_bench.errors import LrdBenchError
from lrd_bench.outcomes import OVERLAP_COLUMNS, TEXT_COLUMNS, read_outcomes, write_table
from lrd_bench.report import write_report
from lrd_bench.report.cells import prepare
from lrd_bench.report.inputs import sort_inputs
from lrd_bench.report.page.answer import between, details, headline, rounded, verdicts_of
from lrd_bench.report.page.background import read_background
from lrd_bench.report.page.columns import STEPS, Base, Columns
from lrd_bench.report.page.curves import curves_of
from lrd_bench.report.page.example import example_of, marked
from lrd_bench.report.page.items import pack_items
from lrd_bench.report.page.markup import prose
from lrd_bench.report.page.sources import citation
from lrd_bench.report.results import SuiteResults
from lrd_bench.suite_files import write_suite

ROOT = Path(__file__).parent.parent.parent


def page_of(files: dict[str, Path], **settings: Any) -> str:
    others = {name: [path] for name, path in files.items() if name != "outcomes"}
    return write_report([files["outcomes"]], out=None, format="html", **others, **settings)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_inputs(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def page(files: dict[str, Path]) -> str:
    return page_of(files)


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


# -- packed columns ------------------------------------------------------------------------------------------------


class Unpacked:
    """What page.js makes of packed columns, in other words: for the tests."""

    def __init__(self, packed: str) -> None:
        self._bytes = gzip.decompress(base64.b64decode(packed))
        (length,) = struct.unpack_from("<I", self._bytes)
        self.head = json.loads(self._bytes[4 : 4 + length])
        self._start = (4 + length + 7) // 8 * 8

    def codes(self, name: str) -> np.ndarray:
        kind, at, values, _ = self.head["columns"][name]
        return np.frombuffer(self._bytes, dtype=np.dtype(kind).newbyteorder("<"), count=values, offset=self._start + at)

    def numbers(self, name: str) -> list[float]:
        kept, bases = self.codes(name), self.head["columns"][name][3]
        limits, twins = np.iinfo(kept.dtype), self.codes("twin") if bases else []
        sources = [(self.numbers(base), at_twin) for base, at_twin in bases]
        found = []
        for i, step in enumerate(kept.tolist()):
            base = sum(source[twins[i]] if at_twin else source[i] for source, at_twin in sources)
            special = {limits.min: math.nan, limits.min + 1: -math.inf, limits.max: math.inf}
            found.append(special.get(step, (step + (round(base * STEPS) if math.isfinite(base) else 0)) / STEPS))
        return found


NUMBERS = st.lists(
    st.one_of(st.floats(-5000, 5000), st.sampled_from([math.nan, math.inf, -math.inf, 0.0])), min_size=1, max_size=30
)


@given(NUMBERS, st.randoms())
def test_numbers_come_back_to_the_nearest_step_whatever_they_are_kept_as_a_rest_of(values, random):
    one = np.array(values)
    twins = np.array(random.sample(range(len(one)), len(one)), dtype=np.intp)
    with np.errstate(invalid="ignore"):
        both = one + one[twins] + 0.0004
    columns = Columns()
    columns.add_codes("twin", twins)
    columns.add_numbers("one", one)
    columns.add_numbers("both", both, [Base("one"), Base("one", twins)])
    unpacked = Unpacked(columns.pack({}))
    for name, given_ in (("one", one), ("both", both)):
        np.testing.assert_allclose(unpacked.numbers(name), given_, rtol=0, atol=0.5 / STEPS + 1e-9)


def test_a_sum_costs_next_to_nothing_beside_what_it_is_the_sum_of():
    one = np.random.default_rng(0).normal(0, 5, 4000)
    twins = np.arange(4000) ^ 1
    alone, beside = Columns(), Columns()
    for columns in (alone, beside):
        columns.add_codes("twin", twins)
        columns.add_numbers("one", one)
    beside.add_numbers("both", one + one[twins], [Base("one"), Base("one", twins)])
    assert len(beside.pack({})) < 1.2 * len(alone.pack({}))


def test_the_items_of_a_suite_come_back_as_they_were(files):
    suite, rows = suite_of(), prepare(read_outcomes([files["outcomes"]]))
    surprisals = pd.read_parquet(files["surprisals"])
    unpacked = Unpacked(pack_items(suite, rows, surprisals, list(rows["label"].cat.categories)))
    head = unpacked.head
    assert head["ids"] == [item.id for item in suite.items]
    assert head["conditions"] == ["good", "bad"]  # the likelier first, whatever the file's order
    assert head["asked"] == [["good", "critical"], ["bad", "critical"]]
    assert head["ranked"]
    assert [(run["model"], run["seed"]) for run in head["runs"]] == [(0, 0), (0, 1), (1, None)]
    assert all(run["odds"] for run in head["runs"])
    for number, condition in enumerate(head["conditions"]):
        words = iter(unpacked.codes(f"words.{number}"))
        for item, length in zip(suite.items, unpacked.codes(f"length.{number}"), strict=True):
            assert tuple(head["words"][next(words)] for _ in range(length)) == item.sentences[condition].tokens
        for place, region in enumerate(head["regions"]):
            starts, stops = (unpacked.codes(f"{end}.{number}.{place}").tolist() for end in ("start", "stop"))
            spans = [item.sentences[condition].regions.get(region) for item in suite.items]
            assert starts == [span.start + 1 if span else 0 for span in spans]
            assert stops == [span.stop if span else 0 for span in spans]
    twins = [suite.items[place].id for place in unpacked.codes("twin")]
    assert twins == [suite.twins[item.id].id for item in suite.items]
    assert [head["groups"][code] for code in unpacked.codes("group")] == [item.group for item in suite.items]
    for factor in head["factors"]:
        values = [factor["values"][code] for code in unpacked.codes(f"factor.{factor['name']}")]
        if factor["name"] not in ("distance", "needed_context"):
            assert values == [item.factors[factor["name"]] for item in suite.items]
    for run, (model, seed) in enumerate((("lstm", 0), ("lstm", 1), ("ngram-3", None))):
        margins = [margin_of(model, item, seed) for item in suite.items]
        known = [math.nan if margin is None else margin for margin in margins]
        np.testing.assert_equal(unpacked.numbers(f"margin.0.{run}"), known)
        correct = [255 if margin is None else 4 * (margin > 0) for margin in margins]
        assert unpacked.codes(f"correct.0.{run}").tolist() == correct
        np.testing.assert_equal(unpacked.numbers(f"bits.1.{run}"), np.array(known) + GOOD_BITS)
        reasons = [head["reasons"][code] for code in unpacked.codes(f"reason.{run}")]
        assert reasons == ["unknown word: dog" if margin is None else None for margin in margins]


def test_of_a_compound_prediction_no_region_is_the_likelier_one():
    both = "(critical;%good%) < (critical;%bad%) & (cue;%bad%) < (cue;%good%)"
    suite = replace(suite_of(), predictions=(both,))
    rows = prepare(frame(*(row(item.id, 1.0, pair=item.pair, prediction=both) for item in suite.items)))
    head = Unpacked(pack_items(suite, rows, None, ["lstm"])).head
    assert not head["ranked"]
    assert head["conditions"] == ["bad", "good"]  # as in the file
    assert head["asked"] == [["bad", "critical"], ["bad", "cue"], ["good", "critical"], ["good", "cue"]]


@pytest.mark.parametrize(("method", "metric"), [("judge", "sum"), ("lm", "mean")])
def test_margins_that_are_of_no_probabilities_are_known_as_such(method, metric):
    suite = suite_of()
    rows = prepare(frame(*(row(item.id, 1.0, pair=item.pair, method=method) for item in suite.items)))
    rows["run"] = rows["run"].astype(str).str.replace("|ties", f"|metric:{metric}|ties")
    assert Unpacked(pack_items(suite, rows, None, list(rows["label"].unique()))).head["runs"][0]["odds"] is False


def test_items_of_seven_models_leave_room_in_five_megabytes_for_a_quick_run(tmp_path):
    # 22,000 items: 200 bytes for each leave some 600,000 for all else.
    suite, random = suite_of(), np.random.default_rng(0)
    items = [
        replace(item, id=f"{number}/{item.id}", pair=f"{number}/{item.pair}")
        for number in range(100)
        for item in suite.items
    ]
    suite = replace(suite, items=tuple(items))
    rows = [
        row(item.id, float(margin > 0), pair=item.pair, model=f"m{model}", margin_bits=margin)
        for model in range(7)
        for item, margin in zip(items, random.normal(3, 4, len(items)), strict=True)
    ]
    prepared = prepare(frame(*rows))
    bits = [
        {"run": run, "seed": 0, "suite": suite.name, "item": item.id, "condition": condition, "region": "critical"}
        | {"surprisal_bits": random.exponential(4)}
        for run in prepared["run"].cat.categories
        for item in items
        for condition in ("good", "bad")
    ]
    surprisals = pd.DataFrame(bits).astype({"seed": "Int64", "surprisal_bits": "Float64"})
    packed = pack_items(suite, prepared, surprisals, [f"m{model}" for model in range(7)])
    assert len(packed) / len(items) < 200


# -- curves --------------------------------------------------------------------------------------------------------


def results_of(*rows: dict[str, object]) -> list[SuiteResults]:
    prepared = prepare(frame(*rows))
    return [
        SuiteResults(name=str(name), rows=prepared[prepared["suite"] == name]) for name in prepared["suite"].unique()
    ]


def test_there_is_a_curve_for_every_filler_and_number_of_opposing_nouns(files):
    [suite] = [SuiteResults(name="agreement-by-hand", rows=prepare(read_outcomes([files["outcomes"]])))]
    curves = curves_of(suite)
    assert curves["fillers"] == ["adverbs", "phrases"]
    assert curves["nouns"] == [0, 1]
    assert curves["strands"] == [0, 1]  # phrases do not reach distance 2
    assert set(curves["cells"]) == {"*|*", "0|*", "1|*", "*|0", "*|1", "0|0", "1|0", "1|1"}
    lstm = {key: cell[suite.labels.index("lstm")] for key, cell in curves["cells"].items()}
    # Of key and boy, which the trigram scored too: seed 0 is wrong on the plural phrases, seed 1 on all phrases.
    assert lstm["*|*"]["distance"] == [2, 4]
    assert lstm["*|*"]["value"] == [1.0, (1 + 0.25) / 2]
    assert lstm["1|*"]["value"] == [0.25]
    assert lstm["1|0"]["value"] == [0.5]
    assert lstm["1|1"]["value"] == [0.0]
    assert sorted(lstm["1|0"]["seeds"]) == [[4, 0, 1.0], [4, 1, 0.0]]
    assert lstm["1|1"]["text"][0].startswith("0.000°")  # pairs are cut
    ngram = curves["cells"]["*|*"][suite.labels.index("ngram-3")]
    assert ngram["text"][1] == "0.500 = ½"
    assert curves["withheld"] == [4]
    assert curves["withheldFillers"] == [[0, 4], [1, 4]]


def test_a_suite_without_distances_has_no_curves():
    [suite] = results_of(*[row(str(number), number % 2, distance=None, needed_context=None) for number in range(30)])
    assert curves_of(suite)["cells"] == {}


# -- the answer ----------------------------------------------------------------------------------------------------


def said(*rows: dict[str, object]) -> list[str]:
    return [f"{' '.join(models)}: {rest}" for models, rest in headline(verdicts_of(results_of(*rows)))]


def test_who_holds_everywhere_is_said_together():
    rows = [*curve({1: 1.0, 16: 1.0}), *curve({1: 1.0, 16: 0.96}, model="gru")]
    assert said(*rows) == ["lstm gru: hold: no fall with distance was found up to 16 words."]
    rows += curve({1: 1.0, 32: 1.0}, suite="other") + curve({1: 1.0, 32: 1.0}, suite="other", model="gru")
    assert said(*rows) == ["lstm gru: hold: no fall with distance was found on any of 2 suites, up to 32 words."]


def test_who_forgets_is_said_with_how_often_and_whether_the_text_withheld_it():
    seen = {1: "seen", 16: "distance"}
    rows = [
        *curve({1: 1.0, 16: 0.6}),
        *curve({1: 1.0, 16: 0.6}, suite="beyond", distance_seen=seen),
        *curve({1: 0.8, 16: 0.8}, suite="hard"),
    ]
    assert said(*rows) == [
        "lstm: forgets on 2 of 3 suites (1 of them only at withheld distances) and has not learnt 1 of 3 suites."
    ]
    told = [(verdict.suite, what, numbers) for verdict, what, numbers in details(verdicts_of(results_of(*rows)))]
    assert told == [
        ("agreement-pp", "forgets on", "accuracy 1.00 at 1 word, 0.60 at 16"),
        ("beyond", "forgets (only where withheld) on", "accuracy 1.00 at 1 word, 0.60 at 16"),
        ("hard", "has not learnt", "accuracy 0.80 at 1 word"),
    ]


def test_a_model_that_holds_but_falls_with_some_filler_is_not_said_to_hold_everywhere():
    adverbs = curve({1: 1.0, 4: 1.0, 16: 1.0}, filler="adverbs")
    phrases = more_nouns(curve({4: 1.0, 16: 0.6}, filler="phrases"))
    assert said(*adverbs, *phrases) == ["lstm: holds on the suite, but not with every filler."]
    [(verdict, what, numbers)] = details(verdicts_of(results_of(*adverbs, *phrases)))
    assert (verdict.kind, what) == ("holds", "forgets with phrases on")
    assert numbers == "accuracy 1.00 at 4 words, 0.60 at 16"


def test_a_filler_that_a_model_has_not_learnt_is_said_though_it_holds_on_the_suite():
    adverbs = curve({12: 1.0, 32: 1.0}, filler="adverbs", groups=50)
    others = more_nouns(curve({12: 0.8, 32: 0.76}, filler="parentheticals"))
    assert said(*adverbs, *others) == ["lstm: holds on the suite, but not with every filler."]
    [(verdict, what, numbers)] = details(verdicts_of(results_of(*adverbs, *others)))
    assert (verdict.kind, what) == ("holds", "has not learnt with parentheticals on")
    assert numbers == "accuracy 0.80 at 12 words"


@pytest.mark.parametrize(
    ("accuracy", "shown"), [(0.896, "0.896"), (0.89996, "0.89996"), (0.9, "0.90"), (0.894, "0.89"), (1.0, "1.00")]
)
def test_an_accuracy_below_what_counts_as_learnt_is_not_rounded_up_to_it(accuracy, shown):
    assert rounded(accuracy) == shown


def test_of_a_model_that_forgets_only_fillers_with_which_it_does_worse_are_named():
    adverbs = curve({12: 1.0, 32: 0.6}, filler="adverbs", groups=50)
    others = more_nouns(curve({12: 0.8, 32: 0.76}, filler="parentheticals"))
    told = [what for _, what, _ in details(verdicts_of(results_of(*adverbs, *others)))]
    assert told == ["forgets on", "has not learnt with parentheticals on"]


def test_a_filler_alone_is_judged_by_its_items_that_are_alike():
    adverbs = curve({1: 1.0, 4: 1.0, 16: 1.0}, filler="adverbs", nouns_between=0)
    one = more_nouns(curve({4: 1.0, 16: 1.0}, filler="phrases", nouns_between=1))
    two = more_nouns(more_nouns(curve({16: 0.2}, filler="phrases", nouns_between=2)))
    assert not list(details(verdicts_of(results_of(*adverbs, *one, *two))))
    one = more_nouns(curve({4: 1.0, 16: 0.6}, filler="phrases", nouns_between=1))
    [(_, what, numbers)] = details(verdicts_of(results_of(*adverbs, *one, *two)))
    assert what == "forgets with phrases on"
    assert numbers == "accuracy 1.00 at 4 words, 0.60 at 16, of the items with 1 noun between"


def test_numbers_of_items_that_are_alike_say_so_where_the_curve_is_of_all(tmp_path):
    one, two = curve({4: 1.0, 16: 0.6}, nouns_between=1), more_nouns(curve({16: 0.2}, nouns_between=2))
    [(_, _, numbers)] = details(verdicts_of(results_of(*one, *two)))
    assert numbers == "accuracy 1.00 at 4 words, 0.60 at 16, of the items with 1 noun between"
    assert results_of(*one, *two)[0].by_distance["lstm", (16,)].value == pytest.approx(0.4)
    [(_, _, numbers)] = details(verdicts_of(results_of(*curve({4: 1.0, 16: 0.6}))))
    assert "between" not in numbers
    write_table(frame(*one, *two), tmp_path / "o.parquet")
    answer = page_of({"outcomes": tmp_path / "o.parquet"}).partition('id="curves"')[0]
    assert '<span class="numbers">items with 1 noun between</span></th>' in answer
    assert "The curves and tables below are of all items" in answer


@pytest.mark.parametrize(
    ("fillers", "words"),
    [
        (None, ""),
        ([(0,)], "no noun"),
        ([("adverbs", 0)], "adverbs and no noun"),
        ([("adverbs",), ("phrases",)], "adverbs or phrases"),
        ([("phrases", 2)], "phrases and 2 nouns"),
    ],
)
def test_what_stands_between_is_said_in_words(fillers, words):
    assert between(fillers) == words


def test_beside_an_accuracy_without_distance_stand_its_chance_and_what_its_signs_mean(tmp_path):
    both = "[(critical;%good%) < (critical;%bad%)] & [(*;%good%) < (*;%bad%)]"
    without = {"distance": None, "needed_context": None}
    rows = [row(str(n), n % 2, prediction=both, chance=0.25, group=f"g{n}", **without) for n in range(10)]
    write_table(frame(*rows), tmp_path / "o.parquet")
    answer = page_of({"outcomes": tmp_path / "o.parquet"}).partition('id="curves"')[0]
    assert "0.500† [" in answer
    assert '<span class="numbers">chance 0.250</span></th>' in answer
    assert "agreement-pp 0.250." in answer
    assert "† fewer than 20 groups: take the interval as too narrow." in answer


def test_what_withheld_means_is_said_where_the_answer_says_it(tmp_path):
    for name, seen in (("a", {1: "seen", 16: "distance"}), ("b", None)):
        write_table(frame(*curve({1: 1.0, 16: 0.6}, distance_seen=seen)), tmp_path / f"{name}.parquet")
    pages = [page_of({"outcomes": tmp_path / f"{name}.parquet"}).partition('id="curves"')[0] for name in "ab"]
    assert ["Of models trained on other text that says nothing." in page for page in pages] == [True, False]


def test_what_is_typed_is_not_broken_at_its_hyphens():
    made = 'Name it: <span class="whole">lrd-bench</span> report A-B <span class="whole">--format</span> html &lt;b&gt;'
    assert prose("Name it: lrd-bench report A-B --format html <b>") == made


def test_what_cannot_see_the_cue_is_said_to_score_one_half():
    rows = [*curve({2: 1.0, 16: 0.5}, model="ngram-3", context=2), *curve({2: 1, 16: 1}, model="ngram-5", context=4)]
    assert said(*rows) == [
        "ngram-3 ngram-5: see 2 or 4 words to the left: where the cue lies beyond, both twins look the same, and the "
        "score is ½, exactly."
    ]


def test_the_observer_vouches_for_the_questions_only_if_it_answers_them():
    rows = curve({1: 1.0, 16: 1.0}, model="ideal-observer")
    assert said(*rows) == [
        "ideal-observer: knows the grammar that wrote the text, and holds: the questions can be answered."
    ]
    fooled = curve({1: 1.0, 16: 0.5}, model="ideal-observer")
    assert said(*fooled) == ["ideal-observer: forgets on the suite."]


def test_a_window_that_reaches_every_cue_is_judged_like_any_model():
    assert said(*curve({1: 1.0, 4: 0.6}, model="feedforward-8", context=8)) == ["feedforward-8: forgets on the suite."]


def test_a_broken_theorem_is_said_first():
    rows = [*curve({4: 1.0}, model="ngram-3", context=2), *curve({4: 1.0})]
    for outcome in rows:
        if outcome["model"] == "ngram-3":
            outcome |= {"correct": 1.0, "margin_bits": 2.0}
    assert said(*rows)[0].startswith("ngram-3: not what the theorem says")


def test_without_distances_there_is_no_answer_to_the_question():
    rows = [row(str(number), number % 2, distance=None, needed_context=None) for number in range(30)]
    assert said(*rows) == [": No suite here has distances: see the accuracies below."]


# -- what is given -------------------------------------------------------------------------------------------------


def test_each_file_is_known_by_what_it_holds(files, tmp_path):
    for name, columns in (("texts", TEXT_COLUMNS), ("overlaps", OVERLAP_COLUMNS)):
        pd.DataFrame(columns=list(columns)).to_csv(tmp_path / f"{name}.csv", index=False)
    pd.read_parquet(files["surprisals"]).to_csv(tmp_path / "bits.csv", index=False)
    (tmp_path / "mine.toml").write_text('name = "mine"\nmodels = ["lstm"]\n')
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit/audit.json").write_text(files["audits"].read_text())
    (tmp_path / "blimp.jsonl").write_text('{"sentence_good": "They are.", "sentence_bad": "They is."}\n')
    given_ = [*files.values(), *(tmp_path / name for name in ("bits.csv", "texts.csv", "overlaps.csv", "mine.toml"))]
    inputs = sort_inputs([*given_, tmp_path / "audit", tmp_path / "blimp.jsonl", tmp_path / "missing.parquet"])
    assert inputs.outcomes == (files["outcomes"], tmp_path / "missing.parquet")
    assert inputs.surprisals == (files["surprisals"], tmp_path / "bits.csv")
    assert inputs.stimuli == (files["stimuli"], tmp_path / "blimp.jsonl")
    assert inputs.audits == (files["audits"], tmp_path / "audit/audit.json")
    assert inputs.texts == (tmp_path / "texts.csv",)
    assert inputs.overlaps == (tmp_path / "overlaps.csv",)
    assert inputs.experiment == tmp_path / "mine.toml"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nosuch.jsonl", "nosuch.jsonl: cannot be read (no such file)"),
        ("nosuch", "nosuch: cannot be read (no such file)"),
        ("o.txt", "o.txt: is of no format that we know"),
        ("model", "model: is a folder. Name the outcomes in it: model/outcomes.parquet"),
        ("run", "run: is the folder of a run. Name the outcomes in it: run/outcomes/*"),
        ("new", "new: is a model, and has no outcomes yet. Make some: lrd-bench score new STIMULI"),
    ],
)
def test_what_a_report_has_no_use_for_is_refused(tmp_path, monkeypatch, name, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "o.txt").write_text("notes\n")
    (tmp_path / "model").mkdir()
    (tmp_path / "model/outcomes.parquet").touch()
    (tmp_path / "run/outcomes").mkdir(parents=True)
    (tmp_path / "run/audit.json").write_text("[]")
    (tmp_path / "new").mkdir()
    (tmp_path / "new/recipe.json").touch()
    with pytest.raises(LrdBenchError, match=re.escape(message)):
        sort_inputs([Path(name)])


def test_two_experiments_are_one_too_many(tmp_path):
    for name in ("one.toml", "other.toml"):
        (tmp_path / name).write_text('name = "mine"\nmodels = ["lstm"]\n')
    with pytest.raises(LrdBenchError, match="are several experiments, and a report is of one"):
        sort_inputs([tmp_path / "one.toml", tmp_path / "other.toml"])


def test_eight_digits_of_a_digest_are_enough_beside_the_items(files, tmp_path):
    outcomes = read_outcomes([files["outcomes"]])
    write_table(outcomes.assign(suite_digest=outcomes["suite_digest"].str[:8]), tmp_path / "o.parquet")
    assert read_background(
        read_outcomes([tmp_path / "o.parquet"]), sort_inputs([tmp_path / "o.parquet", files["stimuli"]])
    ).suites


def test_other_items_than_those_that_were_scored_are_refused(files, tmp_path):
    suite = suite_of()
    write_suite(replace(suite, items=suite.items[2:]), tmp_path / "other.jsonl")
    with pytest.raises(LrdBenchError, match=r"holds other items of suite 'agreement-by-hand' \(digest .{8}\) than"):
        page_of(files | {"stimuli": tmp_path / "other.jsonl"})
    write_suite(replace(suite, name="another"), tmp_path / "another.jsonl")
    with pytest.raises(LrdBenchError, match="items of suite 'another', and no outcomes are of it"):
        page_of(files | {"stimuli": tmp_path / "another.jsonl"})
    with pytest.raises(LrdBenchError, match="Give each suite once"):
        write_report([files["outcomes"]], out=None, format="html", stimuli=[files["stimuli"]] * 2)


def test_outcomes_that_do_not_say_of_which_items_they_are_take_those_that_are_given(files, tmp_path):
    outcomes = pd.read_parquet(files["outcomes"]).drop(columns=["suite_digest", "suite_version", "run"])
    outcomes.to_csv(tmp_path / "mine.csv", index=False)
    page = page_of({"outcomes": tmp_path / "mine.csv", "stimuli": files["stimuli"]})
    assert data_of(page)["suites"][0]["items"] == 0


def test_surprisals_of_another_run_are_refused_and_so_are_rows_that_occur_twice(files, tmp_path):
    table = pd.read_parquet(files["surprisals"])
    table.assign(run="another").to_parquet(tmp_path / "another.parquet")
    with pytest.raises(LrdBenchError, match="surprisals of run 'another', and no outcomes are of it"):
        page_of(files | {"surprisals": tmp_path / "another.parquet"})
    with pytest.raises(LrdBenchError, match=r"occurs twice\. Give each surprisals file once"):
        write_report([files["outcomes"]], out=None, format="html", surprisals=[files["surprisals"]] * 2)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(LrdBenchError, match="cannot be read as surprisals"):
        page_of(files | {"surprisals": tmp_path / "broken.parquet"})


def audited(path: Path, *suites: str) -> Path:
    path.write_text(json.dumps([{"suite": suite, "findings": [f"found in {suite}"]} for suite in suites]))
    return path


def test_an_audit_of_other_items_is_refused_and_of_other_suites_left_out(files, tmp_path):
    rows, digest = read_outcomes([files["outcomes"]]), suite_of().digest[:8]
    ours, both = f"agreement-by-hand@1#{digest}", ["2 suites", f"agreement-by-hand@1#{digest}", "other@1#00000000"]
    inputs = sort_inputs([audited(tmp_path / "a.json", *both)])
    assert [found.suite for found in read_background(rows, inputs).findings] == ["agreement-by-hand"]
    inputs = sort_inputs([audited(tmp_path / "a.json", "1 suites", ours)])
    assert [found.together for found in read_background(rows, inputs).findings] == [True, False]
    with pytest.raises(LrdBenchError, match=r"is of other items of suite 'agreement-by-hand' \(digest 00000000\)"):
        read_background(rows, sort_inputs([audited(tmp_path / "a.json", "agreement-by-hand@1#00000000")]))
    (tmp_path / "b.json").write_text('[{"suite": 1}]')
    with pytest.raises(LrdBenchError, match="cannot be read as an audit"):
        read_background(rows, sort_inputs([tmp_path / "b.json"]))


# -- the page ------------------------------------------------------------------------------------------------------


def test_the_page_says_what_can_be_read_without_a_script(page):
    said_ = unescape(re.sub(r"<[^>]+>", "\n", page.partition('<script type="application/json"')[0]))
    for expected in (
        "How far apart can two words be",
        "The answer of this run",
        "All items have one of 3 cues.",
        "agreement-by-hand: accuracy by distance",
        "what depends on what",
        "Nobody & Nobody 1963.",
        "|model:lstm#77ab03d2|seeds:2|",
        f"Made by lrd_bench {__version__}.",
        "lrd-bench report outcomes.parquet items.jsonl surprisals.parquet audit.json --by distance --out FOLDER",
    ):
        assert expected in said_


def test_the_same_inputs_give_the_same_page(files, page):
    assert page_of(files) == page


def test_the_page_refers_to_nothing_outside_itself(page):
    refers = re.findall(r'\b(?:src|href|action|poster|data)="([^"]*)"', page)
    assert refers
    assert all(reference.startswith("#") for reference in refers)
    assert not re.search(r"@import|url\(|<link|<iframe|<img", page)
    assert "default-src &#x27;none&#x27;" in page


def test_without_items_the_page_says_how_to_add_them(files):
    page = write_report([files["outcomes"]], out=None, format="html")
    assert "The items of agreement-by-hand are not here" in page
    assert data_of(page)["suites"][0]["items"] is None
    page = write_report([files["outcomes"]], out=None, format="html", stimuli=[files["stimuli"]])
    assert "The items of" not in page
    assert "Margins are here, probabilities are not." in page


def test_an_experiment_gives_the_page_its_name_and_its_command(files, tmp_path):
    (tmp_path / "mine.toml").write_text('name = "mine"\nmodels = ["lstm"]\nabout = "<b>"\n')
    page = page_of(files, experiment=tmp_path / "mine.toml")
    assert "<title>mine: accuracy by dependency distance</title>" in page
    assert "lrd-bench run mine.toml" in page
    assert "about = &quot;&lt;b&gt;&quot;" in page


EVIL = "<script>alert(1)</script>"


def test_names_are_never_markup(tmp_path):
    names = Names(suite=EVIL, lstm=EVIL, factor="</script><img src=x onerror=alert(1)>", adverb=EVIL, group='"><b>')
    page = page_of(write_inputs(tmp_path, names), about=EVIL)
    assert EVIL not in page
    assert "<img" not in page
    assert "<b>&quot;" not in page
    assert page.count("</script>") == 3  # the data, the items, and the page's own
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert data_of(page)["models"][0]["name"] == EVIL


def test_a_slot_inside_what_is_filled_in_is_left_alone(tmp_path):
    page = page_of(write_inputs(tmp_path, Names(suite="{{script}}")))
    assert "<h3>{{script}}</h3>" in page


def test_the_report_folder_holds_the_page(files, tmp_path):
    out = tmp_path / "report"
    others = {name: [path] for name, path in files.items() if name != "outcomes"}
    write_report([files["outcomes"]], out=out, **others)
    manifest = json.loads((out / "manifest.json").read_text())
    assert [(each["name"], each["holds"]) for each in manifest["inputs"]] == [
        ("outcomes.parquet", "outcomes"),
        ("items.jsonl", "stimuli"),
        ("surprisals.parquet", "surprisals"),
        ("audit.json", "audits"),
    ]
    assert "report.html" in manifest["files"]
    assert (out / "report.html").read_text() == page_of(files)


def test_a_suite_whose_name_holds_a_slash_gets_its_tables(tmp_path):
    write_table(frame(*pair("p", 1, 0, suite="mine/a")), tmp_path / "o.parquet")
    write_report([tmp_path / "o.parquet"], out=tmp_path / "report")
    assert (tmp_path / "report/tables/accuracy-by-distance.mine-a.csv").is_file()


# -- examples and citation -----------------------------------------------------------------------------------------


def test_the_example_has_a_noun_that_opposes_the_cue():
    found = example_of([suite_of()])
    assert found is not None
    _, item = found
    assert item.id == "key/phrases/4/plural"
    assert marked(item.sentences["good"], "is") == (
        'The <mark class="cue">keys</mark> near the <mark class="between">door</mark> '
        '<mark class="critical">are</mark> <s>is</s> here.'
    )


def test_a_suite_that_marks_nothing_gives_no_example():
    suite = suite_of()
    bare = [
        replace(item, sentences={name: replace(each, regions={}) for name, each in item.sentences.items()})
        for item in suite.items
    ]
    assert example_of([replace(suite, items=tuple(bare))]) is None


def test_the_citation_is_that_of_the_citation_file():
    cff = (ROOT / "CITATION.cff").read_text()
    message, reference, bibtex = citation()
    assert message in cff
    assert reference == f"The lrd_bench authors. lrd_bench, version {__version__}. Software, Apache-2.0."
    assert f"version: {__version__}" in cff
    assert bibtex.splitlines()[0] == "@misc{lrd_bench,"
    assert r"  title   = {{lrd\_bench}}," in bibtex.splitlines()
    assert "  author  = {{The lrd_bench authors}}," in bibtex.splitlines()
