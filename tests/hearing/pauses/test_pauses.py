"""What a pause means: by its length, by a judge, by the last words, by the streamer's own habits."""

from __future__ import annotations

import pytest

from bot.hearing.pauses.decision import Meaning, Pause, meaning
from bot.hearing.pauses.patience import ENOUGH, Patience
from bot.hearing.pauses.unfinished import LastWords, is_unfinished

FINISHED = """
I like this game.|Yes I do.|Who is that?|What is it for?|I think so.|Thank you.|Stop|Hold on.|No.
It's a boat, isn't it?|That's what I was talking about.|I gave it to her.|He won!|I am.
Yes, she was.|Well, I never.|Play the next song|No
今天我们玩一个新的游戏。|你觉得这个关卡难不难？|对|是的|好的|谢谢你们|嗯|我知道了|他说的是真的|在吗|就这样吧
そうです。|今日は楽しかったです。|面白いね|はい|いいですか？|ありがとうございます。|そうなんですが。|それだから。
""".replace("\n", "|").split("|")

UNFINISHED = """
I like this game because|I was going to the|So I went and|Yesterday I played with my|well um|I think that uh.|It's
the thing is|I want to|What I mean is that if|and then he|I would rather have a|you know|Let me think...
So,|But—|I went to|我觉得这个游戏的话|然后|我今天去了那个|因为|今天我们玩一个|昨天我跟|如果|还有|我觉得|他是|这个游戏，
昨日友達と|ゲームを|それから、|えっと|私は|面白いけど|食べたら|これが
""".replace("\n", "|").split("|")


@pytest.mark.parametrize("text", [text for text in FINISHED if text])
def test_a_finished_sentence_is_not_taken_for_unfinished(text: str) -> None:
    assert not is_unfinished(text)


@pytest.mark.parametrize("text", [text for text in UNFINISHED if text])
def test_the_last_words_want_more(text: str) -> None:
    assert is_unfinished(text)


@pytest.mark.parametrize("text", ["", "   ", "...", "…", "1234", "!?", "。。。", "\U0001f600", "é"])
def test_odd_texts_are_judged_without_a_fault(text: str) -> None:
    assert is_unfinished(text) in (True, False)


def test_a_missing_full_stop_counts_where_the_recogniser_sets_them() -> None:
    last_words = LastWords()
    assert last_words.want_more("Your temporary greeting")
    assert not last_words.want_more("Your temporary greeting has been removed.")
    assert not last_words.want_more('He said "no."')
    assert last_words.want_more("今天我们玩游戏")
    for text in ("no stops", "are set", "by this one"):
        last_words.note(text)
    assert not last_words.want_more("Your temporary greeting")
    assert last_words.want_more("Your temporary greeting and")


def test_the_first_look_counts_for_a_quick_answer_and_a_later_one_for_a_slower() -> None:
    def found(silence_s: float, first: float, latest: float) -> Meaning:
        return meaning(Pause(silence_s, first, latest, unfinished=False), think_s=0.2, patience_s=1.2)

    assert found(0.6, 0.9, 0.1) is Meaning.COMMIT
    assert found(0.6, 0.1, 0.9) is Meaning.THINK
    assert found(0.8, 0.1, 0.9) is Meaning.COMMIT
    assert found(0.8, 0.1, 0.4) is Meaning.WAIT


def decide(silence_s: float, probability: float | None, *, unfinished: bool | None = False) -> Meaning:
    return meaning(Pause(silence_s, probability, probability, unfinished), think_s=0.2, patience_s=1.2)


def test_a_pause_means_more_the_longer_it_is() -> None:
    meanings = [decide(0.05 * step, 0.9) for step in range(40)]
    assert meanings == sorted(meanings)
    assert set(meanings) == set(Meaning)


def test_patience_decides_whatever_anybody_says() -> None:
    for probability in (None, 0.0, 1.0):
        for unfinished in (None, True, False):
            assert decide(1.2, probability, unfinished=unfinished) is Meaning.COMMIT
            if unfinished or probability is None:
                assert decide(1.19, probability, unfinished=unfinished) is Meaning.WAIT


def test_nothing_is_answered_before_its_words_are_known() -> None:
    assert decide(0.8, 1.0, unfinished=None) is Meaning.THINK


def test_patience_keeps_to_the_setting_until_there_is_enough_to_learn_from() -> None:
    patience = Patience(1.2, learns=True)
    for _ in range(ENOUGH - 1):
        patience.went_on(0.4)
    assert patience.seconds == 1.2
    patience.went_on(0.4)
    assert patience.seconds < 1.2


def test_patience_goes_down_for_the_quick_and_up_for_the_thoughtful_within_its_bounds() -> None:
    quick, slow = Patience(1.2, learns=True), Patience(1.2, learns=True)
    for _ in range(500):
        quick.went_on(0.21)
        slow.went_on(1.75)
    assert quick.seconds == pytest.approx(0.6)
    assert slow.seconds == pytest.approx(1.8)


def test_one_telephone_call_changes_nothing() -> None:
    patience = Patience(1.2, learns=True)
    for _ in range(40):
        patience.went_on(0.4)
    before = patience.seconds
    for odd in (1.7, 600.0, 0.0, -5.0, float("inf"), float("nan")):
        patience.went_on(odd)
    assert patience.seconds == pytest.approx(before)


def test_patience_that_does_not_learn_stays() -> None:
    patience = Patience(0.7, learns=False)
    for _ in range(100):
        patience.went_on(0.3)
    assert patience.seconds == patience.longest_s == 0.7


def test_what_was_learnt_is_forgotten_in_time() -> None:
    patience = Patience(1.2, learns=True)
    for _ in range(60):
        patience.went_on(1.7)
    slow = patience.seconds
    for _ in range(60):
        patience.went_on(0.3)
    assert patience.seconds < slow / 1.5
