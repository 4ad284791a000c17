"""No secret reaches a log: not in a message, a traceback, a chained error, a library's record or a bound value."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from bot import config
from bot.telemetry import logging as ours
from bot.telemetry.redaction import BLACK, Redactor
from bot.text.field_types import secrets_in

ROOT = Path(__file__).parents[2]
SECRET, CODE, PASSWORD = "s3cr3t/With+Signs=", "0123456", "p@ss:word/1"

#: Run in a process of its own: the log belongs to the whole process.
PLANT = """
import logging, sys, threading, warnings
from pathlib import Path
from urllib.parse import quote
from loguru import logger
from bot.telemetry.logging import log_uncaught, set_up_log

SECRET, CODE, PASSWORD, file = sys.argv[1:5]
log_uncaught()
redactor = set_up_log("DEBUG", Path(file), [SECRET, CODE])
redactor.add(PASSWORD)
logger.info("plain {}", SECRET)
logger.info("quoted " + quote(SECRET, safe=""))
logger.info("in a literal {!r} and JSON {}", {"code": CODE}, '{"x": "%s"}' % SECRET)
logger.bind(who=SECRET).warning("bound")
logger.debug("GET http://127.0.0.1:7878/panel/?a=1&token=unknown-token-1 HTTP/1.1")
logger.info("postgresql://user:unknown-token-2@host/name")
logger.info("{'Authorization': 'Bearer unknown-token-3', 'Cookie': 'SESSDATA=unknown-token-4; x=y'}")
logger.info("[(b'authorization', b'Basic unknown-token-5'), (b'cookie', b'a=unknown-token-6')]")
logger.info("client_secret%3Dunknown-token-7&refresh_token=unknown-token-8")

def fail():
    try:
        raise ConnectionError(f"{SECRET} was refused by http://x/?key=unknown-token-9")
    except ConnectionError as error:
        raise ExceptionGroup("several", [ValueError(CODE), RuntimeError("api_key: unknown-token-10")]) from error

try:
    fail()
except ExceptionGroup:
    logger.exception("a part failed with {}", PASSWORD)
    logging.getLogger("httpx").exception("request to %s", "https://u:unknown-token-11@host/")
logging.getLogger("lib").warning("does not fit %s %s", SECRET)
logging.getLogger("lib").warning("%(token)s", {"token": SECRET})
warnings.warn(f"old key {SECRET}")
thread = threading.Thread(target=lambda: 1 / 0 if not SECRET else (_ for _ in ()).throw(KeyError(SECRET)))
thread.start()
thread.join()
logger.opt(raw=True).info(f"raw {SECRET}")

class Broken:
    def __del__(self):
        raise OSError(SECRET)

del (broken := Broken()), broken
logger.info("the last line")
raise LookupError(f"nobody catches {CODE} at http://x/?token=unknown-token-12")
""".replace("del (broken := Broken()), broken", "broken = Broken()\ndel broken")


def test_no_secret_reaches_stderr_or_the_file(tmp_path: Path) -> None:
    file = tmp_path / "haishin.log"
    done = subprocess.run(
        [sys.executable, "-c", PLANT, SECRET, CODE, PASSWORD, str(file)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    written = file.read_text("utf-8")
    assert done.returncode == 1
    for text in (done.stderr, written):
        # All of it was logged, and by us: the traceback of what nobody caught is there too.
        for words in ("plain", "bound", "several", "a part failed", "httpx: request to", "old key", "KeyError", "raw",
                      "OSError", "the last line", "LookupError: nobody catches"):  # fmt: skip
            assert words in text, words
        for secret in (SECRET, CODE, PASSWORD, quote(SECRET), quote(SECRET, safe=""), "unknown-token"):
            assert secret not in text, (secret, [line for line in text.splitlines() if secret in line])
        assert BLACK in text
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "haishin.log"
    file.touch(0o644)
    handle = ours._owner_alone(str(file), os.O_WRONLY | os.O_APPEND)
    os.close(handle)
    assert sys.platform == "win32" or stat.S_IMODE(file.stat().st_mode) == 0o600


def test_log_files_are_kept_by_number_and_by_age(tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.log" for n in range(ours.KEPT + 5)]
    for number, file in enumerate(files):
        file.touch()
        os.utime(file, (time.time() - number, time.time() - number))
    os.utime(files[3], (0, 0))
    ours._retain([str(file) for file in files])
    left = sorted(int(file.stem) for file in tmp_path.glob("*.log"))
    assert left == [0, 1, 2, *range(4, ours.KEPT + 1)]


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 160, prompt_tokens=12",
        "the key: web.port",
        "a monkey: banana",
        "my.yaml:2: web.prot: there is no such setting; did you mean 'port'?",
        "http://127.0.0.1:7878/panel/ user@example",
        "12:30:00 the bearer of bad news",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor(["abc", ""])(text) == text


def test_a_long_word_costs_little() -> None:
    began = time.perf_counter()
    Redactor([SECRET])("a" * 300_000 + "token" * 50_000 + "://" * 50_000 + "cookie" * 50_000)
    assert time.perf_counter() - began < 2


def test_every_secret_of_the_settings_is_known() -> None:
    made = config.load([], {
        "HAISHIN_TOKEN": "token-of-sixteen-1", "HAISHIN_STORE": "postgresql://u:p%40ss@h/x",
        "HAISHIN_SOURCES__BILIBILI_OPEN__CODE": CODE, "HAISHIN_SOURCES__BILIBILI_OPEN__ACCESS_KEY": "access",
        "HAISHIN_LLM__0__PROVIDER": "openai", "HAISHIN_LLM__0__API_KEY": "sk-1",
        "HAISHIN_JUDGES__0__API_KEY": "sk-2", "HAISHIN_TTS__0__PROXY": "http://u:proxy-word@h",
        "HAISHIN_LLM__0__EXTRA_BODY__AUTH_TOKEN": "deep",
    })  # fmt: skip
    found = set(secrets_in(made))
    assert {"token-of-sixteen-1", "p%40ss", "p@ss", CODE, "access", "sk-1", "sk-2", "proxy-word", "deep"} <= found
    assert set(secrets_in({"a": [SecretStr("x")], "max_tokens": 5})) == {"x"}
