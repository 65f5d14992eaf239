"""The page in Chromium: what its controls change, by mouse and keyboard, on a phone, in print, and with evil names."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Tab, browser
from page_doubles import Names, write_inputs

from lrd_bench.report import write_report

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed: what the page does in a browser is not tested"
)

EVIL = "<script>alert(1)</script>"


def write_page(folder: Path, *, without: str = "", **names: str) -> Path:
    files = write_inputs(folder, Names(**names))
    others = {name: [path] for name, path in files.items() if name not in ("outcomes", without)}
    (folder / "page.html").write_text(write_report([files["outcomes"]], out=None, format="html", **others))
    return folder / "page.html"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Tab]:
    with browser() as tab:
        yield tab


@pytest.fixture
def tab(chromium: Tab, page: Path) -> Iterator[Tab]:
    """The page, freshly loaded; whatever a test does with it, nothing may go wrong."""
    chromium.resize(1280, 900)
    chromium.dark(False)
    chromium.problems.clear()
    chromium.open(page)
    yield chromium
    assert chromium.problems == []


def texts(tab: Tab, selector: str) -> list[str]:
    script = f"[...document.querySelectorAll({json.dumps(selector)})].map((it) => it.textContent.trim())"
    found: list[str] = tab.run(script)
    return found


def choose(tab: Tab, selector: str, label: str) -> None:
    """Choose from a list by what stands there, as a reader does."""
    tab.run(
        f"""(() => {{
          const list = document.querySelector({json.dumps(selector)});
          list.value = [...list.options].find((it) => it.textContent === {json.dumps(label)}).value;
          list.dispatchEvent(new Event("change", {{ bubbles: true }}));
        }})()"""
    )


def panels(tab: Tab) -> list[str]:
    return texts(tab, ".panel figcaption")


def reading(tab: Tab, panel: int = 1) -> str:
    """What a screen reader says of the panel that is in focus."""
    return tab.run(f"document.querySelector('.panel:nth-child({panel}) svg').getAttribute('aria-valuetext')") or ""


def items(tab: Tab) -> list[str]:
    """Unpack the items, if they are not yet, and list the sentences that are shown."""
    tab.run("document.querySelector('#items').scrollIntoView({ behavior: 'instant' })")
    tab.wait("document.querySelector('#item-status').textContent.includes('of')")
    return texts(tab, ".entry .sentence")


def search(tab: Tab, words: str) -> None:
    items(tab)
    tab.run(
        f"""(() => {{
          const box = document.querySelector("input[name=text]");
          box.value = {json.dumps(words)};
          box.dispatchEvent(new Event("input", {{ bubbles: true }}));
        }})()"""
    )
    tab.wait(f"asked.text === {json.dumps(words)} && document.querySelector('#item-status').textContent")


# -- curves --------------------------------------------------------------------------------------------------------


def test_kinds_of_filler_that_reach_different_distances_have_a_panel_each(tab: Tab):
    assert panels(tab) == ["agreement-by-hand · adverbs", "agreement-by-hand · phrases"]
    assert len(texts(tab, ".panel .curve")) == 4  # two models in each


def test_choosing_a_filler_and_a_number_of_opposing_nouns_changes_what_is_drawn(tab: Tab):
    choose(tab, "#curve-filler", "phrases")
    assert panels(tab) == ["agreement-by-hand · phrases"]
    choose(tab, "#curve-nouns", "1")
    assert panels(tab) == ["agreement-by-hand · phrases · 1 opposing noun"]
    assert "one twin of a pair without the other (°)" in texts(tab, "#curve-note")[0]
    choose(tab, "#curve-filler", "all together")
    choose(tab, "#curve-nouns", "any number")
    assert panels(tab) == ["agreement-by-hand"]


def test_taking_a_model_out_takes_its_curve_out_and_none_leaves_nothing(tab: Tab):
    tab.point("#model-chips .chip:nth-of-type(2)", click=True)
    assert tab.run("[...document.querySelectorAll('.curve')].map((it) => it.dataset.model)") == ["0", "0"]
    tab.point("#suite-chips .together button:nth-child(2)", click=True)
    assert panels(tab) == []
    assert "Nothing is selected that has a curve." in texts(tab, "#panels")[0]
    tab.point("#suite-chips .together button:nth-child(1)", click=True)
    assert len(panels(tab)) == 2


def test_the_mouse_reads_the_nearest_distance_off_a_panel(tab: Tab):
    tab.point(".panel:nth-child(2) svg")
    read = texts(tab, ".reading")[0]
    assert "4 words · 4 items in 2 groups · withheld from the grammar's training text" in read
    assert "lstm0.250" in read
    assert "ngram-30.500 = ½" in read


def test_the_keyboard_reads_every_distance_and_looks_its_items_up(tab: Tab):
    tab.run("document.querySelector('.panel svg').focus()")
    assert reading(tab).startswith("2 words · 4 items in 2 groups. lstm 1.000 [")
    tab.press("ArrowRight")
    assert reading(tab).startswith("4 words · 4 items in 2 groups · withheld")
    assert tab.run("document.activeElement.getAttribute('aria-valuenow')") == "4"
    tab.press("Escape")
    assert tab.run("document.querySelector('.reading').hidden")
    tab.press("Home")
    tab.press("Enter")
    tab.wait("document.querySelector('#item-status').textContent === '6 of 18 items'")
    assert all("really" in sentence for sentence in texts(tab, ".entry .sentence"))


def places(tab: Tab, panel: int, model: int) -> list[list[float]]:
    """Where the points of a model's curve stand, across and down."""
    points = f"document.querySelectorAll('.panel:nth-child({panel}) .curve[data-model=\"{model}\"] path')"
    found: list[list[float]] = tab.run(
        f"[...{points}].map((it) => it.getAttribute('transform').match(/[\\d.]+/g).map(Number))"
    )
    return found


