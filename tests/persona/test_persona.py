"""Personas: the loader and its errors, the prepared lines, and the two personas that come with Haishin."""

from __future__ import annotations

import random
import re
import shutil
from itertools import pairwise
from pathlib import Path

import emoji
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

from bot.errors import ConfigError
from bot.persona.files import LIMITS
from bot.persona.lines import ACKNOWLEDGES, MAX_VALUE, MEMORY, PLACEHOLDERS, Lines, Purpose, event_values, sayable
from bot.persona.looks import PRESETS
from bot.persona.persona import LOOK_COLOURS, LOOK_SHAPES, MAX_PAGES, AnswerIn, Persona, discover, load
from bot.stage.protocol import Look
from bot.text.someone import NOBODY
from bot.types import PAID, Author, Emotion, Evidence, Gesture, Kind, Message, Money
from moderation.moderator import Moderator
from moderation.verdict import Action, Context, Direction
from tests.support.moderators import make_moderator

ROOT = Path(__file__).parents[2] / "personas"
OURS = ["mira", "xiaoyun"]
TAG = re.compile(r"\[([a-z]+)\] ?")
TAGS = {*Emotion, *Gesture}


@pytest.fixture(scope="module")
def moderator() -> Moderator:
    return make_moderator()


@pytest.fixture(params=OURS)
def ours(request: pytest.FixtureRequest) -> Persona:
    return load(ROOT / request.param, random.Random(7))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy Mira, to be spoiled."""
    return Path(shutil.copytree(ROOT / "mira", tmp_path / "mira"))


def spoil(file: Path, old: str, new: str) -> int:
    """Replace a piece of a file once; return the number of the line where it stood."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


# --- looks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_look_is_taken_by_one_word(folder: Path, name: str) -> None:
    card = yaml.safe_load((folder / "persona.yaml").read_text("utf-8"))
    card["look"] = {"preset": name, "accent": "#112233", "backdrop": "seaside", "hour": "night"}
    (folder / "persona.yaml").write_text(yaml.safe_dump(card, allow_unicode=True), "utf-8")
    look = Look.model_validate(load(folder).look)
    assert look.style == PRESETS[name]["style"]
    assert look.hair == PRESETS[name]["hair"]
    assert (look.accent, look.backdrop, look.hour) == ("#112233", "seaside", "night")


def test_an_unknown_preset_is_told_with_those_that_there_are(folder: Path) -> None:
    spoil(folder / "persona.yaml", "  style: bob", "  preset: nobody")
    with pytest.raises(ConfigError, match="mira, xiaoyun"):
        load(folder)


def test_the_page_draws_the_same_presets() -> None:
    page = (ROOT.parent / "overlay/stage/src/builtin/looks.ts").read_text("utf-8").partition("export const LOOKS")[2]
    drawn = {
        name: dict(re.findall(r'(\w+): "([^"]+)"', body))
        for name, body in re.findall(r"  (\w+): \{(.*?)\}", page, re.DOTALL)
    }
    assert drawn == {name: dict(look) for name, look in PRESETS.items()}


# --- our own two ----------------------------------------------------------------------------------


def test_a_small_model_can_hold_the_system_text(ours: Persona) -> None:
    assert len(ours.system) <= 900
    for tag in TAGS:
        assert f"[{tag}]" in ours.system
    assert 2 <= len(ours.examples) <= 4


def test_lines_are_complete_in_each_language(ours: Persona) -> None:
    assert set(ours.lines.script) == set(ours.languages)
    for language, script in ours.lines.script.items():
        assert set(script) == set(Purpose), language
        for purpose, variants in script.items():
            assert len(set(variants)) == len(variants) >= 4, (language, purpose)
    assert len(ours.lines.script[ours.languages[0]][Purpose.IDLE]) >= 10


def test_thanks_say_the_name_and_can_do_without(ours: Persona) -> None:
    for language in ours.languages:
        for purpose in {*ACKNOWLEDGES.values()}:
            for _ in range(12):
                assert "Ann" in ours.lines.pick(
                    purpose, language, name="Ann", amount="5 dollars", count="40", item="Rose", months="7"
                )
                assert "{" not in ours.lines.pick(purpose, language)


def test_fillers_are_short(ours: Persona) -> None:
    for script in ours.lines.script.values():
        for line in script[Purpose.THINKING]:
            assert len(TAG.sub("", line)) <= 45


