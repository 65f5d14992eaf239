"""Chromium without a window, driven by its own protocol through two pipes: no port, no driver, no package needed."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

OPTIONS = (
    *("--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--hide-scrollbars"),
)

PATIENCE_S = 60
"""A browser that says nothing for so long is taken for dead."""


# Measured when it stays where it is: what is still being drawn moves what lies below it.
_MIDDLE = """async (selector) => {
  const it = document.querySelector(selector);
  let place = null, before;
  do {
    before = place;
    it.scrollIntoView({ block: "center", behavior: "instant" });
    for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame);
    const box = it.getBoundingClientRect();
    place = [box.x + box.width / 2, box.y + box.height / 2];
  } while (String(place) !== String(before));
  return place;
}"""


class Tab:
    """A page in a browser, and everything that went wrong on it."""

    def __init__(self, send: int, receive: int) -> None:
        self._send, self._receive = send, receive
        self._read = b""
        self._number = 0
        self._session: str | None = None
        self.problems: list[str] = []
        """Errors and warnings of the console, exceptions, and everything that the page wanted to load."""
        self.loaded = False

    def attach(self) -> None:
        """Open an empty page and listen to it."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        """End the browser."""
        self._session = None
        self.call("Browser.close")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the browser for something, and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        number = self._number
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self) -> dict[str, Any]:
        """The next message; what it tells of is noted."""
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._receive], [], [], PATIENCE_S)
            chunk = os.read(self._receive, 1 << 20) if ready else b""
            assert chunk, "the browser has gone"
            self._read += chunk
        text, _, self._read = self._read.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, event: str, about: dict[str, Any]) -> None:
        match event:
            case "Page.loadEventFired":
                self.loaded = True
            case "Runtime.exceptionThrown":
                details = about["exceptionDetails"]
                self.problems.append(details.get("exception", {}).get("description", details["text"]))
            case "Runtime.consoleAPICalled" if about["type"] in ("error", "warning", "assert"):
                self.problems.append(" ".join(str(each.get("value")) for each in about["args"]))
            case "Log.entryAdded" if about["entry"]["level"] in ("error", "warning"):
                self.problems.append(about["entry"]["text"])
            case "Network.requestWillBeSent" if not about["request"]["url"].startswith(("file:", "data:", "about:")):
                self.problems.append(f"wants {about['request']['url']}")
            case "Page.javascriptDialogOpening":
                self.problems.append(f"a dialog: {about['message']}")
                self.call("Page.handleJavaScriptDialog", accept=True)

    def open(self, page: Path, fragment: str = "") -> None:
        """Load a file and wait until it is there."""
        for address in ("about:blank", page.resolve().as_uri() + fragment):  # else another fragment alone loads nothing
            self.loaded = False
            self.call("Page.navigate", url=address)
            while not self.loaded:
                self._next()

    def run(self, script: str) -> Any:
        """The value of an expression, awaited if it is a promise."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script: str) -> Any:
        """The value of an expression as soon as it is one that counts as true."""
        deadline = time.monotonic() + PATIENCE_S
        while not (value := self.run(script)):
            assert time.monotonic() < deadline, f"never true: {script}"
            time.sleep(0.02)
        return value

    def press(self, key: str) -> None:
        """Press a key, such as Tab, Enter or ArrowRight."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowRight": 39, "ArrowLeft": 37, "End": 35, "Home": 36, " ": 32}
        about = {"key": key, "code": {" ": "Space"}.get(key, key), "windowsVirtualKeyCode": codes[key]}
        text = {"Enter": "\r", " ": " "}.get(key)
        self.call("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def point(self, selector: str, *, click: bool = False) -> None:
        """Move the mouse to the middle of an element."""
        x, y = self.run(f"({_MIDDLE})({json.dumps(selector)})")
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        if click:
            for event in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=event, x=x, y=y, button="left", clickCount=1)

    def resize(self, width: int, height: int, *, mobile: bool = False) -> None:
        """Give the page a screen of this size, in CSS pixels."""
        about = {"width": width, "height": height, "deviceScaleFactor": 2 if mobile else 1, "mobile": mobile}
        self.call("Emulation.setDeviceMetricsOverride", **about)

    def dark(self, on: bool = True) -> None:
        """Whether the reader wants dark pages."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, *, whole: bool = False) -> bytes:
        """What is seen, as PNG; or the whole page."""
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def pdf(self) -> bytes:
        """The page as it is printed."""
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=False, printBackground=False)["data"])


@contextmanager
def browser() -> Iterator[Tab]:
    """A browser with one page, offline; ended when the block ends."""
    assert CHROMIUM is not None
    (to_it, send), (receive, from_it) = os.pipe(), os.pipe()

    def give_pipes() -> None:  # in the new process: Chromium reads from 3 and writes to 4, which may be taken
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_it, from_it)]
        os.dup2(ends[0], 3)
        os.dup2(ends[1], 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, preexec_fn=give_pipes, close_fds=False, **quiet)
        os.close(to_it)
        os.close(from_it)
        tab = Tab(send, receive)
        try:
            tab.attach()
            yield tab
            tab.close()
        finally:
            os.close(send)
            os.close(receive)
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