def test_points_of_one_distance_stand_side_by_side_so_that_equal_ones_are_all_seen(tab: Tab):
    lstm, ngram = places(tab, 2, 0), places(tab, 2, 1)
    assert [len(lstm), len(ngram)] == [1, 1]
    assert ngram[0][0] - lstm[0][0] == pytest.approx(tab.run("SIDE_STEP"))
    middle = (lstm[0][0] + ngram[0][0]) / 2
    tick = tab.run("Number(document.querySelector('.panel:nth-child(2) line.axis[y2]').getAttribute('x1'))")
    tab.point("#model-chips .chip:nth-of-type(2)", click=True)  # alone it stands where its distance is
    assert places(tab, 2, 0)[0][0] == pytest.approx(middle)
    assert tick < middle  # 2 words


def test_what_is_drawn_first_is_what_shows_through_the_gaps_of_the_others(tab: Tab):
    drawn = tab.run(
        "[...document.querySelectorAll('.panel:nth-child(1) .curve')].map((it) => Number(it.dataset.model))"
    )
    assert drawn == [1, 0]  # the trigram, which sees two words, below the network
    tab.run("DATA.models[1].context = null")
    tab.run("drawCurves()")
    drawn = tab.run(
        "[...document.querySelectorAll('.panel:nth-child(1) .curve')].map((it) => Number(it.dataset.model))"
    )
    assert drawn == [0, 1]


def test_the_caption_of_the_curves_says_what_is_drawn_and_nothing_else(tab: Tab):
    whole = texts(tab, "#curve-note")[0]
    assert "Small dots: single training seeds." in whole
    assert "Brackets (⊣) reach as far as a window model sees" in whole
    assert "Points of one distance stand side by side." in whole
    assert "Shaded: distances that the grammar of the items withholds from its training text" in whole
    tab.point("#model-chips .chip:nth-of-type(1)", click=True)  # the LSTM, the one with seeds
    assert "dots" not in texts(tab, "#curve-note")[0]
    assert "side by side" not in texts(tab, "#curve-note")[0]
    tab.point("#model-chips .chip:nth-of-type(1)", click=True)
    tab.point("#model-chips .chip:nth-of-type(2)", click=True)
    assert "Brackets" not in texts(tab, "#curve-note")[0]


def test_the_curves_are_there_as_a_table_too(tab: Tab):
    tab.point("#curve-numbers summary", click=True)
    tab.wait("document.querySelectorAll('#curve-numbers tbody tr').length")
    assert texts(tab, "#curve-numbers tbody tr:last-child > *")[:2] == ["agreement-by-hand · phrases", "4"]
    assert texts(tab, "#curve-numbers tbody tr:last-child td:last-child") == ["0.500 = ½"]


