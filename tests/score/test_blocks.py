"""Suites too large to be held whole: scored block by block, with twins together, and gone on with after a stop."""

import math
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
from score_doubles import FILLERS, Opened, Uniform, suite, twins

from lrd_bench import suite_files
from lrd_bench.score import score_suite
from lrd_bench.score import stimuli as scoring
from lrd_bench.score.parts import Parts
from lrd_bench.suite_files import read_suite, write_suite

PAIRS = suite(*(item for number in range(9) for item in twins(f"p{number}", FILLERS[number % 3])))


def test_blocks_are_the_suite_in_order_with_twins_together():
    blocks = list(PAIRS.blocks(3))
    assert [len(block.items) for block in blocks] == [4, 4, 4, 4, 2]
    assert tuple(item for block in blocks for item in block.items) == PAIRS.items
    assert all(len(block.twins) == len(block.items) for block in blocks)


def test_twins_that_stand_apart_are_waited_for():
    first, *rest = PAIRS.items
    blocks = list(replace(PAIRS, items=(*rest, first)).blocks(4))
    assert [len(block.items) for block in blocks] == [18]


def test_an_item_without_a_twin_is_waited_for_by_nobody():
    alone = suite(*(replace(item, pair=None) for item in PAIRS.items))
    assert [len(block.items) for block in alone.blocks(4)] == [4, 4, 4, 4, 2]


def test_the_digest_is_that_of_the_items_however_many_are_looked_at_together(monkeypatch):
    whole = PAIRS.digest
    monkeypatch.setattr("lrd_bench.items.ITEMS_AT_ONCE", 2)
    assert replace(PAIRS).digest == whole


def test_a_large_file_is_not_held_in_memory_and_gives_the_same_suite(monkeypatch, tmp_path):
    write_suite(PAIRS, tmp_path / "pairs.jsonl")
    held = read_suite(tmp_path / "pairs.jsonl")
    monkeypatch.setattr(suite_files, "MANY", 5)
    stored = read_suite(tmp_path / "pairs.jsonl")
    assert not isinstance(stored.items, tuple)
    assert (len(stored.items), tuple(stored.items)) == (18, held.items)
    assert [stored.items[3], stored.items[-1], *stored.items[4:6]] == [
        held.items[3],
        held.items[-1],
        *held.items[4:6],
    ]
    assert stored.digest == held.digest
    with pytest.raises(IndexError):
        stored.items[18]


@pytest.fixture
def in_small_blocks(monkeypatch):
    monkeypatch.setattr(scoring, "BLOCK", 4)


class Halting(Uniform):
    """Stops at its n-th call, as a machine does that is switched off."""

    calls_left = 2

    def logprobs(self, sentences, wanted=None, end=False):
        if self.calls_left == 0:
            raise KeyboardInterrupt
        self.calls_left -= 1
        return super().logprobs(sentences, wanted, end)


def opening(monkeypatch, model):
    monkeypatch.setattr("lrd_bench.models.opening.open_model", lambda spec, device="auto": Opened(model))


def test_blocks_give_the_outcomes_of_the_suite(monkeypatch, in_small_blocks, tmp_path):
    opening(monkeypatch, Uniform())
    write_suite(PAIRS, tmp_path / "pairs.jsonl")
    in_blocks = scoring.score_items("double", [tmp_path / "pairs.jsonl"])
    at_once = score_suite(Opened(Uniform()), read_suite(tmp_path / "pairs.jsonl"))
    key = ["prediction", "item"]
    pd.testing.assert_frame_equal(
        in_blocks.sort_values(key, ignore_index=True), at_once.sort_values(key, ignore_index=True)
    )


def test_a_run_that_was_stopped_goes_on_with_the_block_that_it_was_at(monkeypatch, in_small_blocks, tmp_path):
    write_suite(PAIRS, tmp_path / "pairs.jsonl")
    files = [tmp_path / f"{name}.parquet" for name in ("whole", "whole-surprisals", "parts", "parts-surprisals")]
    opening(monkeypatch, Uniform())
    scoring.score_items("double", [tmp_path / "pairs.jsonl"], out=files[0], surprisals=files[1])
    whole_calls = math.ceil(len(PAIRS.items) / 4) * 2  # of each block what predictions ask, then all else
    halting = Halting()
    opening(monkeypatch, halting)
    halting.calls_left = 5
    with pytest.raises(KeyboardInterrupt):
        scoring.score_items("double", [tmp_path / "pairs.jsonl"], out=files[2], surprisals=files[3])
    assert not files[2].exists()
    halting.calls_left = whole_calls - 4  # two blocks are kept
    scoring.score_items("double", [tmp_path / "pairs.jsonl"], out=files[2], surprisals=files[3])
    assert halting.calls_left == 0
    assert [file.read_bytes() for file in files[:2]] == [file.read_bytes() for file in files[2:]]
    assert not list(tmp_path.glob("*unfinished*"))


def test_parts_of_other_inputs_are_not_taken(tmp_path):
    def joined(made_from, x):
        parts = Parts(tmp_path / "parts", made_from)
        parts.add(lambda: {"outcomes": pd.DataFrame({"x": [x]})}, ["outcomes"])
        parts.join("outcomes", tmp_path / "out.parquet", made_from=made_from)
        return pd.read_parquet(tmp_path / "out.parquet")["x"].tolist()

    assert [joined("aaaaaaaa1", 1), joined("aaaaaaaa1", 2), joined("aaaaaaaa2", 3)] == [[1], [1], [3]]


def test_a_part_that_is_damaged_is_made_again(tmp_path):
    def joined(x):
        parts = Parts(tmp_path / "parts", "a")
        parts.add(lambda: {"outcomes": pd.DataFrame({"x": [x]})}, ["outcomes"])
        return parts

    joined(1)
    [part] = (tmp_path / "parts").iterdir()
    whole = part.read_bytes()
    part.write_bytes(whole[:4] + bytes(40) + whole[44:])
    joined(2).join("outcomes", tmp_path / "out.parquet", made_from="a")
    assert pd.read_parquet(tmp_path / "out.parquet")["x"].tolist() == [2]


SCORED_WHILE_KILLED = """
import os, signal, sys
from lrd_bench.score import stimuli
from lrd_bench.models import opening
from score_doubles import Opened, Uniform
stimuli.BLOCK = 4
class Killed(Uniform):
    calls = 0
    def logprobs(self, *args, **how):
        Killed.calls += 1
        if Killed.calls == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().logprobs(*args, **how)
opening.open_model = lambda spec, device="auto": Opened(Killed())
stimuli.score_items("double", [sys.argv[1]], out=__import__("pathlib").Path(sys.argv[2]))
"""


def test_a_run_that_was_killed_again_and_again_comes_to_its_end(monkeypatch, in_small_blocks, tmp_path):
    write_suite(PAIRS, tmp_path / "pairs.jsonl")
    command = [sys.executable, "-c", SCORED_WHILE_KILLED, tmp_path / "pairs.jsonl", tmp_path / "killed.parquet"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ends = [subprocess.run(command, env=environment, check=False).returncode for _ in range(3)]
    assert ends == [-signal.SIGKILL, -signal.SIGKILL, 0]  # two blocks each time, and the fifth
    opening(monkeypatch, Uniform())
    scoring.score_items("double", [tmp_path / "pairs.jsonl"], out=tmp_path / "whole.parquet")
    assert (tmp_path / "killed.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
