import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from report_doubles import DOUBLE, curve, frame, more_nouns, pair, row

from lrd_bench import __version__
from lrd_bench.errors import LrdBenchError
from lrd_bench.files import file_digest
from lrd_bench.outcome_checks import REQUIRED
from lrd_bench.outcomes import OUTCOME_COLUMNS, TEXT_COLUMNS, write_table
from lrd_bench.report import write_report

SEEN = {1: "seen", 2: "seen", 16: "distance"}


@pytest.fixture
def outcomes(tmp_path):
    lstm = frame(*curve({1: 1.0, 2: 0.96, 16: 0.6}, distance_seen=SEEN))
    ngram = frame(*curve({1: 1.0, 2: 1.0, 16: 0.5}, distance_seen=SEEN, model="ngram-3", context=2, seed=None))
    write_table(lstm, tmp_path / "lstm.parquet")
    write_table(ngram, tmp_path / "ngram.csv")
    return [tmp_path / "lstm.parquet", tmp_path / "ngram.csv"]


@pytest.fixture
def text(tmp_path):
    values = ["lstm", "77ab03d2", 0, "test", "t" * 64, 10, 100, 0, 300.0, 0.0]
    frame_ = pd.DataFrame([values], columns=list(TEXT_COLUMNS)).astype(dict(TEXT_COLUMNS))
    write_table(frame_, tmp_path / "perplexity.csv")
    return tmp_path / "perplexity.csv"


def test_the_text_holds_every_table_how_to_read_it_and_the_signatures(outcomes, text):
    report = write_report(outcomes, out=None, texts=[text])
    titles = ["Overview", "Models", "agreement-pp: accuracy by distance", "How far"]
    titles += ["What the training text shows", "Perplexity"]
    places = [
        report.index(title) for title in [*titles, "How to read this", "suite:agreement-pp@1#9c41a07e|model:lstm"]
    ]
    assert places == sorted(places)
    assert "agreement-pp  lstm       150         0  0.853 [0.773, 0.920]" in report
    assert "forgets (only where withheld)" in report
    assert "blind: ½ exact beyond 2 words" in report
    assert "      16  withheld          50      25  0.600 [0.400, 0.800]             0.500 = ½\n" in report
    assert report.splitlines()[-1] == (
        "suite:agreement-pp@1#9c41a07e|model:ngram-3#77ab03d2|seeds:1|method:lm|ties:half@1e-4|oov:pair|eos:no|v:0.1.0"
    )


def test_a_folder_holds_the_tables_the_figure_its_points_and_what_they_were_made_from(outcomes, text, tmp_path):
    out = tmp_path / "report"
    printed = write_report(outcomes, out=out, texts=[text])
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert files == [
        "accuracy-by-distance.csv",
        "accuracy-by-distance.pdf",
        "accuracy-by-distance.png",
        "accuracy-by-distance.svg",
        "figures/accuracy-by-distance.agreement-pp.pdf",
        "figures/accuracy-by-distance.agreement-pp.png",
        "figures/accuracy-by-distance.agreement-pp.svg",
        "manifest.json",
        "report.html",
        "report.json",
        "report.md",
        "report.tex",
        "report.txt",
        "tables/accuracy-by-distance.agreement-pp.csv",
        "tables/both-by-distance.agreement-pp.csv",
        "tables/double-by-distance.agreement-pp.csv",
        "tables/how-far.csv",
        "tables/models.csv",
        "tables/overview.csv",
        "tables/perplexity.csv",
        "tables/seen-and-withheld.csv",
        "tables/signatures.csv",
    ]
    (only_printed,) = set(printed.split("\n\n")) - set((out / "report.txt").read_text().split("\n\n"))
    named = "double difference in bits by distance; both right by distance."
    assert only_printed == f"In the report's folder (--out) and in other formats, too: {named}"
    assert "![Accuracy by distance](accuracy-by-distance.svg)" in (out / "report.md").read_text()
    assert (out / "accuracy-by-distance.png").read_bytes().startswith(b"\x89PNG")
    manifest = json.loads((out / "manifest.json").read_text())
    inputs = [(path, "outcomes") for path in outcomes] + [(text, "texts")]
    assert manifest["inputs"] == [
        {"name": path.name, "holds": holds, "sha256": file_digest(path)} for path, holds in inputs
    ]
    assert manifest["files"]["report.md"] == file_digest(out / "report.md")
    by_distance = pd.read_csv(out / "tables" / "accuracy-by-distance.agreement-pp.csv")
    assert by_distance["distance"].tolist() == [1, 2, 16]
    assert by_distance["lstm"].tolist() == [1, 0.96, 0.6]
    assert by_distance["ngram-3 theorem"].fillna(-1).tolist() == [-1, -1, 0.5]
    assert by_distance["ngram-3 interval"].tolist() == ["clopper-pearson", "clopper-pearson", "exact"]