# -- tables --------------------------------------------------------------------------------------------------------


def column(tab: Tab) -> list[str]:
    return texts(tab, "#table-0 tbody td:nth-child(5)")


def test_a_table_sorts_by_the_numbers_behind_its_text_by_mouse_and_by_keyboard(tab: Tab):
    before = column(tab)
    assert [text[:5] for text in before] == ["0.750", "0.500"]
    head = "#table-0 thead th:nth-child(5)"
    tab.point(f"{head} button", click=True)
    assert [text[:5] for text in column(tab)] == ["0.500", "0.750"]
    assert tab.run(f"document.querySelector('{head}').getAttribute('aria-sort')") == "ascending"
    tab.run(f"document.querySelector('{head} button').focus()")
    tab.press("Enter")
    assert [text[:5] for text in column(tab)] == ["0.750", "0.500"]
    assert tab.run(f"document.querySelector('{head}').getAttribute('aria-sort')") == "descending"
    tab.press(" ")
    assert column(tab) == before
    assert tab.run(f"document.querySelector('{head}').getAttribute('aria-sort')") is None


LINE = """async (png, [left, right, top, bottom]) => {
  const picture = new Image();
  picture.src = "data:image/png;base64," + png;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d", { willReadFrequently: true });
  canvas.drawImage(picture, 0, 0);
  const shares = [];
  for (let y = top; y < bottom; y++) {
    const { data } = canvas.getImageData(left, y, right - left, 1);
    shares.push(data.filter((_, i) => i % 4 === 0).filter((red) => red < 90).length / (right - left));
  }
  return Math.max(...shares);
}"""
"""Which share of a picture's row of pixels is dark, of the darkest of some rows."""


@pytest.mark.parametrize("width", [1280, 1000, 390])
def test_the_line_under_headings_that_stay_in_sight_is_drawn_below_all_of_them(tab: Tab, width: int):
    tab.resize(width, 900)
    small = "#tables .scroll { max-height: 4rem !important; }"  # so that headings stay and rows go
    tab.run(f"document.styleSheets[0].insertRule({json.dumps(small)}, document.styleSheets[0].cssRules.length)")
    tab.run("document.querySelector('#table-0').scrollIntoView({ behavior: 'instant' })")
    tab.run("document.querySelector('#table-0 .scroll').scrollTop = 20")
    frame = "document.querySelector('#table-0 .scroll').getBoundingClientRect()"
    head = "document.querySelector('#table-0 thead th:last-child').getBoundingClientRect()"
    left, right = (round(at) for at in tab.run(f"[{frame}.left + 1, Math.min({frame}.right, {head}.right) - 1]"))
    below = round(tab.run(f"{head}.bottom"))
    png = base64.b64encode(tab.screenshot()).decode()
    tab.call("Page.navigate", url="about:blank")
    assert tab.run(f"({LINE})({json.dumps(png)}, {[left, right, below - 4, below + 4]})") > 0.99


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["10", "9", "·", "-2.5", "∞"], ["-2.5", "9", "10", "∞", "·"]),
        (["m10", "m9", "–", "a"], ["a", "m9", "m10", "–"]),
    ],
    ids=["numbers", "names"],
)
def test_numbers_sort_as_numbers_and_what_is_empty_comes_last(tab: Tab, cells: list[str], order: list[str]):
    script = f"""(() => {{
      const rows = {json.dumps(cells)}.map((text) => element("tr", {{}}, element("td", {{}}, text)));
      return sorted(rows, 0, "ascending").map((row) => row.textContent);
    }})()"""
    assert tab.run(script) == order


# -- items ---------------------------------------------------------------------------------------------------------


def test_every_item_is_listed_with_what_decides_it_marked(tab: Tab):
    assert items(tab)[4] == "The key near the door is are here."
    sentence = "#found li:nth-child(5) .sentence"
    assert texts(tab, f"{sentence} mark.cue") == ["key"]
    assert texts(tab, f"{sentence} mark.between") == ["door"]
    assert texts(tab, f"{sentence} mark.critical") == ["is"]
    assert texts(tab, f"{sentence} s") == ["are"]
    labels = tab.run("document.querySelector('#found li:nth-child(5) .marks').getAttribute('aria-label')")
    assert labels == "lstm mixed, ngram-3 right"