def test_lines_read_well_aloud(ours: Persona) -> None:
    for line in said(ours):
        assert not emoji.emoji_count(line)
        assert not re.search(r"[#_~^=/\\*<>|()（）]|https?:|\.\.\.|!!", line), line
        assert line[-1] in ".!?。！？", line


def test_every_line_passes_moderation(ours: Persona, moderator: Moderator) -> None:
    for line in said(ours):
        verdict = moderator.check(line, Context(direction=Direction.OUT))
        assert verdict.action is Action.ALLOW, (line, verdict)


def test_the_look_is_one_that_the_stage_knows(ours: Persona) -> None:
    assert set(Look.model_fields) == LOOK_COLOURS | LOOK_SHAPES
    assert Look.model_validate(ours.look).model_dump(include=set(ours.look)) == ours.look


def test_voices_are_named_for_each_language(ours: Persona) -> None:
    for language in ours.languages:
        assert {"kokoro", "edge", "openai"} <= set(ours.voice[language].names)


def test_knowledge_is_read(ours: Persona) -> None:
    assert [page.name for page in ours.knowledge] == ["about", "show"]
    assert all(page.text.startswith("# ") and len(page.text) > 300 for page in ours.knowledge)


def test_the_label_and_the_default_language() -> None:
    mira, xiaoyun = (load(ROOT / name) for name in OURS)
    assert (mira.label, mira.languages[0], mira.lines.default) == ("AI", "en", "en")
    assert (xiaoyun.label, xiaoyun.languages[0], xiaoyun.lines.default) == ("AI生成", "zh", "zh")
    assert mira.look["style"] != xiaoyun.look["style"]
    assert mira.look["accessory"] != xiaoyun.look["accessory"]


def said(persona: Persona) -> list[str]:
    """Return every line of a persona as it is said, without tags, with its placeholders filled."""
    templates = [v for script in persona.lines.script.values() for lines in script.values() for v in lines]
    values = {"name": "Ann", "amount": "5 dollars", "count": "40", "item": "Rose", "months": "7"}
    return [TAG.sub("", text).format(**values) for text in templates + [e.reply for e in persona.examples]]


# --- choosing a line ------------------------------------------------------------------------------

LINES: dict[str, dict[Purpose, tuple[str, ...]]] = {
    "en": {
        **dict.fromkeys(Purpose, ("[joy] Fine.",)),
        Purpose.IDLE: tuple(f"[joy] Line {number}." for number in range(6)),
        Purpose.RAID: ("[joy] Welcome all!", "[joy] Welcome, {name}!", "[joy] {count} of you, {name}!"),
        Purpose.FOLLOW: ("[joy] Hi.", "[joy] Hi, {name}."),
    },
    "zh": {Purpose.IDLE: ("[joy] 你好。",)},
}


def lines(seed: int = 1) -> Lines:
    return Lines(LINES, "en", random.Random(seed))


def test_the_last_few_lines_are_not_repeated() -> None:
    choose = lines()
    picked = [choose.pick(Purpose.IDLE) for _ in range(300)]
    assert set(picked) == set(LINES["en"][Purpose.IDLE])
    for index, line in enumerate(picked):
        assert line not in picked[max(0, index - MEMORY) : index]


def test_two_lines_take_turns_and_one_repeats() -> None:
    two = Lines({"en": {**LINES["en"], Purpose.GOODBYE: ("[joy] A.", "[joy] B.")}}, "en")
    picked = [two.pick(Purpose.GOODBYE) for _ in range(6)]
    assert all(a != b for a, b in pairwise(picked))
    assert {two.pick(Purpose.NO_LLM) for _ in range(3)} == {"[joy] Fine."}


def test_the_same_seed_makes_the_same_choices() -> None:
    one, same, other = lines(1), lines(1), lines(2)
    picked = [one.pick(Purpose.IDLE) for _ in range(20)]
    assert picked == [same.pick(Purpose.IDLE) for _ in range(20)]
    assert picked != [other.pick(Purpose.IDLE) for _ in range(20)]


def test_a_missing_value_falls_to_a_line_without_it() -> None:
    choose = lines()
    assert {choose.pick(Purpose.RAID, name="Ann") for _ in range(9)} == {"[joy] Welcome, Ann!"}
    assert {choose.pick(Purpose.RAID, count=3) for _ in range(9)} == {"[joy] Welcome all!"}
    both = {choose.pick(Purpose.RAID, name="Ann", count=3) for _ in range(9)}
    assert both == {"[joy] Welcome, Ann!", "[joy] 3 of you, Ann!"}


