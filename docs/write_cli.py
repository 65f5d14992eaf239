"""Write docs/cli.md from the commands' own `--help`. A test holds the two together: `make docs` after a change."""

from pathlib import Path

from typer.main import get_group
from typer.testing import CliRunner

from lrd_bench.cli import app

HEAD = """\
# The command line

What `lrd-bench COMMAND --help` says, written by `make docs`. Results go to stdout; messages and progress go to stderr.
A command exits with 0 when it is done (or had nothing to do: the same output from the same inputs was there), with 2
for what you can mend, which it says in one message, and with 130 after Ctrl-C. An output made from other inputs is
never replaced without `--force`. `MODEL`, `SUITE` and the like are shipped names (`lrd-bench list`), or paths of your
own files: whatever has a `/` or a suffix is a path.
"""


def render() -> str:
    """The page as it should be."""
    sections = [HEAD, _section([])]
    sections += [_section([name]) for name in get_group(app).commands]
    return "\n".join(sections)


def _section(command: list[str]) -> str:
    result = CliRunner().invoke(app, [*command, "--help"], prog_name="lrd-bench")
    assert result.exit_code == 0, result.output
    return f"## {' '.join(['lrd-bench', *command])}\n\n```text\n{result.output.rstrip()}\n```\n"


if __name__ == "__main__":
    (Path(__file__).parent / "cli.md").write_text(render(), encoding="utf-8")