def test_the_same_inputs_give_the_same_bytes_and_are_not_drawn_again(outcomes, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    write_report(outcomes, out=first)
    write_report(outcomes, out=second)
    files = [path for path in first.rglob("*") if path.is_file()]
    assert all(path.read_bytes() == (second / path.relative_to(first)).read_bytes() for path in files)
    dates = [path.stat().st_mtime_ns for path in files]
    write_report(outcomes, out=first)
    assert [path.stat().st_mtime_ns for path in files] == dates


@pytest.mark.parametrize("spoil", [lambda file: file.unlink(), lambda file: file.write_text("mine")])
def test_a_report_that_was_changed_is_neither_taken_for_whole_nor_replaced_without_force(outcomes, tmp_path, spoil):
    out = tmp_path / "report"
    write_report(outcomes, out=out)
    before = (out / "report.md").read_text()
    spoil(out / "report.md")
    with pytest.raises(LrdBenchError, match=r"missing, or not as written: report\.md\. .*--force"):
        write_report(outcomes, out=out)
    write_report(outcomes, out=out, force=True)
    assert (out / "report.md").read_text() == before


def test_a_report_of_other_inputs_is_replaced_only_by_force(outcomes, tmp_path):
    out = tmp_path / "report"
    write_report(outcomes[:1], out=out)
    with pytest.raises(LrdBenchError, match="made from other inputs"):
        write_report(outcomes, out=out)
    assert "ngram-3" not in (out / "report.md").read_text()
    write_report(outcomes, out=out, force=True)
    assert "ngram-3" in (out / "report.md").read_text()


def test_a_folder_that_is_no_report_is_never_replaced(outcomes, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("…")
    with pytest.raises(LrdBenchError, match="is not a report"):
        write_report(outcomes, out=tmp_path / "precious", force=True)


def test_an_empty_folder_is_filled_and_what_is_no_report_is_refused_at_once(outcomes, tmp_path):
    (tmp_path / "empty").mkdir()
    write_report(outcomes, out=tmp_path / "empty")
    assert (tmp_path / "empty" / "report.md").is_file()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_text('{"made_from": "0", "files": {"model.safetensors": "0"}}')
    for force in (False, True):
        with pytest.raises(LrdBenchError, match=r"is not a report, so it is not replaced\. Name another place"):
            write_report(outcomes, out=tmp_path / "model", force=force)


def test_a_report_begins_with_what_it_is_about(outcomes, tmp_path):
    out = tmp_path / "report"
    printed = write_report(outcomes, out=out, about="Do windows forget?")
    assert printed.startswith("Do windows forget?\n\nOverview\n")
    markdown = (out / "report.md").read_text()
    assert markdown.startswith("# Accuracy by dependency distance\n\nDo windows forget?\n\n![")
    assert json.loads((out / "manifest.json").read_text())["about"] == "Do windows forget?"
    assert "forget?" not in write_report(outcomes, out=None, about="Do windows forget?", format="csv")
    with pytest.raises(LrdBenchError, match="made from other inputs"):
        write_report(outcomes, out=out, about="Something else.")


def test_what_the_text_withholds_is_marked_wherever_distance_is_a_factor(outcomes):
    report = write_report(outcomes, out=None, by=["group", "distance"])
    table = report.split("accuracy by group × distance")[1].split("Asked")[0]
    assert [line.split()[:3] for line in table.splitlines()[4:7]] == [
        ["g0", "1", "shown"],
        ["g0", "2", "shown"],
        ["g0", "16", "withheld"],
    ]


def test_the_overview_has_intervals_for_all_its_estimates_and_fits_a_terminal(outcomes):
    overview = write_report(outcomes, out=None).split("accuracy: of the suite's")[0]
    assert max(map(len, overview.splitlines())) <= 132
    lstm = [line for line in overview.splitlines() if " lstm " in line]
    assert [line.count("[") for line in lstm] == [2, 2]  # accuracy and both; double and bits


def test_a_suite_with_several_kinds_of_filler_has_a_table_of_filler_by_distance(tmp_path):
    adverbs, phrases = curve({4: 1.0, 16: 0.75}, filler="adverbs"), curve({4: 0.5, 16: 0.25}, filler="phrases")
    write_table(frame(*adverbs, *more_nouns(phrases)), tmp_path / "o.parquet")
    report = write_report([tmp_path / "o.parquet"], out=None, format="markdown")
    table = report.split("accuracy by filler × distance")[1].split("Asked")[0]
    rows = [line.strip("| ").split() for line in table.splitlines() if line.startswith(("| adverbs", "| phr"))]
    rows = [[row[0], row[2], row[8]] for row in rows]
    assert [(filler, distance) for filler, distance, _ in rows] == [
        ("adverbs", "4"),
        ("adverbs", "16"),
        ("phrases", "4"),
        ("phrases", "16"),
    ]
    write_table(frame(*adverbs), tmp_path / "one.parquet")
    assert "filler × distance" not in write_report([tmp_path / "one.parquet"], out=None, format="markdown")


def test_the_overview_says_which_fillers_a_verdict_is_of(tmp_path):
    rows = [*curve({4: 1.0, 16: 1.0}, nouns_between=1), *more_nouns(curve({16: 0.4}, nouns_between=2))]
    write_table(frame(*rows), tmp_path / "o.parquet")
    report = " ".join(write_report([tmp_path / "o.parquet"], out=None).split())
    assert "so that distance alone varies, for agreement-pp (1 noun); of all items for the others." in report
    assert "16 100 25 0.700 [" in report  # the table by distance is of all items


def test_all_formats_hold_the_same_tables_in_the_same_order(outcomes, text, tmp_path):
    printed = {
        name: write_report(outcomes, out=None, texts=[text], format=name)
        for name in ("markdown", "latex", "csv", "json")
    }
    tables = json.loads(printed["json"])["tables"]
    titles = [table["title"] for table in tables]
    assert re.findall(r"^## (.*)$", printed["markdown"], re.MULTILINE)[: len(titles)] == titles
    assert re.findall(r"^# (.*)$", printed["csv"], re.MULTILINE) == [*titles, "Signatures"]
    assert re.findall(r"\\caption\{([^}(]*)\.\}", printed["latex"]) == titles
    rows = [len(table["rows"]) for table in tables]
    parts = printed["csv"].split("# ")[1:-1]
    assert [len(list(csv.reader(io.StringIO(part.split("\n", 1)[1].strip())))) - 1 for part in parts] == rows
    assert printed["markdown"].startswith("# Accuracy by dependency distance\n\n## Overview\n")
    assert "| agreement-pp | lstm" in printed["markdown"]
    first = "# Overview\nsuite,model,items,unscored,accuracy,accuracy theorem,accuracy low,"
    assert printed["csv"].startswith(first)
    with pytest.raises(LrdBenchError, match="Choose one of these"):
        write_report(outcomes, out=None, format="pdf")


def test_json_has_what_the_report_is_about_how_to_read_it_what_marks_mean_and_the_signatures(outcomes):
    report = json.loads(write_report(outcomes, out=None, format="json", about="Do windows forget?"))
    assert report["about"] == "Do windows forget?"
    assert report["version"] == __version__
    assert any(line.startswith("[low, high]") for line in report["how_to_read"])
    assert report["marks"]["few groups"].startswith("fewer than 20 groups")
    assert [row["model"] for row in report["signatures"]] == ["lstm", "ngram-3"]
    assert "|seeds:1|" in report["signatures"][0]["signature"]
    overview = report["tables"][0]
    assert overview["rows"][0]["accuracy"]["low"] < 0.8534 < overview["rows"][0]["accuracy"]["high"]


def test_latex_is_a_document_that_shows_the_figures_which_lie_beside_it(outcomes, tmp_path):
    write_report(outcomes, out=tmp_path / "report", about="What do 100 % of windows & networks forget?")
    latex = (tmp_path / "report" / "report.tex").read_text()
    assert latex.index("\\begin{document}") < latex.index("100 \\% of windows \\& networks") < latex.index("\\section")
    assert latex.endswith("\\end{document}\n")
    shown = re.findall(r"\\includegraphics(?:\[.*?\])?\{\\detokenize\{(.*?)\}\}", latex)
    assert shown == ["accuracy-by-distance.pdf"]
    opened, closed = (re.findall(rf"\\{word}\{{(\w+)\}}", latex) for word in ("begin", "end"))
    assert sorted(opened) == sorted(closed)
    assert "includegraphics" not in write_report(outcomes, out=None, format="latex")


def attracted(tmp_path):
    rows = [item for number in range(3) for item in pair(f"p{number}", 1, 0, distance=4 + number, suite="a b/c")]
    for number, item in enumerate(rows):
        item |= {"attractors": number % 2, "cue_value": "singular" if number % 2 else "plural"}
    write_table(frame(*rows), tmp_path / "o.parquet")
    return [tmp_path / "o.parquet"]


def test_the_heat_map_stands_under_its_table(tmp_path):
    out = tmp_path / "report"
    report = write_report(attracted(tmp_path), out=out)
    named = "both right by distance; accuracy by distance × opposing nouns; accuracy by the value of the cue."
    assert named in " ".join(report.split())
    assert "1 opposing" not in report
    markdown = (out / "report.md").read_text()
    picture = "![a b/c: accuracy by distance × opposing nouns](figures/opposing-nouns.a-b-c.svg)"
    assert markdown.index("| 1 opposing") < markdown.index(picture) < markdown.index("## Accuracy by the value")
    assert "\\detokenize{figures/opposing-nouns.a-b-c.pdf}" in (out / "report.tex").read_text()
    assert (out / "tables" / "opposing-nouns.a-b-c.csv").is_file()
    for suffix in ("svg", "pdf", "png"):
        assert (out / "figures" / f"opposing-nouns.a-b-c.{suffix}").is_file()


def crossed(tmp_path, by):
    rows = [
        *pair("p", 1, 1, distance=4, nouns=1, group="a"),
        *pair("q", 1, 0, distance=4, nouns=2, group="b"),
        *pair("r", 0, 0, distance=1, nouns=0, group="c"),
    ]
    for item, nearest in zip(rows, ["match", "mismatch", "mismatch", "match", None, None], strict=True):
        item["nearest"] = nearest
    write_table(frame(*rows), tmp_path / "o.parquet")
    return write_report([tmp_path / "o.parquet"], out=None, by=by)


def test_factors_are_crossed_and_what_cannot_be_is_a_dot(tmp_path):
    table = crossed(tmp_path, ["distance", "nouns"]).split("accuracy by distance × nouns")[1].split("Asked")[0]
    rows = [line.split()[:5] for line in table.splitlines()[4:10]]
    assert [row[:4] for row in rows] == [
        ["1", "0", "2", "1"],
        ["1", "1", "·", "·"],
        ["1", "2", "·", "·"],
        ["4", "0", "·", "·"],
        ["4", "1", "2", "1"],
        ["4", "2", "2", "1"],
    ]
    assert [row[4] for row in rows] == ["0.000", "·", "·", "·", "1.000", "0.500"]


def test_of_factors_that_hardly_cross_only_what_occurs_is_shown(tmp_path):
    rows = [row(str(number), 1, depth=number, pattern="S" * number) for number in range(1, 6)]
    write_table(frame(*rows), tmp_path / "o.parquet")
    report = write_report([tmp_path / "o.parquet"], out=None, by=["depth", "pattern"])
    table = report.split("accuracy by depth × pattern")[1].split("Asked")[0]
    assert [line.split()[1] for line in table.splitlines()[4:9]] == ["S", "SS", "SSS", "SSSS", "SSSSS"]
    assert "·" not in table


def test_a_factor_that_cuts_pairs_is_marked(tmp_path):
    report = crossed(tmp_path, ["nearest"])
    table = report.split("accuracy by nearest")[1].split("What")[0]
    assert "0.500†° [" in table
    assert "° the cell cuts pairs of twins" in " ".join(table.split())


def test_the_attractor_effect_is_shown_where_the_nearest_noun_is_known(tmp_path):
    table = crossed(tmp_path, ["distance"]).split("Attractor effect")[1]
    # pair p: 1 − 1; pair q: the mismatch is right, the match wrong
    assert "agreement-pp      2       2  0.500†" in table


def test_an_unknown_factor_is_refused_with_the_nearest_name(outcomes):
    with pytest.raises(LrdBenchError, match=r"--by distanse: unknown factor 'distanse'\. Did you mean 'distance'"):
        write_report(outcomes, out=None, by=["distanse"])


def test_no_outcomes_at_all_are_refused():
    with pytest.raises(LrdBenchError, match="no outcomes files were given"):
        write_report([], out=None)


def test_items_that_one_model_left_unscored_are_counted_and_said(tmp_path):
    rows = [*pair("p", 1, 1), *pair("q", 1, 0), *pair("p", 1, 1, model="gru"), *pair("q", None, None, model="gru")]
    write_table(frame(*rows), tmp_path / "o.parquet")
    report = " ".join(write_report([tmp_path / "o.parquet"], out=None).split())
    assert "Scored, but left out because another model did not score them: agreement-pp lstm: 2 items." in report
    assert "agreement-pp gru 2 2 1.000 [" in report


def test_the_ideal_observer_has_no_say_in_which_items_are_compared(tmp_path):
    observer = {"model": "ideal-observer", "seed": None}
    rows = [*pair("p", 1, 1), *pair("q", 1, 0), *pair("p", 1, 1, **observer), *pair("q", None, None, **observer)]
    write_table(frame(*rows), tmp_path / "o.parquet")
    report = " ".join(write_report([tmp_path / "o.parquet"], out=None).split())
    assert "agreement-pp lstm 4 0 0.750 [" in report
    assert "agreement-pp ideal-observer 2 2 1.000 [" in report
    assert "ideal-observer has no say in which these are" in report
    assert "Scored, but left out" not in report


def test_intervals_say_whether_they_are_of_trained_models_or_of_an_architecture(tmp_path):
    five = [item for seed in range(5) for item in curve({1: 1.0, 4: 0.8}, seed=seed)]
    write_table(frame(*five), tmp_path / "five.parquet")
    write_table(frame(*curve({1: 1.0, 4: 0.8}, model="gru")), tmp_path / "one.parquet")
    architecture = " ".join(write_report([tmp_path / "five.parquet"], out=None).split())
    assert "Intervals (95 %) resample seeds and groups, and so are of the architecture, for lstm." in architecture
    assert "|seeds:5|" in architecture
    narrow = "fewer than 10 seeds are somewhat too narrow"
    assert narrow in architecture
    mixed = " ".join(write_report([tmp_path / "five.parquet", tmp_path / "one.parquet"], out=None).split())
    assert "for lstm; groups alone, of the trained model, for the others." in mixed
    trained = " ".join(write_report([tmp_path / "one.parquet"], out=None).split())
    assert "of these trained models, and claim nothing of other seeds" in trained
    assert narrow not in trained
    page = write_report([tmp_path / "five.parquet"], out=None, format="html")
    assert '"narrow":"Bands from fewer than 10 seeds are somewhat too narrow."' in page
    assert '"narrow":""' in write_report([tmp_path / "one.parquet"], out=None, format="html")


def test_suites_without_distance_pairs_or_groups_are_reported_too(tmp_path):
    rows = [row(str(number), number % 2, group=None, distance=None, needed_context=None) for number in range(30)]
    write_table(frame(*rows), tmp_path / "o.parquet")
    out = tmp_path / "report"
    report = write_report([tmp_path / "o.parquet"], out=out)
    assert "0.500‡ [" in report
    assert "the suite does not name its groups: the interval is too narrow" in report
    assert not (out / "accuracy-by-distance.svg").exists()
    assert "![" not in (out / "report.md").read_text()


def test_outcomes_made_by_hand_get_a_report_that_says_what_is_not_known(tmp_path):
    lines = ["model;suite;item;prediction;method;correct;distance"]
    lines += [f'gpt;mine;{n};"(*;%good%) < (*;%bad%)";lm;{(n % 4 > 0) * 1},0;{1 + n % 2}' for n in range(80)]
    (tmp_path / "o.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    report = write_report([tmp_path / "o.csv"], out=tmp_path / "report")
    assert "mine   gpt       80         0  0.750‡ [" in report
    assert report.endswith("suite:mine@?#?|model:gpt#?|seeds:1|method:lm|ties:?|oov:?|eos:?|v:?\n")
    assert (tmp_path / "report" / "accuracy-by-distance.svg").is_file()


def test_six_columns_are_enough_and_everything_else_is_unknown(tmp_path):
    table = pd.DataFrame([{name: item[name] for name in REQUIRED} for item in pair("p", 1, 0)])
    table.to_parquet(tmp_path / "o.parquet")
    out = tmp_path / "report"
    assert "0.500†‡ [" in write_report([tmp_path / "o.parquet"], out=out)
    assert not (out / "figures").exists()
    assert [path.stem for path in sorted((out / "tables").iterdir())] == ["models", "overview", "signatures"]


def test_the_page_about_reports_names_every_file_of_a_folder(tmp_path, text):
    page = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    out = tmp_path / "report"
    write_report(attracted(tmp_path), out=out, texts=[text])
    for path in (path.relative_to(out) for path in out.rglob("*") if path.is_file()):
        name = "tables/NAME.csv" if path.parent.name == "tables" else path.as_posix().replace("a-b-c", "SUITE")
        assert f"`{name}`" in page or f"`{path.suffix}`" in page, name
    for column in OUTCOME_COLUMNS:
        assert f"`{column}`" in page, column


def test_a_suite_whose_headline_is_the_double_difference_says_so(tmp_path):
    rows = [*pair("p", 1, 1, prediction=DOUBLE, suite="selection"), *pair("p", 1, 0, suite="selection")]
    write_table(frame(*rows), tmp_path / "o.parquet")
    report = write_report([tmp_path / "o.parquet"], out=None)
    assert "First for selection: the double difference." in " ".join(report.split())
    assert "selection  lstm       2         0  1.000 [0.025, 1.000]  0.000 [0.000, 0.975]" in report


def test_the_drawing_library_is_loaded_only_to_draw():
    code = "import sys, lrd_bench.report; print({'altair', 'vl_convert', 'torch'} & sys.modules.keys())"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "set()\n"


def test_a_file_that_someone_put_beside_the_report_is_never_lost(outcomes, tmp_path):
    out = tmp_path / "report"
    write_report(outcomes[:1], out=out)
    (out / "notes.md").write_text("mine")
    write_report(outcomes[:1], out=out)  # nothing is to be made, so nothing is in the way
    with pytest.raises(LrdBenchError, match=r"holds notes\.md, not made by report"):
        write_report(outcomes, out=out, force=True)
    assert (out / "notes.md").read_text() == "mine"


def test_suites_whose_names_make_one_file_name_have_files_of_their_own(tmp_path):
    rows = [row for suite in ("a b", "a-b", "A-B") for row in curve({1: 1.0, 4: 0.8}, groups=4, suite=suite)]
    write_table(frame(*rows), tmp_path / "o.parquet")
    write_report([tmp_path / "o.parquet"], out=tmp_path / "report")
    for folder, suffix in (("tables", ".csv"), ("figures", ".pdf"), ("figures", ".png")):
        names = {path.name for path in (tmp_path / "report" / folder).glob(f"accuracy-by-distance.*{suffix}")}
        assert names == {f"accuracy-by-distance.{name}{suffix}" for name in ("a-b", "a-b-2", "A-B-3")}
