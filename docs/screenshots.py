"""Take the pictures of the page: every view, 1440 and 390 wide, light and dark.

    PYTHONPATH=. python docs/screenshots.py            the two pictures of the README, into docs/
    PYTHONPATH=. python docs/screenshots.py --all DIR  all of them, into DIR

Serves the sample corpus from a temporary index and drives Debian's chromium. Looks best with the packages
fonts-inter and fonts-sil-charis, which stand in for the system fonts of other machines.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import tempfile
import textwrap
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from selenium import webdriver

from app import CORPUS, EXAMPLES
from eval.tab import tab
from rag import Assistant, open_library
from rag.config import load_settings
from rag.ingest import add_paths
from rag.serve import build_app
from rag.ui.access import Accounts, hashed
from tests.pdf_files import column, pdf

FIRST, FOLLOW_UP, UNKNOWN = "Who founded TSMC?", "When was he born?", "Who composed The Magic Flute?"
CONFINED = "When was the CHIPS Act signed, since 2022?"
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the views are that no answer leads to."""

    page: str
    signing_in: str
    pdf: str
    questions: Path


def start(folder: str) -> Places:
    """Serve the sample corpus, with a PDF in a collection beside it; and once more for people with accounts."""
    settings = load_settings(index_dir=Path(folder, "index"))
    assistant = Assistant(open_library(settings, create=True), settings)
    add_paths(assistant.library, [CORPUS], encoder=assistant.encoder, settings=settings)
    other = load_settings(index_dir=Path(folder, "index"), collection="history-of-chips")
    text = (CORPUS / "morris-chang.md").read_text(encoding="utf-8").split("---", 2)[2]  # without the front matter
    lines = [line.lstrip("# ") for line in text.splitlines()]
    printed = Path(folder, "Morris Chang.pdf")
    wrapped = [part for line in lines for part in (textwrap.wrap(line, 56) or [""])]
    printed.write_bytes(pdf([column(*wrapped[n : n + 32]) for n in range(0, len(wrapped), 32)]))
    library = open_library(other, create=True)
    add_paths(library, [CORPUS / "moores-law.md", printed], encoder=assistant.encoder, settings=other)
    document = library.document(next(each.id for each in library.documents() if each.uri.endswith(".pdf")))
    at = document.text.index("Chang was born")
    users = Path(folder, "users")
    users.write_text(f"ann:admin:{hashed('a long password')}\n")
    questions = Path(folder, "questions.jsonl")
    asked = (CORPUS.parent / "eval" / "questions" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    questions.write_text("\n".join(asked[::12]), encoding="utf-8")
    chat = build_app(assistant.library, settings, assistant=assistant, examples=EXAMPLES, tabs=[tab(assistant)])
    page = _served(chat)
    accounts = _served(build_app(assistant.library, settings, assistant=assistant, accounts=Accounts(users)))
    return Places(
        page, accounts, f"{page}source/{document.id}?start={at}&end={document.text.index('.', at) + 1}#quote", questions
    )


def _served(app: Any) -> str:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/"


class Camera:
    """One browser at one width, in light or dark."""

    def __init__(self, address: str, folder: Path, width: int, *, dark: bool) -> None:
        options = webdriver.ChromeOptions()
        for flag in (*FLAGS, f"--user-data-dir={tempfile.mkdtemp(prefix='pullquote-')}"):
            options.add_argument(flag)
        options.binary_location = shutil.which("chromium") or "chromium"
        service = webdriver.ChromeService(shutil.which("chromedriver") or "chromedriver")
        self.driver = webdriver.Chrome(options=options, service=service)
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self._folder, self._suffix = folder, f"{width}-{'dark' if dark else 'light'}.png"
        self.phone = width < 600
        self.driver.get(address)
        self.wait(".welcome")

    def wait(self, css: str, count: int = 1) -> list[Any]:
        """At least ``count`` matching elements."""
        for _ in range(300):
            found: list[Any] = self.driver.find_elements("css selector", css)
            if len(found) >= count:
                return found
            time.sleep(0.1)
        raise SystemExit(f"{css} did not appear")

    def ask(self, question: str, number: int) -> None:
        self.wait("#box textarea")[0].send_keys(question)
        self.wait("#send")[0].click()
        self.wait(".turn:not(.pending) .status", number)

    def press(self, css: str) -> None:
        self.driver.execute_script("arguments[0].click()", self.wait(css)[0])

    def area(self, number: int) -> None:
        if self.phone:
            self.wait("#tabs nav button")[number].click()

    def shoot(self, name: str) -> None:
        """An 8-bit picture: a third of the size, and the page has few colours."""
        time.sleep(1.2)  # until scrolling and drawing have come to rest
        path = self._folder / f"{name}-{self._suffix}"
        self.driver.save_screenshot(str(path))
        Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def tour(camera: Camera, places: Places, *, everything: bool) -> None:
    if everything:
        camera.shoot("welcome")
    camera.ask(FIRST, 1)
    if everything:
        camera.shoot("first")
    camera.ask(FOLLOW_UP, 2)
    camera.shoot("answer")
    source = camera.wait(".turn:nth-of-type(2) a.open")[0].get_attribute("href")
    if everything:
        camera.area(2)
        camera.shoot("evidence")
        camera.press(".card [data-verdict=wrong]")
        camera.wait(".card [data-verdict=wrong][aria-pressed=true]")
        camera.shoot("judged")
        camera.area(0)
        camera.wait("#address")[0].send_keys("http://192.168.1.1/a\ue007")
        camera.wait("#added .failed")
        camera.driver.find_elements("css selector", "#left input[type=file]")[1].send_keys(str(CORPUS))
        camera.wait("#added .added, #added .unchanged", 10)
        camera.shoot("library")
        camera.area(1)
        camera.ask(CONFINED, 3)
        camera.shoot("confined")
        camera.ask(UNKNOWN, 4)
        camera.shoot("refusal")
    camera.driver.get(source)
    camera.shoot("source")
    if everything:
        camera.driver.get(source.replace("#quote", "&find=TSMC#hit-1"))
        camera.shoot("found")
        camera.driver.get(places.pdf)
        camera.shoot("pdf")
        camera.driver.get(places.signing_in)
        camera.shoot("sign-in")
        camera.driver.get(f"{places.page}evaluation")
        camera.shoot("evaluation")
        camera.wait("#file")[0].send_keys(str(places.questions))
        camera.press("form[enctype] button")
        camera.wait(".plots svg")
        camera.shoot("evaluated")
    camera.driver.quit()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", metavar="DIR", type=Path, help="every view, width and colour scheme, into DIR")
    options = parser.parse_args()
    folder = options.all or Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as index:
        places = start(index)
        for width in (1440, 390) if options.all else (1440,):
            for dark in (False, True) if options.all else (False,):
                camera = Camera(places.page, folder, width, dark=dark)
                tour(camera, places, everything=bool(options.all))


if __name__ == "__main__":
    main()