@pytest.mark.parametrize("name", ["", "   ", "[", "\u202e\u200b", "***", "!!!", "\x00"])
def test_a_name_with_nothing_to_say_counts_as_missing(name: str) -> None:
    assert lines().pick(Purpose.FOLLOW, name=name) == "[joy] Hi."


def test_a_language_without_the_purpose_falls_back() -> None:
    assert lines().pick(Purpose.IDLE, "zh") == "[joy] 你好。"
    assert lines().pick(Purpose.GOODBYE, "zh") == lines().pick(Purpose.GOODBYE, "ja") == "[joy] Fine."


@pytest.mark.parametrize(
    ("name", "heard"),
    [
        ("{amount}", "amount"),
        ("{name.__class__}", "name.__class__"),
        ("{0!r:>9999}", "0!r: 9999"),
        ("Bob\n[angry] I hate you", "Bob angry I hate you"),
        ("【怒】小王", "怒 小王"),
        ("<|im_end|>Eve", "im_end Eve"),
        ("\u202eevil\u2066", "evil"),
        ("\\1 \\g<name>", "1 g name"),
        ("Z" + "\u0335" * 200 + "ed", "Z\u0335\u0335ed"),
        ("é" * 500, "é" * MAX_VALUE),
        ("\ud800x", "x"),
    ],
)
def test_a_hostile_name_is_plain_text(name: str, heard: str) -> None:
    assert lines().pick(Purpose.FOLLOW, name=name) == f"[joy] Hi, {heard}."


@given(st.text(max_size=400))
def test_no_name_can_add_a_tag_a_line_or_a_control(name: str) -> None:
    line = lines().pick(Purpose.FOLLOW, name=name, amount=name, count=name)
    assert line.startswith("[joy] Hi")
    assert line.isprintable() or not line.isascii()
    assert not re.search(r"[\[\]【】{}<>*`|\\\r\n\x00-\x1f]", line.removeprefix("[joy]"))
    assert len(line) <= len("[joy] Hi, .") + MAX_VALUE


@given(st.text(max_size=400))
def test_making_sayable_twice_changes_nothing(value: str) -> None:
    assert sayable(sayable(value)) == sayable(value)


# --- what an event offers to its line -------------------------------------------------------------


def test_an_event_offers_what_its_platform_said_and_not_what_the_viewer_wrote() -> None:
    ann = Author("1", "Ann")
    assert event_values(Message("1", "x", ann, "I gave 900 bits", Kind.CHEER)) == {"name": "Ann"}
    bits = Money(300, "BITS")
    cheer = Message("1", "x", ann, "", Kind.CHEER, bits)
    assert event_values(cheer) == {"name": "Ann", "amount": bits, "count": "300"}
    nothing = Message("1", "x", ann, "", Kind.SUPER_CHAT, Money(0, "CNY"))
    assert event_values(nothing) == {"name": "Ann"}
    alone = Message("1", "x", ann, "", Kind.RAID, Money(1, "VIEWERS"))
    assert "count" not in event_values(alone), "lines say it in the plural"


def test_an_amount_is_in_the_language_of_the_line() -> None:
    """A language that lacks the purpose falls back, and the amount must fall back with it."""
    thanks = {
        "en": {**LINES["en"], Purpose.THANKS_SUPER_CHAT: ("[joy] Thanks!", "[joy] {amount}, thank you!")},
        "zh": {Purpose.THANKS_SUPER_CHAT: ("[joy] 谢谢！", "[joy] 谢谢{amount}！")},
        "ja": {Purpose.THANKS_SUPER_CHAT: ("[joy] ありがとう！", "[joy] {amount}、ありがとう！")},
    }
    paid = event_values(Message("1", "x", Author("1", "Ann"), "", Kind.SUPER_CHAT, Money(500, "JPY")))
    chosen = Lines(thanks, "en", random.Random(1))
    said = {language: chosen.pick(Purpose.THANKS_SUPER_CHAT, language, **paid) for language in ("en", "zh", "ja", "ko")}
    assert said["en"] == said["ko"] == "[joy] 500 yen, thank you!"
    assert said["zh"] == "[joy] 谢谢500日元！"
    assert said["ja"] == "[joy] 500円、ありがとう！"
    always_english = Lines(thanks, "en", random.Random(1), follows_viewer=False)
    assert always_english.pick(Purpose.THANKS_SUPER_CHAT, "ja", **paid) == "[joy] 500 yen, thank you!"


