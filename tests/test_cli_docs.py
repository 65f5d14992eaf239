import runpy
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_the_page_about_the_command_line_says_what_help_says():
    render = runpy.run_path(str(DOCS / "write_cli.py"))["render"]
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == render(), "run `make docs`"
