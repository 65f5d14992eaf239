"""Bars and messages on stderr."""

import pytest

from lrd_bench import progress
from lrd_bench.progress import progress_bar, say, shown, silence, tracked


def test_a_bar_within_another_is_a_task_of_that_one_as_long_as_it_lasts():
    with progress_bar() as outer:
        outer.add_task("items", total=2, unit="items")
        with progress_bar() as inner:
            inner.add_task("words", total=9, unit="words")
            assert [task.description for task in outer.tasks] == ["items", "words"]
        assert inner is outer
        assert [task.description for task in outer.tasks] == ["items"]
    with progress_bar() as next_one:
        assert next_one is not outer
        assert not next_one.tasks


def test_messages_go_to_stderr_as_they_are_unless_silence_is_asked_for(capsys):
    say("hf:[gpt2]: a message that is longer than a line of eighty characters, and is not wrapped, 1 2 3")
    assert capsys.readouterr() == (
        "",
        "hf:[gpt2]: a message that is longer than a line of eighty characters, and is not wrapped, 1 2 3\n",
    )
    silence()
    say("nothing")
    assert capsys.readouterr() == ("", "")
    assert not shown()


def test_a_silent_process_can_tell_another_what_it_would_say(capsys):
    told = []
    silence(told.append)
    say("left out 2 sentences")
    assert capsys.readouterr() == ("", "")
    assert told == ["left out 2 sentences"]


@pytest.mark.parametrize("patience", [-1.0, 3600.0])
@pytest.mark.parametrize("number", [0, 1, 2, 1000])
def test_things_pass_as_they_are_and_only_slow_ones_under_a_bar(monkeypatch, patience, number):
    monkeypatch.setattr(progress, "PATIENCE_S", patience)
    passed, bars = [], set()
    with progress_bar() as bar:
        for thing in tracked(range(number), "reading", total=number, unit="items"):
            passed.append(thing)
            bars |= {(task.description, task.total) for task in bar.tasks}
        assert not bar.tasks
    assert passed == list(range(number))
    assert bars == ({("reading", number)} if patience < 0 and number > 1 else set())


def test_a_bar_says_how_many_things_have_passed_those_before_it_included(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE_S", -1.0)
    monkeypatch.setattr(progress, "REFRESHED_S", -1.0)
    with progress_bar() as bar:
        completed = [task.completed for _ in tracked(range(5), "reading", total=5, unit="items") for task in bar.tasks]
    assert completed == [1, 2, 3, 4]