@pytest.mark.parametrize(("language", "names"), [("en", "A, B and C"), ("zh", "A、B和C"), ("ja", "A、BとC")])
def test_names_are_listed_as_the_language_lists_them(language: str, names: str) -> None:
    many = {one: {Purpose.FOLLOW: ("[joy] Hi.", "[joy] {name}!")} for one in ("en", "zh", "ja")}
    assert Lines(many, "en").pick(Purpose.FOLLOW, language, name=("A", "B", "C")) == f"[joy] {names}!"


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [("en", "someone", "Ann and someone"), ("zh", "一位观众", "Ann和一位观众"), ("ja", "どなたか", "Annとどなたか")],
)
def test_who_may_not_be_named_is_someone_in_the_language_of_the_line(language: str, one: str, two: str) -> None:
    lines = Lines({each: {Purpose.FOLLOW: ("[joy] Hi.", "[joy] {name}!")} for each in ("en", "zh", "ja")}, "en")
    assert lines.pick(Purpose.FOLLOW, language, name=NOBODY) == f"[joy] {one}!"
    assert lines.pick(Purpose.FOLLOW, language, name=("Ann", NOBODY)) == f"[joy] {two}!"
    assert lines.pick(Purpose.FOLLOW, "ko", name=NOBODY) == "[joy] someone!", "a language without lines of its own"


def test_every_paid_kind_is_acknowledged() -> None:
    assert set(ACKNOWLEDGES) == PAID | {Kind.RAID, Kind.FOLLOW}
    gift = Evidence("SEND_GIFT", Money(2, "BITS"), item="Rose", count=2, months=3)
    assert set(event_values(Message("1", "x", Author("1", "A"), "", Kind.GIFT, evidence=gift))) == PLACEHOLDERS


# --- the loader -----------------------------------------------------------------------------------


def test_how_the_host_answers_is_read(folder: Path) -> None:
    assert load(folder).answer_in is AnswerIn.VIEWER
    spoil(folder / "persona.yaml", "answer_in: viewer", "answer_in: default")
    assert load(folder).answer_in is AnswerIn.DEFAULT


def test_a_host_that_answers_in_its_own_language_says_its_prepared_lines_in_it(folder: Path) -> None:
    spoil(folder / "persona.yaml", "answer_in: viewer", "answer_in: default")
    persona = load(folder)
    for _ in range(5):
        assert persona.lines.pick(Purpose.IDLE, "zh") in persona.lines.script["en"][Purpose.IDLE]


def test_a_purpose_that_nothing_says_any_more_is_left_out_with_a_warning(folder: Path) -> None:
    line = spoil(folder / "lines.yaml", "  idle:", "  held:\n    - no line at all\n  idle:")
    told: list[str] = []
    sink = logger.add(told.append, level="WARNING", format="{message}")
    try:
        persona = load(folder)
    finally:
        logger.remove(sink)
    assert told == [f"{folder / 'lines.yaml'}:{line}: en.held is not used any more; you may delete it\n"]
    assert set(persona.lines.script["en"]) == set(Purpose)


