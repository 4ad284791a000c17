"""Folders of Live2D models: what is read, what is missing, what is hostile, and what is guessed from names."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.stage.models.library import Card, ModelKind, ModelLibrary
from bot.stage.models.live2d import MAIN, read_model, write_main
from bot.stage.models.live2d_files import Cubism
from bot.stage.models.live2d_mapping import mapping_of, unassigned
from bot.stage.models.live2d_names import emotions_of, gestures_of, idle_of
from bot.types import Emotion, Gesture
from tests.support.live2d import make_model, moc, png


def test_a_model_is_read_and_kept_under_plain_names(tmp_path: Path) -> None:
    model = read_model(make_model(tmp_path / "mei"))
    assert (model.title, model.cubism, model.textures) == ("Mei", Cubism.C4, ((2048, 2048),))
    assert model.expressions == ("笑顔", "Angry")
    assert model.motions == {"Idle/0": "idle", "TapBody/0": "mtn_01", "TapBody/1": "wave_hand"}
    assert model.display == {"ParamAngleX": "角度 X"}
    assert (model.missing, model.warnings, model.hit_areas) == ((), (), ("Head",))
    kept = ModelLibrary(tmp_path / "data")
    card = Card(kind=ModelKind.LIVE2D, file=MAIN, mapping=mapping_of(model))
    kept.add("mei", card, {MAIN: write_main(model, tmp_path), **model.copies})
    main = json.loads((kept.folder / "mei" / MAIN).read_text("utf-8"))["FileReferences"]
    assert main["Textures"] == ["texture_0.png"]
    assert main["Motions"]["TapBody"][1] == {"File": "motions/2.motion3.json", "FadeInTime": 0.2}
    again = read_model(kept.folder / "mei")  # what is kept is a model itself
    assert (again.expressions, again.motions.keys()) == (model.expressions, model.motions.keys())
    assert kept.card("mei").mapping["emotions"] == {"joy": "笑顔", "angry": "Angry"}


def test_the_mapping_names_mouth_emotions_and_gestures(tmp_path: Path) -> None:
    model = read_model(make_model(tmp_path, parameters=("ParamAngleX", "ParamMouthOpenY", "ParamMouthForm", "PartArm")))
    mapping = mapping_of(model)
    # This one lists the form of the mouth beside its opening.
    assert mapping["parameters"]["ParamMouthOpenY"] == "ParamMouthOpenY"
    assert mapping["gestures"] == {"wave": "TapBody/1"}
    assert mapping["motions"] == {"idle": "Idle"}
    assert "PartArm" not in model.parameters
    emotions, gestures = unassigned(mapping)
    assert "joy" not in emotions
    assert "sad" in emotions
    assert gestures == [one.value for one in Gesture if one is not Gesture.WAVE]


def test_a_mouth_of_five_vowels_and_one_of_a_single_parameter(tmp_path: Path) -> None:
    five = mapping_of(read_model(make_model(tmp_path / "a", parameters=tuple(f"Param{v}" for v in "AIUEO"))))
    assert five["vowels"] == {"A": "ParamA", "I": "ParamI", "U": "ParamU", "E": "ParamE", "O": "ParamO"}
    folder = make_model(tmp_path / "b", parameters=("ParamA", "PARAM_EYE_L_OPEN"))
    main = json.loads((folder / "Mei.model3.json").read_text("utf-8"))
    main["Groups"] = [{"Target": "Parameter", "Name": "LipSync", "Ids": ["ParamA"]}]
    (folder / "Mei.model3.json").write_text(json.dumps(main))
    one = mapping_of(read_model(folder))
    assert "vowels" not in one
    assert one["parameters"] == {"ParamMouthOpenY": "ParamA", "ParamEyeLOpen": "PARAM_EYE_L_OPEN"}


@pytest.mark.parametrize(
    ("name", "emotion"),
    [
        ("Smile", "joy"), ("bigSmile", "laugh"), ("大笑", "laugh"), ("开心", "joy"), ("怒り", "angry"),
        ("angry_01", "angry"),
        ("びっくり", "surprise"), ("害羞", "shy"), ("Blushing", "shy"), ("涙", "sad"), ("坏笑", "smug"),
        ("困", "sleepy"), ("照れ笑い", "shy"), ("困惑", "confused"),
        ("Normal", "neutral"), ("exp_03", None), ("unhappyfish", None), ("nomad", None),
    ],
)  # fmt: skip
def test_emotions_by_name(name: str, emotion: str | None) -> None:
    found = emotions_of([name])
    assert found == ({} if emotion is None else {emotion: name})


def test_no_expression_stands_for_two_emotions_and_every_word_for_an_emotion_of_ours() -> None:
    found = emotions_of(["happy laugh", "happy", "Sad", "Sad2"])
    assert found == {"laugh": "happy laugh", "joy": "happy", "sad": "Sad"}
    assert set(found) <= {one.value for one in Emotion}


def test_gestures_by_the_group_or_the_file() -> None:
    found = gestures_of({"Idle/0": "wave", "TapBody/0": "手を振る", "Nod/0": "m01", "x/3": "no_way", "y/0": "snowbow"})
    assert found == {"wave": "TapBody/0", "nod": "Nod/0", "shake": "x/3"}
    assert set(found) <= {one.value for one in Gesture}
    assert idle_of(["TapBody", "idle_main"]) == "idle_main"
    assert not idle_of(["Bridle"])


@pytest.mark.parametrize(
    "over",
    [
        {"Moc": "../Mei.moc3"},
        {"Moc": "/etc/passwd"},
        {"Moc": "C:\\Windows\\win.ini"},
        {"Textures": ["..\\..\\a.png"]},
        {"Expressions": [{"Name": "joy", "File": "e/../../x.exp3.json"}]},
        {"Motions": {"Idle": [{"File": "\0"}]}},
        {"Physics": "./Mei.physics3.json"},
    ],
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, over: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="outside its folder"):
        read_model(make_model(tmp_path / "mei", **over))


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    folder = make_model(tmp_path / "mei")
    (folder / "e/angry.exp3.json").unlink()
    (folder / "e/angry.exp3.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(ConfigError, match="link"):
        read_model(folder)
    other = make_model(tmp_path / "other")
    (other / "Mei.2048/texture_00.png").unlink()
    (other / "Mei.2048").rmdir()
    (other / "Mei.2048").symlink_to(folder / "Mei.2048")
    with pytest.raises(ConfigError, match="link"):
        read_model(other)


def test_what_a_model_can_live_without_is_listed(tmp_path: Path) -> None:
    folder = make_model(tmp_path)
    (folder / "e/angry.exp3.json").unlink()
    (folder / "Mei.physics3.json").write_text("[" * 100_000)
    (folder / "m/mtn_01.motion3.json").write_text("[]")
    model = read_model(folder)
    assert model.missing == ("e/angry.exp3.json",)
    assert len(model.warnings) == 2
    assert model.expressions == ("笑顔",)
    assert model.motions == {"Idle/0": "idle", "TapBody/0": "wave_hand"}
    assert "Physics" not in model.main["FileReferences"]


@pytest.mark.parametrize("gone", ["Mei.moc3", "Mei.2048/texture_00.png", "Mei.model3.json"])
def test_what_it_cannot_live_without_is_refused(tmp_path: Path, gone: str) -> None:
    folder = make_model(tmp_path)
    (folder / gone).unlink()
    with pytest.raises(ConfigError) as raised:
        read_model(folder)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no moc3"),
        (b"MOC3\x03", "no moc3"),
        (b"moc\0" * 20, "no moc3"),
        (moc(version=9), "version 9 is not known"),
    ],
)
def test_a_moc3_file_that_is_none(tmp_path: Path, data: bytes, says: str) -> None:
    folder = make_model(tmp_path)
    (folder / "Mei.moc3").write_bytes(data)
    with pytest.raises(ConfigError, match=says):
        read_model(folder)


@pytest.mark.parametrize(
    ("version", "cubism", "core"), [(1, "3.0", "4.2"), (4, "4.2", "4.2"), (5, "5.0", "5.0"), (6, "5.3", "6.0")]
)
def test_the_version_of_cubism_and_the_core_it_needs(tmp_path: Path, version: int, cubism: str, core: str) -> None:
    folder = make_model(tmp_path)
    (folder / "Mei.moc3").write_bytes(moc("ParamAngleX", version=version))
    found = read_model(folder).cubism
    assert (found.value, found.core) == (cubism, core)


def test_large_textures_are_warned_of_or_refused_by_their_head(tmp_path: Path) -> None:
    folder = make_model(tmp_path)
    texture = folder / "Mei.2048/texture_00.png"
    texture.write_bytes(png(8192, 4096))
    assert "8192 × 4096" in read_model(folder).warnings[0]
    for size in ((8193, 16), (0, 16), (2**31, 2**31)):
        texture.write_bytes(png(*size))
        with pytest.raises(ConfigError, match="at most 8192"):
            read_model(folder)
    texture.write_bytes(b"GIF89a" + bytes(100))
    with pytest.raises(ConfigError, match="no PNG"):
        read_model(folder)
    many = make_model(tmp_path / "many", Textures=["Mei.2048/texture_00.png"] * 2)
    (many / "Mei.2048/texture_00.png").write_bytes(png(8192, 8192))
    with pytest.raises(ConfigError, match="million pixels"):
        read_model(many)


def test_more_than_can_be_shown_is_cut_and_told(tmp_path: Path) -> None:
    motions = {"Tap": [{"File": "m/idle.motion3.json"}] * 400}
    model = read_model(make_model(tmp_path, Motions=motions))
    assert len(model.motions) == 250
    assert "400 movements" in model.warnings[0]
    with pytest.raises(ConfigError, match="textures"):
        read_model(make_model(tmp_path / "b", Textures=["a.png"] * 33))


@pytest.mark.parametrize("text", ["[]", "{}", '{"FileReferences": 3}', "{", "\ufeff{}", "null"])
def test_a_main_file_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "Mei.model3.json").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as raised:
        read_model(tmp_path)
    assert raised.value.remedy


def test_which_model_is_meant(tmp_path: Path) -> None:
    make_model(tmp_path / "around" / "mei")
    assert read_model(tmp_path / "around").title == "Mei"  # the folder around it was named
    (tmp_path / "around" / "mei" / "Two.model3.json").write_text("{}")
    with pytest.raises(ConfigError, match="several models"):
        read_model(tmp_path / "around" / "mei")
    assert read_model(tmp_path / "around" / "mei" / "Mei.model3.json").title == "Mei"
    old = tmp_path / "old"
    old.mkdir()
    (old / "haru.model.json").write_text("{}")
    with pytest.raises(ConfigError, match="Cubism 2"):
        read_model(old)


def test_whatever_stands_in_its_place_raises_nothing_else(tmp_path: Path) -> None:
    wrong = [None, 3, "x", [], {}, [[]], {"a": 1}, True, 1e400]
    for key in ("Textures", "Expressions", "Motions", "Physics", "Pose", "DisplayInfo", "Moc"):
        for n, value in enumerate(wrong):
            folder = make_model(tmp_path / f"{key}{n}", **{key: value})
            with contextlib.suppress(ConfigError):
                assert mapping_of(read_model(folder)) is not None
