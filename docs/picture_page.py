"""Take the picture of a report's page that the README shows: the top of reports/quick/report.html, in Chromium.

    python docs/picture_page.py

Run it after `reports/publish.py`. Needs `chromium` on the PATH.
"""

import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "reports" / "quick" / "report.html"
PICTURE = ROOT / "docs" / "page.png"
SIZE = "1160,1180"


def main() -> None:
    """Write `docs/page.png`."""
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += [f"--user-data-dir={profile}", f"--window-size={SIZE}", "--virtual-time-budget=8000"]
        subprocess.run([*command, f"--screenshot={PICTURE}", PAGE.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    main()
