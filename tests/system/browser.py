# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium without a window, by its DevTools protocol over a pair of pipes."""
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess

PATIENCE = 60  # seconds; a loaded machine may be slow to start it


def missing():
    """Why it cannot be used here; None: it can."""
    return None if shutil.which("chromium") else "no chromium here: apt-get install chromium"


def high(descriptor):
    """The same file under a number that stands in nobody's way."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 20)
    os.close(descriptor)
    return moved


class Browser:
    """One page. `told` holds what the browser said of it: requests, errors, exceptions."""

    def __init__(self, folder):
        theirs_in, ours_out = map(high, os.pipe())
        ours_in, theirs_out = map(high, os.pipe())
        words = ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
                 "--disable-dev-shm-usage", "--disable-extensions",
                 "--disable-background-networking", "--no-first-run", "--remote-debugging-pipe",
                 f"--user-data-dir={folder}/chromium", "about:blank"]
        self.log = open(folder / "chromium.log", "wb")
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash", *words],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, env={**os.environ, "HOME": str(folder)})
        os.close(theirs_in)
        os.close(theirs_out)
        self.reader, self.writer = ours_in, ours_out
        self.rest, self.number, self.told, self.session = b"", 0, [], None
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(one["targetId"] for one in targets if one["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        """Its helpers go when it does, in order."""
        self.session = None
        try:
            self.call("Browser.close")
            self.process.wait(timeout=PATIENCE)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.reader)
        os.close(self.writer)
        self.log.close()

    def message(self):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.reader], [], [], PATIENCE)
            piece = os.read(self.reader, 1 << 20) if ready else b""
            assert piece, "chromium says nothing any more; see chromium.log"
            self.rest += piece
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.writer, json.dumps(request).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self.told.append(message)

    def wait_for(self, method):
        while not any(message.get("method") == method for message in self.told):
            self.told.append(self.message())

    def open(self, path):
        self.told.clear()
        self.call("Page.navigate", url=f"file://{path}")
        self.wait_for("Page.loadEventFired")

    def width(self, pixels):
        self.call("Emulation.setDeviceMetricsOverride", width=pixels, height=900,
                  deviceScaleFactor=1, mobile=pixels < 500)

    def scheme(self, scheme):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def value(self, expression):
        """What a JavaScript expression is in the page."""
        got = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in got, f"{expression}: {got['exceptionDetails']}"
        return got["result"].get("value")

    def mouse(self, kind, x, y):
        pressed = {"button": "left", "clickCount": 1} if kind != "mouseMoved" else {}
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **pressed)

    def middle(self, element):
        """Of the element's (an expression's) first line, once it is in view."""
        return self.value(f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'center'}});"
                          " const r = e.getClientRects()[0];"
                          " return [r.x + r.width / 2, r.y + r.height / 2]; })()")

    def click(self, element):
        x, y = self.middle(element)
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def hover(self, element):
        self.mouse("mouseMoved", *self.middle(element))

    def pdf(self):
        printed = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        return base64.b64decode(printed["data"])

    def picture(self):
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])
