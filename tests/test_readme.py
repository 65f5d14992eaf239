"""The README keeps its word: its commands print what it shows, its model can be scored, its links lead somewhere."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from lrd_bench.generate import generate_suite
from lrd_bench.score import score_items
from lrd_bench.suite_files import read_suite

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def rendered(folder: Path) -> str:
    """The README with what its commands print now."""
    place = importlib.util.spec_from_file_location("write_readme", ROOT / "docs" / "write_readme.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return str(module.render(README, folder))


def test_every_command_of_the_readme_prints_what_it_shows(tmp_path):
    assert rendered(tmp_path) == README, "if the change is meant, run `make docs`"


def test_the_model_of_the_readme_is_right_wherever_its_rule_is(tmp_path, monkeypatch):
    code = re.search(r"```python\n(# mine\.py.*?)```", README, re.DOTALL)
    assert code is not None
    (tmp_path / "mine.py").write_text(code[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    suite = read_suite(generate_suite("agreement-padding", out=tmp_path / "items.jsonl", items=180).path)

    outcomes = score_items("python:mine:third_word", [tmp_path / "items.jsonl"])

    asked = outcomes[outcomes["prediction"] == "(critical;%good%) < (critical;%bad%)"].set_index("item")
    for item in suite.items:
        sentence = item.sentences["good"]
        has_s = sentence.tokens[2].endswith("s")
        verb_has_s = sentence.tokens[sentence.regions["critical"].start].endswith("s")
        assert asked.loc[item.id, "correct"] == (1.0 if has_s != verb_has_s else 0.0), sentence.tokens
    assert 0.5 < asked["correct"].mean() <= 1


def links() -> list[tuple[Path, str]]:
    found = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))]
    return [(page, link) for page, link in found if "://" not in link]


@pytest.mark.parametrize(("page", "link"), links(), ids=lambda value: getattr(value, "name", value))
def test_a_link_leads_to_a_file_and_a_heading_that_are_there(page, link):
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    assert target.exists()
    if anchor:
        headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
