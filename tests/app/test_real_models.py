"""The built-in model and voices with their real weights: heard by a recogniser, timed, and interrupted."""

from __future__ import annotations

import asyncio
import re
import time
import unicodedata
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import pytest_asyncio
from faster_whisper import WhisperModel  # type: ignore[import-untyped]

from bot.errors import TransientError
from bot.mind.llm import llamacpp
from bot.types import Delta, Line, Prompt, Style
from bot.voice.reading.aloud import read_aloud
from bot.voice.tts import hibari, kokoro
from bot.weights import catalog
from tests.support.error_rate import error_rate

pytestmark = pytest.mark.model

ENGLISH = (
    "Welcome back to the stream, everyone!",
    "I was just thinking about which game we should play next.",
    "Thanks @night_owl for the $4.99, that is so kind!",
    "It is 3.14 and I am 100% sure about that.",
)
CHINESE = ("大家好，欢迎来到我的直播间！", "我今天100%会赢这一局。", "谢谢你的礼物，我真的很开心。")
JAPANESE = ("今日も来てくれてありがとうございます。", "東京の天気はとてもいいです。")

Hear = Callable[[bytes, str], str]


@pytest.fixture(scope="module")
def recogniser() -> dict[str, WhisperModel]:
    return {}


@pytest.fixture
async def hear(models_root: Path, recogniser: dict[str, WhisperModel]) -> Hear:
    """Return what transcribes s16le at 24 kHz in a language."""
    if "base" not in recogniser:
        folder = await catalog.pull("whisper-base", models_root)
        recogniser["base"] = WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)

    def transcribe(pcm: bytes, language: str) -> str:
        wave = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        narrow = np.interp(np.arange(0, len(wave), 1.5), np.arange(len(wave)), wave)
        quiet = np.zeros(6000)
        hint = "以下是普通话的句子。" if language == "zh" else None
        parts, _ = recogniser["base"].transcribe(
            np.concatenate([quiet, narrow, quiet]).astype(np.float32), language=language, initial_prompt=hint
        )
        return "".join(part.text for part in parts)

    return transcribe


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kokoro_voice(models_root: Path) -> AsyncIterator[kokoro.Kokoro]:
    """Return the voice, loaded once: it keeps nothing of one text for the next."""
    folder = await catalog.pull("kokoro", models_root)
    async with kokoro.connect(kokoro.Config(model=folder)) as voice:
        yield voice


@pytest.fixture
async def small_llm(models_root: Path) -> AsyncIterator[llamacpp.LlamaCpp]:
    folder = await catalog.pull("smollm2-135m", models_root)
    async with llamacpp.connect(llamacpp.Config(model=next(folder.glob("*.gguf")), context=2048)) as llm:
        yield llm


async def sound(voice: Any, text: str, language: str) -> bytes:
    return b"".join([pcm.data async for pcm in voice.speak(text, Style(language))])


def words(text: str, language: str) -> list[str]:
    """Return what to compare: words of English, characters of Chinese and Japanese, numbers as they are read."""
    text = unicodedata.normalize("NFKC", text)
    if language == "en":
        return re.findall(r"[a-z]+", read_aloud(text.replace("@", "").replace("_", " "), "en").lower())
    return re.findall(r"[^\W\d_]", read_aloud(text, language))


async def rate(voice: Any, texts: tuple[str, ...], language: str, hear: Hear) -> float:
    total = 0.0
    for text in texts:
        heard = await asyncio.to_thread(hear, await sound(voice, text, language), language)
        found = error_rate(words(text, language), words(heard, language))
        print(f"{found:.2f} {text} | {heard}")
        total += found
    return total / len(texts)


async def test_hibari_is_understood(hear: Hear) -> None:
    async with hibari.connect(hibari.Config()) as voice:
        assert await rate(voice, ENGLISH, "en", hear) <= 0.1


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh", CHINESE), ("ja", JAPANESE)])
async def test_kokoro_is_understood(
    language: str, texts: tuple[str, ...], hear: Hear, kokoro_voice: kokoro.Kokoro
) -> None:
    assert await rate(kokoro_voice, texts, language, hear) <= 0.12


async def test_kokoro_says_english_words_in_a_chinese_sentence(hear: Hear, kokoro_voice: kokoro.Kokoro) -> None:
    heard = hear(await sound(kokoro_voice, "谢谢朋友们，hello everyone！", "zh"), "zh")
    assert "hello everyone" in heard.lower()
    assert "朋友" in heard


async def test_kokoro_says_nothing_for_what_it_cannot_read(kokoro_voice: kokoro.Kokoro) -> None:
    for text in ("💖", "…", "Привет", "   "):
        assert await sound(kokoro_voice, text, "en") == b""


