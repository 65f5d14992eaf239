"""Replacing, inside the folder of a run, what was made there from other inputs."""

from collections.abc import Callable
from typing import Any, TypeVar

from lrd_bench.errors import OtherInputsError

Made = TypeVar("Made")


def remake(verb: Callable[..., Made], *arguments: Any, force: bool, **settings: Any) -> Made:
    """Call a verb that does nothing where its output stands already, and replaces one made from other inputs.

    A verb by itself refuses the latter without `force`, because the user may want to keep it; a run's folder is the
    run's own, and what lies in it follows its settings.
    """
    try:
        return verb(*arguments, force=force, **settings)
    except OtherInputsError:
        return verb(*arguments, force=True, **settings)