@pytest.mark.parametrize(
    ("file", "change", "key", "words"),
    [
        ("persona.yaml", ("temperature: 0.8", "temperature: hot"), "temperature", "valid number"),
        ("persona.yaml", ("temperature: 0.8", "temperature: .nan"), "temperature", "less than"),
        ("persona.yaml", ("label: AI", "colour: red"), "colour", "Extra inputs"),
        ("persona.yaml", ('  eyes: "#f0b13c"', '  eyes: "amber"'), "look", "'amber' is no colour"),
        ("persona.yaml", ('  eyes: "#f0b13c"', '  wings: "#f0b13c"'), "look", "unknown part 'wings'"),
        ("persona.yaml", ("  style: bob", "  style: ../../x"), "look", "is not one plain word"),
        ("persona.yaml", ("  style: bob", "  clothes: 'coat; x'"), "look", "is not one plain word"),
        ("persona.yaml", ('  shirt: "#f6ecdc"', "  shirt: white"), "look", "'white' is no colour"),
        ("persona.yaml", ("languages: [en, zh]", "languages: [en, fr]"), "languages.1", "'ja'"),
        ("persona.yaml", ("languages: [en, zh]", "languages: [en, no]"), "languages.1", "'ja'"),
        ("persona.yaml", ("    speed: 0.97", "    speed: 9"), "voice.en.speed", "less than"),
        ("persona.yaml", ('    reply: "[neutral]', '    reply: "[smirk]'), "examples.1.reply", "unknown tag [smirk]"),
        ("persona.yaml", ("answer_in: viewer", "answer_in: [viewer]"), "answer_in", "'default'"),
        ("lines.yaml", ('"[sleepy] Is it', '"Is it'), "en.greeting.3", "does not begin with an emotion"),
        ("lines.yaml", ('"[sleepy] Is it', '"[wave] Is it'), "en.greeting.3", "does not begin with an emotion"),
        ("lines.yaml", ('"[sleepy] Is it', '"[hapy] Is it'), "en.greeting.3", "unknown tag [hapy]"),
        ("lines.yaml", ('"[sleepy] Is it', '"[joy] {user} it'), "en.greeting.3", "unknown placeholder {user}"),
        ("lines.yaml", ('"[sleepy] Is it', '"[joy] *Is* it'), "en.greeting.3", "stray '*'"),
        ("lines.yaml", ('"[sleepy] Is it', '"[joy] { it'), "en.greeting.3", "stray '{'"),
        ("lines.yaml", ('"[thinking] Hmm, let me see."', '"[thinking] ..."'), "en.thinking.0", "no words"),
        ("lines.yaml", ("Hmm, let me see.", "m" * 300), "en.thinking.0", "longer than 240"),
        ("lines.yaml", ("  lost_thread:", "  lost_threat:"), "en.lost_threat", "'lost_thread'"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(
    folder: Path, file: str, change: tuple[str, str], key: str, words: str
) -> None:
    line = spoil(folder / file, *change)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    text = str(caught.value)
    assert f"{folder / file}:" in text
    assert f": {key}: " in text
    assert words in text
    if key != "look":  # for the look the line is where it begins
        assert f":{line}: " in text


def test_several_mistakes_are_counted(folder: Path) -> None:
    for tag in ("[joy] Good evening", "[smug] Welcome"):
        spoil(folder / "lines.yaml", tag, "Hello")
    with pytest.raises(ConfigError, match=r"greeting\.1: .*\(and 1 more\)"):
        load(folder)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("label: [AI", "not valid YAML"),
        ("label: AI\nlabel: KI", "label is written twice"),
        ("label: &a AI\nabout2: *a", "aliases"),
        ("label: " + "[" * 100_000, "nested too deeply"),
        ("label: !!python/object/apply:os.system ['true']", "is not allowed"),
        ("label: !!set {AI}", "is not allowed"),
        ("label: !!binary aGk=", "is not allowed"),
        ("? [a]\n: b", "a key must be a word"),
        ('label: "\\ud800"', ":"),
        ("label: \x00", "not valid YAML"),
    ],
)
def test_yaml_that_is_broken_or_hostile_is_refused(folder: Path, new: str, words: str) -> None:
    spoil(folder / "persona.yaml", "label: AI", new)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    assert words in str(caught.value)
    assert str(folder / "persona.yaml") in str(caught.value)


def test_a_date_stays_the_text_it_was_written_as(folder: Path) -> None:
    spoil(folder / "persona.yaml", "name: Mira", "name: 2001-09-11")
    assert load(folder).name == "2001-09-11"


def test_a_purpose_that_is_missing_in_the_first_language_is_named(folder: Path) -> None:
    spoil(folder / "lines.yaml", "  idle:", "  technical2:")
    with pytest.raises(ConfigError, match="technical2"):
        load(folder)
    text = (folder / "lines.yaml").read_text(encoding="utf-8")
    start = text.index("\n  technical2:")
    end = text.index("\n  panic_over:")
    (folder / "lines.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    with pytest.raises(ConfigError, match="en: no lines for idle") as caught:
        load(folder)
    assert caught.value.remedy


def test_a_purpose_whose_lines_all_need_a_value_is_refused(folder: Path) -> None:
    (folder / "lines.yaml").write_text("en:\n  follow:\n    - '[joy] Hi {name}.'\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"en\.follow: at least one variant must do without"):
        load(folder)


def test_a_voice_for_a_language_it_does_not_speak_is_refused(folder: Path) -> None:
    spoil(folder / "persona.yaml", "languages: [en, zh]", "languages: [en]")
    with pytest.raises(ConfigError, match="voice: 'zh' is none of the languages"):
        load(folder)


def test_a_second_language_needs_no_lines(folder: Path) -> None:
    text = (folder / "lines.yaml").read_text(encoding="utf-8")
    (folder / "lines.yaml").write_text(text[: text.index("\nzh:")], encoding="utf-8")
    persona = load(folder)
    assert persona.lines.pick(Purpose.GOODBYE, "zh") in persona.lines.script["en"][Purpose.GOODBYE]


def test_folders_that_are_no_persona(tmp_path: Path, folder: Path) -> None:
    for name in ("none", "Mira", "mi ra", "-mira", "x" * 41):
        with pytest.raises(ConfigError, match=r"no such persona|is no persona's name"):
            load(tmp_path / name)
    (folder / "lines.yaml").unlink()
    with pytest.raises(ConfigError, match=r"lines\.yaml: cannot be read"):
        load(folder)


def test_files_are_read_with_bounds(folder: Path) -> None:
    page = folder / "knowledge" / "more.md"
    page.write_bytes(b"\xef\xbb\xbf# More\r\n")
    assert load(folder).knowledge[1].text == "# More"
    page.write_bytes(b"# \xff")
    with pytest.raises(ConfigError, match="not UTF-8 at byte 2"):
        load(folder)
    page.write_bytes(b"x" * 40_000)
    with pytest.raises(ConfigError, match="larger than 32 kB"):
        load(folder)
    page.unlink()
    for number in range(MAX_PAGES):
        (folder / "knowledge" / f"{number}.md").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigError, match="more than 64 pages"):
        load(folder)
    (folder / "lines.yaml").write_bytes(b"#" * (LIMITS.size + 1))
    with pytest.raises(ConfigError, match="larger than 256 kB"):
        load(folder)


def test_a_persona_without_knowledge_is_one(folder: Path) -> None:
    shutil.rmtree(folder / "knowledge")
    assert load(folder).knowledge == ()


def test_discover_lists_the_broken_ones_too(tmp_path: Path, folder: Path) -> None:
    shutil.copytree(folder, tmp_path / "nora")
    spoil(tmp_path / "nora" / "persona.yaml", "temperature: 0.8", "temperature: hot")
    (tmp_path / "notes").mkdir()
    mira, nora = discover(tmp_path)
    assert (mira.id, mira.name, mira.languages, mira.problem) == ("mira", "Mira", ("en", "zh"), "")
    assert (nora.id, nora.name) == ("nora", "nora")
    assert "temperature" in nora.problem
    assert discover(tmp_path / "notes") == []
    assert [summary.id for summary in discover(ROOT)] == OURS


def test_no_greeting_comes_twice_in_a_row_over_a_restart() -> None:
    lines = Lines(
        {"en": {Purpose.GREETING: ["[joy] [wave] Good evening, ships.", "[joy] Hello, you.", "[sleepy] Is it late?"]}},
        "en",
    )
    for _ in range(20):
        lines.remember(["Something else.", "Hello, you.", "Good evening, ships. Last time we spoke of tea."])
        assert lines.pick(Purpose.GREETING, "en") == "[sleepy] Is it late?"
        lines.remember(["Good evening, sh", "Is it late?"])  # the first was cut off
        assert lines.pick(Purpose.GREETING, "en") == "[joy] Hello, you."


def test_clips_and_names_are_read(folder: Path) -> None:
    file = folder / "persona.yaml"
    more = (
        "clips:\n  neutral: {file: voice/calm.wav, text: 你好。, language: zh}\n"
        "pronunciations:\n  Siobhan: shiv-AWN\n  Mira: {zh: 米拉, ja: ミラ}\n"
    )
    file.write_text(file.read_text("utf-8") + more, "utf-8")
    persona = load(folder)
    assert persona.clips[Emotion.NEUTRAL].file == "voice/calm.wav"
    assert persona.pronunciations == {"Siobhan": "shiv-AWN", "Mira": {"zh": "米拉", "ja": "ミラ"}}


@pytest.mark.parametrize(
    "more",
    [
        "clips: {neutral: {file: ../../secret.wav}}",
        "clips: {neutral: {file: /etc/passwd}}",
        "clips: {neutral: {file: 'a\\b.wav'}}",
        "clips: {furious: {file: a.wav}}",
        "pronunciations: {云: x}",
        "pronunciations: {Mira: '<break/>'}",
        "pronunciations: {Mira: {fr: x}}",
        "pronunciations: {Mira: {}}",
    ],
)
def test_a_persona_of_a_stranger_leads_nowhere_and_says_no_markup(more: str, folder: Path) -> None:
    file = folder / "persona.yaml"
    file.write_text(f"{file.read_text('utf-8')}\n{more}\n", "utf-8")
    with pytest.raises(ConfigError):
        load(folder)