async def test_clauses_follow_closely(kokoro_voice: kokoro.Kokoro) -> None:
    """Silence around a clause is what its punctuation asks for, and no more."""
    for text, longest_s in (("Well,", 0.16), ("I see.", 0.27), ("and then", 0.1)):
        wave = np.abs(np.frombuffer(await sound(kokoro_voice, text, "en"), "<i2").astype(np.float32))
        loud = np.flatnonzero(wave > wave.max() * 0.05)
        assert loud[0] / 24_000 < 0.15
        assert (len(wave) - loud[-1]) / 24_000 < longest_s + 0.15  # a voice fades out before it is silent


async def test_an_interrupted_synthesis_does_not_delay_the_next(kokoro_voice: kokoro.Kokoro) -> None:
    loop = asyncio.get_running_loop()
    long = asyncio.ensure_future(sound(kokoro_voice, "word " * 90, "en"))
    await asyncio.sleep(0.4)
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long
    began = loop.time()
    await sound(kokoro_voice, "Hi.", "en")
    # The long piece would go on for some ten seconds.
    assert loop.time() - began < 4


CHAT = (Line("system", "You are Mira, a cheerful streamer. " + "Be kind and short. " * 40), Line("user", "Hi!"))


async def first_s(llm: llamacpp.LlamaCpp, prompt: Prompt) -> float:
    began = time.perf_counter()
    async with aclosing(cast("Any", llm.reply(prompt))) as stream:
        while (await anext(stream)) == Delta():
            pass
    return time.perf_counter() - began


async def test_a_warm_prefix_makes_the_first_word_early(small_llm: llamacpp.LlamaCpp) -> None:
    cold = await first_s(small_llm, Prompt(CHAT, max_tokens=4))
    await small_llm.warm(Prompt(CHAT[:1]))
    warm = await first_s(small_llm, Prompt((*CHAT[:1], Line("user", "What game?")), max_tokens=4))
    assert warm < cold / 2


async def test_it_tells_of_the_progress_that_it_makes_and_how_fast_it_is(small_llm: llamacpp.LlamaCpp) -> None:
    assert small_llm.speed is None
    words = 'root ::= "a" [a-z ]+'  # of its own accord it may answer nothing
    prompt = Prompt((Line("user", "new words " * 200),), max_tokens=8, grammar=words)
    deltas = [delta async for delta in small_llm.reply(prompt)]
    begun = next(n for n, delta in enumerate(deltas) if delta.text)
    assert begun >= 4, "a sign of life for each part of the prompt"
    assert all(delta == Delta() for delta in deltas[:begun])
    assert small_llm.speed is not None
    assert small_llm.speed.read > small_llm.speed.write > 0


async def test_a_question_does_not_wait_for_what_is_read_ahead(small_llm: llamacpp.LlamaCpp) -> None:
    ahead = asyncio.ensure_future(small_llm.warm(Prompt((Line("user", "new words " * 700),))))
    await asyncio.sleep(0.1)
    words = 'root ::= "a" [a-z ]+'
    await first_s(small_llm, Prompt((Line("user", "Hi!"),), max_tokens=4, grammar=words))
    assert ahead.done(), "it was stopped, and raised nothing"
    await ahead


async def test_a_grammar_is_obeyed(small_llm: llamacpp.LlamaCpp) -> None:
    prompt = Prompt(CHAT, max_tokens=20, grammar='root ::= "[" ("joy" | "sad") "] " [a-z ]+')
    said = "".join([delta.text async for delta in small_llm.reply(prompt)])
    assert re.fullmatch(r"\[(joy|sad)\] [a-z ]+", said)


async def test_a_prompt_that_does_not_fit_is_transient_and_says_what_to_do(small_llm: llamacpp.LlamaCpp) -> None:
    with pytest.raises(TransientError) as caught:
        await first_s(small_llm, Prompt((Line("user", "word " * 3000),)))
    assert "context" in caught.value.remedy


async def test_reading_a_prompt_can_be_interrupted(small_llm: llamacpp.LlamaCpp) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(first_s(small_llm, Prompt((Line("user", "new words " * 600),))))
    await asyncio.sleep(0.1)
    began = loop.time()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert loop.time() - began < 0.1
    # The smallest model sometimes has nothing to say; a grammar makes it say something.
    words = 'root ::= "a" [a-z ]+'
    next_s = await first_s(small_llm, Prompt((Line("user", "Hi!"),), max_tokens=4, grammar=words))
    whole_s = await first_s(small_llm, Prompt((Line("user", "more words " * 600),), max_tokens=4, grammar=words))
    assert next_s < whole_s


async def test_nobody_else_can_use_the_engine(small_llm: llamacpp.LlamaCpp) -> None:
    server = small_llm._server
    assert server is not None
    address = str(server.listening_address)
    assert address.startswith("http://127.0.0.1:")
    for path in ("/v1/models", "/slots", "/props", "/metrics", "/"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            await asyncio.to_thread(urllib.request.urlopen, address + path, timeout=5)
        assert caught.value.code in (401, 404)
        caught.value.close()
