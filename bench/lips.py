"""Lips, captions and sound of the stage page in the real Chromium, and what the marks cost the first sound.

Method: a voice of this machine (hibari, or kokoro in English and Chinese) speaks sentences that nothing was fitted on;
the stage's hub sends them to the page in headless Chromium. A tap on the page's AudioContext keeps the samples that it
plays with their times; at each picture the page's own mouth, its shape and its caption are taken
(``window.haishin.stats()``). ``getOutputTimestamp`` brings both to one clock: the sample that leaves the page at that
moment. Where each clause lies in what was played, the correlation with its samples tells.

``shape``: of the pictures during a vowel by the voice's own marks, the share with its shape. ``form``: the share whose
form alone is nearest to that vowel's. ``envelope``: correlation of the mouth's opening, at each picture, with the root
mean square of 40 ms of the sound, at the best lag; ``lag_ms``: that lag, above zero when the mouth is late.
``shut_ms``: from the beginning of a silence of 200 ms or more to the picture that has the mouth shut. ``word_ms``: from
a word's mark to the picture with its caption. ``picture_ms``: from one picture to the next: no time above is known
better. ``first_sound_cpu_ms``: processor time of a voice's first sound without and with marks, in turns in one process.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.support.host import quantiles
from bot.runtime import providers
from bot.stage.hub import Overlay
from bot.stage.protocol import Captions, Look, Settings
from bot.types import Clause, MouthShape, Pcm, Style
from bot.weights import catalog
from tests.browser.bare_stage import served
from tests.browser.chromium import Errors, chromium, open_page

SENTENCES = {
    "en": (
        "Welcome back, everybody, we were just about to open the next box.",
        "Mia, your question about the blue lamp made me laugh out loud.",
        "I would rather lose this round slowly than win it by accident.",
        "Seven people voted for soup, so soup it is. Bring a big spoon!",
        "Please be kind to each other while I look for the other shoe.",
        "Oh no, the boat is moving, and nobody is at the wheel.",
    ),
    "zh": (
        "欢迎回来，我们马上就要打开下一个盒子了。",
        "小美，你刚才问的那个问题真有意思。",
        "外面下雨了，我想喝一杯热茶，再听一首老歌。",
        "别着急，慢慢来，今天晚上时间很多。",
        "哇，这条鱼比我还大，快拍照片！",
    ),
}
VOICES = (("hibari", "en"), ("kokoro", "en"), ("kokoro", "zh"))
VOWELS = {MouthShape.AA: 0.1, MouthShape.IH: 1.0, MouthShape.OU: -1.0, MouthShape.EE: 0.6, MouthShape.OH: -0.6}
#: By how much the mouth may be late, in ms.
LAGS_MS = range(-200, 201, 10)
#: A mouth opened less than this is shut, as the avatar draws it.
SHUT = 0.05
#: Keeps what the page plays, and at each picture what it shows.
WATCH = """
const connect = AudioNode.prototype.connect;
window.seen = { blocks: [], pictures: [], rate: 0 };
const code = `registerProcessor("tap", class extends AudioWorkletProcessor {
  constructor() { super(); this.kept = []; }
  process([input]) {
    if (input[0]) this.kept.push(input[0].slice());
    if (this.kept.length < 16) return true;
    this.port.postMessage({ end: currentFrame + 128, kept: this.kept });
    this.kept = [];
    return true;
  }
})`;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode) {
    const { context } = this;
    window.seen.rate = context.sampleRate;
    context.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: "text/javascript" }))).then(() => {
      const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0 });
      tap.port.onmessage = ({ data }) => window.seen.blocks.push(data);
      connect.call(this, tap);
    });
    const look = () => {
      requestAnimationFrame(look);
      // Once the page's own callback has drawn this picture.
      setTimeout(() => {
        const { contextTime, performanceTime } = context.getOutputTimestamp();
        const { mouth, mouthForm, mouthShape, caption } = window.haishin.stats();
        const at = contextTime + (performance.now() - performanceTime) / 1000;
        window.seen.pictures.push([at, mouth, mouthForm, mouthShape, caption]);
      });
    };
    requestAnimationFrame(look);
  }
  return connect.call(this, target, ...rest);
};
"""
READ = """
() => {
  const { blocks, pictures, rate } = window.seen;
  const begin = blocks.length ? blocks[0].end - 2048 : 0;
  const all = new Int16Array(blocks.length ? blocks.at(-1).end - begin : 0);
  for (const { end, kept } of blocks)
    kept.forEach((block, n) => block.forEach((v, i) => { all[end - begin - 2048 + n * 128 + i] = v * 32767; }));
  const bytes = new Uint8Array(all.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return { sound: btoa(text), begin: begin / rate, rate, pictures };
}
"""


@dataclass
class Seen:
    """What was found over the clauses of one voice."""

    shape: list[bool] = field(default_factory=list)
    form: list[bool] = field(default_factory=list)
    mouth: list[NDArray[np.float64]] = field(default_factory=list)
    envelope: list[NDArray[np.float64]] = field(default_factory=list)
    shut_ms: list[float] = field(default_factory=list)
    word_ms: list[float] = field(default_factory=list)
    picture_ms: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Return what is printed."""
        mouth, envelope = np.concatenate(self.mouth), np.concatenate(self.envelope)
        fits = [float(np.corrcoef(mouth, heard)[0, 1]) for heard in envelope.T]
        best = int(np.argmax(fits))
        return {
            "vowel_pictures": len(self.shape), "shape": round(float(np.mean(self.shape)), 3),
            "form": round(float(np.mean(self.form)), 3), "envelope": round(fits[best], 3), "lag_ms": LAGS_MS[best],
            "shut_ms": quantiles(self.shut_ms), "word_ms": quantiles([abs(ms) for ms in self.word_ms]),
            "word_median_ms": round(float(np.median(self.word_ms)), 1), "picture_ms": quantiles(self.picture_ms),
        }  # fmt: skip


@asynccontextmanager
async def opened(name: str) -> Any:
    """Open a voice."""
    module = providers.load("bot.voice.tts", name)
    options = {"model": await catalog.pull("kokoro", catalog.default_root())} if name == "kokoro" else {}
    async with module.connect(module.Config(**options)) as tts:
        yield tts


async def spoken(name: str, language: str) -> list[list[Pcm]]:
    """Return the sound of each sentence."""
    async with opened(name) as tts:
        return [[pcm async for pcm in tts.speak(text, Style(language))] for text in SENTENCES[language]]


async def watch(page: Any, stage: Overlay, text: str, language: str, pieces: list[Pcm], seen: Seen) -> None:
    """Let the page speak a clause, and compare."""
    await page.evaluate("() => { window.seen.blocks = []; window.seen.pictures = []; }")
    epoch = stage.begin()
    clip = stage.speak(epoch, Clause("t", 0, text, text, language), pieces[0].rate)
    assert clip is not None
    for pcm in pieces:
        stage.sound(clip, pcm)
    stage.complete(clip)
    stage.end(epoch)
    assert await stage.changed.wait_until(lambda: clip.finished, 60), "the page did not play to the end"
    await asyncio.sleep(0.5)
    found = await page.evaluate(READ)
    rate, pictures = found["rate"], found["pictures"]
    played = np.frombuffer(base64.b64decode(found["sound"]), "<i2").astype(np.float64) / 32768
    sound = np.frombuffer(b"".join(pcm.data for pcm in pieces), "<i2").astype(np.float64) / 32768
    sound = np.interp(np.arange(0, len(sound), pieces[0].rate / rate), np.arange(len(sound)), sound)
    began = found["begin"] + _place(played, sound) / rate
    size = rate // 100
    steps = len(played) // size
    energy = np.sqrt(np.mean(played[: steps * size].reshape(steps, size) ** 2, axis=1))
    envelope = np.sqrt(np.convolve(energy**2, np.ones(4) / 4, "same"))
    fresh = [p for before, p in itertools.pairwise(pictures) if p[1:4] != before[1:4]]
    during = [p for p in fresh if 0 <= p[0] - began <= len(sound) / rate]
    seen.mouth.append(np.array([p[1] for p in during]))
    centres = found["begin"] + (np.arange(steps) + 0.5) / 100
    seen.envelope.append(
        np.array([np.interp([p[0] - lag / 1000 for p in during], centres, envelope) for lag in LAGS_MS]).T
    )
    seen.picture_ms += list(np.diff([p[0] for p in fresh]) * 1000)
    marks = clip.marks
    ends = [viseme.at_ms for viseme in marks.visemes[1:]] + [len(sound) / rate * 1000]
    for at, _, form, shape, _ in fresh:
        ms = (at - began) * 1000
        said = [v.shape for v, end in zip(marks.visemes, ends, strict=True) if v.at_ms <= ms < end]
        if said and said[0] in VOWELS:
            seen.shape.append(shape == said[0])
            seen.form.append(min(VOWELS, key=lambda vowel: abs(VOWELS[vowel] - form)) is said[0])
    for mark, after in zip(marks.words, [*(m.chars for m in marks.words[1:]), len(text)], strict=True):
        if after > mark.chars:
            shown = next((p[0] for p in pictures if len(p[4]) > mark.chars and text.startswith(p[4])), None)
            if shown is not None:
                seen.word_ms.append((shown - began) * 1000 - mark.at_ms)
    seen.shut_ms += list(_shutting(energy, found["begin"], pictures))


def _place(played: NDArray[np.float64], sound: NDArray[np.float64]) -> int:
    """Return where in what was played a sound begins, in samples."""
    size = 1 << (len(played) + len(sound)).bit_length()
    found = np.fft.irfft(np.fft.rfft(played, size) * np.conj(np.fft.rfft(sound, size)), size)
    return int(np.argmax(found[: len(played)]))


def _shutting(energy: NDArray[np.float64], begin: float, pictures: list[Any]) -> Iterator[float]:
    """Yield the time from the beginning of each silence to the shut mouth, in ms."""
    loud = energy > energy.max() * 0.02
    for step in np.flatnonzero(loud[:-1] & ~loud[1:]):
        silence = begin + (step + 1) / 100
        if not loud[step + 1 : step + 21].any() and pictures[-1][0] > silence + 0.2:
            shut = [p[0] for before, p in itertools.pairwise(pictures)
                    if p[0] > silence and p[1] <= SHUT and (before[1] > SHUT or before[0] <= silence)]  # fmt: skip
            if shut:
                already = [p for p in pictures if p[0] <= silence][-1:]
                yield 0.0 if already and already[0][1] <= SHUT else (shut[0] - silence) * 1000


async def look(texts: Sequence[str], language: str, sounds: list[list[Pcm]], width: int) -> tuple[Seen, Errors]:
    """Let a page of ``width`` pixels speak sentences."""
    errors, seen = Errors(), Seen()
    stage = Overlay(Settings(name="Mira", look=Look(), captions=Captions(), label="AI"))
    async with served(stage) as address, chromium() as browser:
        page = await open_page(browser, "about:blank", errors)
        await page.set_viewport_size({"width": width, "height": width * 9 // 16})
        await page.add_init_script(WATCH)
        await page.goto(address)
        assert await stage.changed.wait_until(lambda: stage.audible, 30)
        await asyncio.sleep(2)
        for text, pieces in zip(texts, sounds, strict=False):
            await watch(page, stage, text, language, pieces, seen)
    return seen, errors


@contextmanager
def plain(name: str) -> Iterator[None]:
    """Let a voice load its model as if its file told no lengths."""
    module: Any = providers.load("bot.voice.tts", name)
    kept = module.LENGTHS
    module.LENGTHS = "/none"
    try:
        yield
    finally:
        module.LENGTHS = kept


async def first_sounds(name: str, rounds: int) -> dict[str, Any]:
    """Return the processor time to the first sound, without and with marks."""
    took: dict[str, list[float]] = {"without": [], "with": []}
    with plain(name):
        before = opened(name)
        voices = {"without": await before.__aenter__()}
    after = opened(name)
    voices["with"] = await after.__aenter__()
    try:
        for n in range(rounds):
            for kind in sorted(voices, reverse=n % 2 == 0):
                stream = voices[kind].speak(SENTENCES["en"][n % 6], Style("en"))
                began = time.process_time()
                await anext(stream)
                took[kind].append((time.process_time() - began) * 1000)
                await stream.aclose()
    finally:
        await before.__aexit__(None, None, None)
        await after.__aexit__(None, None, None)
    return {kind: quantiles(times) for kind, times in took.items()}


async def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--sentences", type=int, default=6, help="of each voice, at most")
    args.add_argument("--rounds", type=int, default=12, help="first sounds of each voice; 0: none")
    args.add_argument("--voice", default="", help="of this voice alone")
    args.add_argument("--width", type=int, default=1280, help="of the page in pixels, at 16:9")
    wanted = args.parse_args()
    voices = [(name, language) for name, language in VOICES if wanted.voice in ("", name)]
    for name in dict(voices) if wanted.rounds else ():
        figures = await first_sounds(name, wanted.rounds)
        print(json.dumps({"bench": "lips", "voice": name, "first_sound_cpu_ms": figures}), flush=True)
    for name, language in voices:
        sounds = (await spoken(name, language))[: wanted.sentences]
        seen, errors = await look(SENTENCES[language], language, sounds, wanted.width)
        figures = seen.figures() | {"errors": list(errors)}
        print(json.dumps({"bench": "lips", "voice": name, "language": language, **figures}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