def test_what_the_marks_of_an_item_mean_is_said_once_above_all(tab: Tab):
    items(tab)
    said = "Marks of each item, from left to right: ● lstm, ● ngram-3; "
    said += "● right, ○ wrong, ◐ tie, – unscored, ◑ seeds disagree."
    assert texts(tab, "#marks") == [said]
    colours = tab.run("[...document.querySelectorAll('#marks .mark')].map((it) => getComputedStyle(it).color)")
    first = "[...document.querySelectorAll('#found li:first-child .mark')].map((it) => getComputedStyle(it).color)"
    assert colours == tab.run(first)
    tab.run("lookUp(0, {})")
    tab.wait("!document.querySelector('.waiting')")
    assert texts(tab, "#marks") == [said]


def test_why_the_order_cannot_be_chosen_is_said(tab: Tab):
    items(tab)
    label = "label:has(select[name=order]) span"
    assert texts(tab, label) == ["Order (choose a model)"]
    choose(tab, "select[name=model]", "lstm")
    assert texts(tab, label) == ["Order"]
    assert not tab.run("document.querySelector('select[name=order]').disabled")


def test_words_and_ids_are_searched(tab: Tab):
    search(tab, "KEYS near")
    assert texts(tab, "#item-status") == ["1 of 18 items"]
    assert texts(tab, ".entry .sentence") == ["The keys near the door are is here."]
    search(tab, "dog/adverbs/2")
    assert texts(tab, "#item-status") == ["2 of 18 items"]
    search(tab, "unicorn")
    assert texts(tab, "#item-status") == ["0 of 18 items"]


def test_items_are_found_by_factor_and_by_what_a_model_made_of_them(tab: Tab):
    items(tab)
    choose(tab, "select[name='factor-filler']", "phrases")
    tab.wait("document.querySelector('#item-status').textContent === '6 of 18 items'")
    choose(tab, "select[name=model]", "lstm")
    choose(tab, "select[name=outcome]", "wrong")
    tab.wait("document.querySelector('#item-status').textContent === '3 of 18 items'")  # wrong with both seeds
    assert texts(tab, ".entry mark.cue") == ["keys", "boys", "dogs"]
    choose(tab, "select[name=outcome]", "seeds disagree")
    tab.wait("document.querySelector('.entry mark.cue').textContent === 'key'")
    choose(tab, "select[name='factor-filler']", "any")
    choose(tab, "select[name=model]", "ngram-3")
    choose(tab, "select[name=outcome]", "unscored")
    tab.wait("document.querySelector('#item-status').textContent === '6 of 18 items'")


def test_of_any_model_right_means_right_by_all(tab: Tab):
    items(tab)
    choose(tab, "select[name=outcome]", "right by all")
    # Of adverbs, which the LSTM always gets right, the singular ones of which the trigram knows the words.
    tab.wait("document.querySelector('#item-status').textContent === '4 of 18 items'")


def test_the_most_surely_wrong_come_first_if_asked_for(tab: Tab):
    items(tab)
    choose(tab, "select[name=model]", "ngram-3")
    choose(tab, "select[name=order]", "most surely wrong first")
    tab.wait("document.querySelector('.entry mark.cue').textContent === 'keys'")
    assert texts(tab, ".entry mark.cue")[:6] == ["keys"] * 3 + ["boys"] * 3
    assert texts(tab, ".entry mark.cue")[12:] == ["dog", "dogs"] * 3  # unscored


def test_the_details_show_each_models_probabilities_of_the_item_and_its_twin(tab: Tab):
    items(tab)
    tab.point("#found li:nth-child(5) .entry", click=True)
    assert texts(tab, ".details h4") == ["The item", "Its twin", "Both twins together (double difference)"]
    assert texts(tab, ".twins section:first-child thead th") == ["model", "", "p(is)", "p(are)", "margin, bits"]
    # 2 bits are 25 %; with margins of 2, −1 and 3 bits the other one has 4, 1 and 5 bits.
    rows = texts(tab, ".twins section:first-child tbody tr")
    assert rows == [
        "lstm, seed 0● right0.2500.0625+2.00",
        "lstm, seed 1○ wrong0.2500.500−1.00",
        "ngram-3● right0.2500.0313+3.00",
    ]
    assert texts(tab, ".twins section:nth-child(2) tbody tr")[2] == "ngram-3○ wrong0.2502.00−3.00"
    doubled = texts(tab, ".details > section tbody tr")
    assert doubled == ["lstm, seed 0● right+1.00", "lstm, seed 1○ wrong−2.00", "ngram-3◐ tie0.00"]
    assert "withheld" in texts(tab, ".facts dt")
    assert tab.run("document.querySelector('.details td[title]').title") == "2.00 bits"


def test_without_surprisals_there_are_margins_and_no_probabilities(chromium: Tab, tmp_path: Path):
    chromium.problems.clear()
    chromium.open(write_page(tmp_path, without="surprisals"))
    items(chromium)
    chromium.point("#found li:nth-child(5) .entry", click=True)
    assert texts(chromium, ".twins section:first-child thead th") == ["model", "", "margin, bits"]
    assert texts(chromium, ".twins section:first-child tbody tr")[0] == "lstm, seed 0● right+2.00"
    title = chromium.run("document.querySelector('.twins td.number').title")
    assert title == "the right one is 4 times likelier"
    assert chromium.problems == []


def test_an_item_that_a_model_could_not_be_asked_says_why(tab: Tab):
    search(tab, "dog/adverbs/2/singular")
    tab.point(".entry", click=True)
    unscored = tab.run("document.querySelector('.twins section:first-child .outcome.unscored').title")
    assert unscored == "unknown word: dog"


def test_the_question_may_be_the_double_difference(tab: Tab):
    items(tab)
    choose(tab, "select[name=question]", "double difference")
    choose(tab, "select[name=outcome]", "tie by some")
    tab.wait("document.querySelector('#item-status').textContent === '12 of 18 items'")  # all that the trigram scored


@pytest.mark.parametrize(
    ("bits", "said"),
    [
        (0, "1.00"),
        (1, "0.500"),
        (9.9, "0.00105"),
        (10, "9.8 × 10⁻⁴"),
        (400, "3.9 × 10⁻¹²¹"),
        (3000, "8.1 × 10⁻⁹⁰⁴"),
        ("Infinity", "0"),
        ("NaN", "–"),
    ],
)
def test_a_probability_is_told_as_long_as_a_double_could_not(tab: Tab, bits: float | str, said: str):
    assert tab.run(f"probability({bits})") == said


def test_pages_turn(tab: Tab):
    items(tab)
    assert tab.run("document.querySelector('#pager button:last-child').disabled")
    assert texts(tab, "#pager span") == ["Page 1 of 1"]


def test_a_browser_that_cannot_unpack_says_so(tab: Tab):
    tab.run("delete window.DecompressionStream")
    tab.run("document.querySelector('#items').scrollIntoView({ behavior: 'instant' })")
    tab.wait("document.querySelector('#item-status').textContent.startsWith('This browser cannot unpack the items.')")


# -- the address ---------------------------------------------------------------------------------------------------


def test_what_is_shown_stands_in_the_address_and_comes_back_with_it(tab: Tab, page: Path):
    choose(tab, "#curve-filler", "phrases")
    choose(tab, "#curve-nouns", "1")
    tab.point("#model-chips .chip:nth-of-type(2)", click=True)
    search(tab, "boys")
    tab.point(".found li:last-child .entry", click=True)
    address = tab.wait("location.hash.includes('item=') && location.hash")
    tab.open(page, address)
    tab.wait("document.querySelectorAll('.details').length")
    assert panels(tab) == ["agreement-by-hand · phrases · 1 opposing noun"]
    assert tab.run("[...document.querySelectorAll('.curve')].map((it) => it.dataset.model)") == ["0"]
    assert texts(tab, ".entry[aria-expanded=true] mark.cue") == ["boys"]
    assert texts(tab, "#item-status") == ["3 of 18 items"]


@pytest.mark.parametrize(
    "fragment",
    ["#?models=no&suites=[1]&filler=%22none%22&nouns=x", "#?items=other&item=1", "#?items=agreement-by-hand&factors=x"],
)
def test_an_address_that_names_what_is_not_there_does_no_harm(tab: Tab, page: Path, fragment: str):
    tab.open(page, fragment)
    assert tab.run("document.querySelector('h1').textContent").startswith("How far apart")


def test_a_verdict_leads_to_its_curve(tab: Tab):
    tab.point("#suite-chips .together button:nth-child(2)", click=True)
    tab.point(".matrix td a", click=True)
    assert len(panels(tab)) == 2


# -- everywhere ----------------------------------------------------------------------------------------------------


def test_everything_that_can_be_used_is_reached_by_the_keyboard(tab: Tab):
    items(tab)
    reached = set()
    tab.run("document.body.focus()")
    for _ in range(150):
        tab.press("Tab")
        kind = tab.run("[document.activeElement.tagName, document.activeElement.closest('section')?.id]")
        reached.add((kind[0].lower(), kind[1]))
    for wanted in [
        *[("a", "answer"), ("input", "curves"), ("select", "curves"), ("svg", "curves"), ("button", "tables")],
        *[("input", "items"), ("select", "items"), ("button", "items"), ("summary", "tables")],
    ]:
        assert wanted in reached


def test_the_page_fits_a_phone(tab: Tab, page: Path):
    tab.resize(360, 740, mobile=True)
    tab.open(page)
    items(tab)
    tab.point(".entry", click=True)
    tab.run("document.querySelector('#unfold').click()")
    assert tab.run("document.documentElement.scrollWidth") == 360
    assert tab.run("getComputedStyle(document.querySelector('#panels')).gridTemplateColumns.split(' ').length") == 1
    assert (
        tab.run(
            "Math.max(...[...document.querySelectorAll('.panel svg')].map((it) => it.getBoundingClientRect().right))"
        )
        <= 360
    )


def test_the_page_is_dark_for_who_wants_it_dark_but_not_in_print(tab: Tab):
    colour = "getComputedStyle(document.body).backgroundColor"
    light = tab.run(colour)
    tab.dark()
    dark = tab.run(colour)
    assert sum(map(int, dark[4:-1].split(","))) < 150 < sum(map(int, light[4:-1].split(",")))
    tab.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert tab.run(colour) == "rgb(255, 255, 255)"
    assert tab.run("getComputedStyle(document.querySelector('.bar')).display") == "none"
    tab.call("Emulation.setEmulatedMedia", media="", features=[])


def test_what_is_folded_is_printed_and_folded_again(tab: Tab):
    folded = "[...document.querySelectorAll('#tables details')].filter((it) => !it.open).length"
    before = tab.run(folded)
    assert before
    count = f"window.unfolded = {folded}"
    tab.run(f"window.unfolded = null; addEventListener('beforeprint', () => {{ {count}; }})")
    assert tab.pdf().startswith(b"%PDF")
    assert tab.wait("window.unfolded !== null && [window.unfolded]") == [0]
    assert tab.run(folded) == before


def test_evil_names_do_no_harm(chromium: Tab, tmp_path: Path):
    evil_factor = "</script><img src=x onerror=alert(1)>"
    names = {"suite": EVIL, "lstm": EVIL, "factor": evil_factor, "adverb": EVIL, "group": "<b>key"}
    chromium.problems.clear()
    chromium.open(write_page(tmp_path, **names, phrases='"><svg onload=alert(1)>'))
    assert texts(chromium, "#suite-chips .chip") == [EVIL]
    chromium.run("document.querySelector('.panel svg').focus()")
    assert f"{EVIL} 1.000 [" in reading(chromium)
    sentences = items(chromium)
    assert f"The key {EVIL} is are here." in sentences
    chromium.point(".entry", click=True)
    assert any(EVIL in row for row in texts(chromium, ".details tbody tr"))
    assert evil_factor in texts(chromium, ".facts dt")
    chromium.run("document.querySelector('#curve-numbers').open = true")
    made = "document.querySelectorAll('img, b:not(.answer b, .told b), svg[onload], script:not([type], [id])').length"
    assert chromium.run(made) == 1  # the page's own script
    assert chromium.problems == []
