"""The built-in answers of commands in the host's languages: with numbers and the owner's words, never a viewer's."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Say(StrEnum):
    """What a command answers."""

    COMMANDS = "commands"
    WAITING = "waiting"
    NOBODY_WAITS = "nobody_waits"
    NEXT = "next"
    NOTHING_PLANNED = "nothing_planned"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOTHING_SAID = "nothing_said"
    STOPPED = "stopped"
    STOPPED_ELSEWHERE = "stopped_elsewhere"
    RESUMED = "resumed"
    NOT_STOPPED = "not_stopped"
    NO_PROGRAMME = "no_programme"
    NO_DIRECTOR = "no_director"
    NO_SEGMENT = "no_segment"
    NO_SCENE = "no_scene"
    NAME_IT = "name_it"
    # What is remembered of a viewer.
    KEPT = "kept"
    NOT_KEPT = "not_kept"
    KNOWN = "known"
    NOTHING_KNOWN = "nothing_known"
    NOT_REMEMBERED = "not_remembered"
    LINK_THERE = "link_there"
    LINK_HERE = "link_here"
    LINKED = "linked"
    NO_LINK = "no_link"
    # Why a line was or was not yet answered.
    NO_LINE = "no_line"
    ANSWERED = "answered"
    ON_AIR = "on_air"
    WAITS_BEHIND = "waits_behind"
    WAITS_LOT = "waits_lot"
    WAITS_SOON = "waits_soon"
    WAITS_PAUSED = "waits_paused"
    WAITS_THANKS = "waits_thanks"
    SAME = "same"
    LATE = "late"
    TOO_FAST = "too_fast"
    FULL = "full"
    NEWER = "newer"
    CROWD = "crowd"
    NOT_ADDRESSED = "not_addressed"
    NO_CHAT = "no_chat"
    FOR_A_BOT = "for_a_bot"
    EMPTY = "empty"
    READ = "read"
    UNHEARD = "unheard"
    PASSED_OVER = "passed_over"
    MISHAP = "mishap"
    NOT_TAKEN = "not_taken"


#: Each fits into the 80 characters that a chat of Bilibili takes.
WORDS: Mapping[str, Mapping[Say, str]] = MappingProxyType(
    {
        "en": {
            Say.COMMANDS: "Commands: {names}",
            Say.WAITING: "Lines that wait: {count}.",
            Say.NOBODY_WAITS: "Nothing waits: ask away!",
            Say.NEXT: "Next: {what}",
            Say.NOTHING_PLANNED: "Nothing is planned next.",
            Say.DONE: "Done.",
            Say.FAILED: "That did not work; the log says why.",
            Say.SKIPPED: "Skipped.",
            Say.NOTHING_SAID: "Nothing is being said just now.",
            Say.STOPPED: "The host is silent until {usage}, or until the control room arms it again.",
            Say.STOPPED_ELSEWHERE: "It was not stopped from here: the control room alone can arm it again.",
            Say.RESUMED: "The host may speak again.",
            Say.NOT_STOPPED: "The host was not stopped.",
            Say.NO_PROGRAMME: "There is no programme.",
            Say.NO_DIRECTOR: "No scenes are set up.",
            Say.NO_SEGMENT: "There is no segment of that name.",
            Say.NO_SCENE: "There is no scene of that name.",
            Say.NAME_IT: "Name it: {usage} NAME",
            Say.KEPT: "I will remember that.",
            Say.NOT_KEPT: "That is nothing that I keep.",
            Say.KNOWN: "I know of you: {facts}",
            Say.NOTHING_KNOWN: "I remember you, and know nothing of you yet.",
            Say.NOT_REMEMBERED: "I keep nothing of you. {usage} lets me remember.",
            Say.LINK_THERE: "With your other account write {usage} {code} within 5 minutes.",
            Say.LINK_HERE: "Now write {usage} {code} with the account that began.",
            Say.LINKED: "Your accounts are one person to me now.",
            Say.NO_LINK: "I do not know that code. {usage} begins.",
            Say.NO_LINE: "I know of no line of yours yet.",
            Say.ANSWERED: "Your last line was answered.",
            Say.ON_AIR: "Your last line is being answered right now.",
            Say.WAITS_BEHIND: "Your line waits; before you: {before} whose turn comes first.",
            Say.WAITS_LOT: "Your line waits; the lot decides among {rivals} viewers.",
            Say.WAITS_SOON: "Your line waits and is among the next.",
            Say.WAITS_PAUSED: "Your line waits; no chat is taken up just now.",
            Say.WAITS_THANKS: "Your thanks are on their way.",
            Say.SAME: "Somebody asked the same: one answer is for all of you.",
            Say.LATE: "Too much came before it, and it grew too old. Ask again!",
            Say.TOO_FAST: "You had written too many lines at once.",
            Say.FULL: "Too many lines were waiting. Ask again!",
            Say.NEWER: "A newer line of yours took its place.",
            Say.CROWD: "Chat was faster than it can be read. Ask again!",
            Say.NOT_ADDRESSED: "Only lines that name the host are answered: write {host}.",
            Say.NO_CHAT: "No chat is answered just now.",
            Say.FOR_A_BOT: "It looked like a command for another bot.",
            Say.EMPTY: "There was nothing to read in it.",
            Say.READ: "It was read for the game or the vote that is on, and is not answered.",
            Say.UNHEARD: "The answer could not be heard just then. Ask again!",
            Say.PASSED_OVER: "It was passed over by a person.",
            Say.MISHAP: "Something went wrong on our side. Ask again!",
            Say.NOT_TAKEN: "That line was not taken up.",
        },
        "zh": {
            Say.COMMANDS: "指令：{names}",
            Say.WAITING: "正在排队的弹幕：{count} 条。",
            Say.NOBODY_WAITS: "现在没有人排队，快来提问吧！",
            Say.NEXT: "接下来：{what}",
            Say.NOTHING_PLANNED: "接下来没有安排。",
            Say.DONE: "好了。",
            Say.FAILED: "没有成功，原因见日志。",
            Say.SKIPPED: "已跳过。",
            Say.NOTHING_SAID: "现在没有在说话。",
            Say.STOPPED: "已静音，发 {usage} 或在控制台恢复。",
            Say.STOPPED_ELSEWHERE: "不是在这里停止的，只能在控制台重新启用。",
            Say.RESUMED: "主播可以继续说话了。",
            Say.NOT_STOPPED: "主播没有被停止。",
            Say.NO_PROGRAMME: "没有节目单。",
            Say.NO_DIRECTOR: "没有设置场景。",
            Say.NO_SEGMENT: "没有这个环节。",
            Say.NO_SCENE: "没有这个场景。",
            Say.NAME_IT: "请写上名字：{usage} 名字",
            Say.KEPT: "我记住了。",
            Say.NOT_KEPT: "这个我不会记下来。",
            Say.KNOWN: "我知道的是：{facts}",
            Say.NOTHING_KNOWN: "我记得你，不过还什么都不知道。",
            Say.NOT_REMEMBERED: "我没有记录你的任何事，发 {usage} 就会记住你。",
            Say.LINK_THERE: "请在五分钟内用另一个账号发 {usage} {code}。",
            Say.LINK_HERE: "现在请用最开始的账号发 {usage} {code}。",
            Say.LINKED: "你的两个账号现在是同一个人了。",
            Say.NO_LINK: "不认识这个代码，先发 {usage} 开始。",
            Say.NO_LINE: "还没有看到你的弹幕。",
            Say.ANSWERED: "你的上一条已经回答了。",
            Say.ON_AIR: "正在回答你的上一条。",
            Say.WAITS_BEHIND: "你的弹幕在排队，前面还有 {before} 人。",
            Say.WAITS_LOT: "你的弹幕在排队，将从 {rivals} 人中抽签。",
            Say.WAITS_SOON: "你的弹幕在排队，很快就到。",
            Say.WAITS_PAUSED: "你的弹幕在排队，现在暂时不回答弹幕。",
            Say.WAITS_THANKS: "感谢马上就来。",
            Say.SAME: "有人问了一样的，一起回答。",
            Say.LATE: "前面太多，等得太久过期了，再问一次吧！",
            Say.TOO_FAST: "你一下子发得太多了。",
            Say.FULL: "排队的太多了，再问一次吧！",
            Say.NEWER: "被你更新的一条代替了。",
            Say.CROWD: "弹幕太快，来不及看，再问一次吧！",
            Say.NOT_ADDRESSED: "只回答叫到名字的弹幕：请写上{host}。",
            Say.NO_CHAT: "现在不回答弹幕。",
            Say.FOR_A_BOT: "看起来是给别的机器人的指令。",
            Say.EMPTY: "里面没有可以读的内容。",
            Say.READ: "已计入现在的投票或游戏，不另外回答。",
            Say.UNHEARD: "当时回答没能播出来，再问一次吧！",
            Say.PASSED_OVER: "被人工跳过了。",
            Say.MISHAP: "我们这边出了点问题，再问一次吧！",
            Say.NOT_TAKEN: "那条没有被采用。",
        },
        "ja": {
            Say.COMMANDS: "コマンド：{names}",
            Say.WAITING: "待っているコメント：{count}件。",
            Say.NOBODY_WAITS: "今は誰も待っていません。質問をどうぞ！",
            Say.NEXT: "次は：{what}",
            Say.NOTHING_PLANNED: "次の予定はありません。",
            Say.DONE: "できました。",
            Say.FAILED: "うまくいきませんでした。ログを見てください。",
            Say.SKIPPED: "スキップしました。",
            Say.NOTHING_SAID: "今は何も話していません。",
            Say.STOPPED: "話しません。{usage} か操作画面で解除できます。",
            Say.STOPPED_ELSEWHERE: "ここで止めたのではありません。解除は操作画面だけでできます。",
            Say.RESUMED: "また話せるようになりました。",
            Say.NOT_STOPPED: "止まっていません。",
            Say.NO_PROGRAMME: "番組表がありません。",
            Say.NO_DIRECTOR: "シーンの設定がありません。",
            Say.NO_SEGMENT: "その名前のコーナーはありません。",
            Say.NO_SCENE: "その名前のシーンはありません。",
            Say.NAME_IT: "名前を書いてください：{usage} 名前",
            Say.KEPT: "覚えました。",
            Say.NOT_KEPT: "それは記録しません。",
            Say.KNOWN: "知っていること：{facts}",
            Say.NOTHING_KNOWN: "覚えていますが、まだ何も知りません。",
            Say.NOT_REMEMBERED: "何も記録していません。{usage} で覚えます。",
            Say.LINK_THERE: "別のアカウントから5分以内に {usage} {code} と書いてください。",
            Say.LINK_HERE: "最初のアカウントから {usage} {code} と書いてください。",
            Say.LINKED: "二つのアカウントを同じ人として覚えました。",
            Say.NO_LINK: "そのコードは知りません。まず {usage} と書いてください。",
            Say.NO_LINE: "まだあなたのコメントがありません。",
            Say.ANSWERED: "前のコメントには答えました。",
            Say.ON_AIR: "今ちょうど答えています。",
            Say.WAITS_BEHIND: "順番待ちです。先に{before}人います。",
            Say.WAITS_LOT: "順番待ちです。{rivals}人の中から抽選します。",
            Say.WAITS_SOON: "順番待ちです。もうすぐです。",
            Say.WAITS_PAUSED: "順番待ちです。今はコメントに答えていません。",
            Say.WAITS_THANKS: "お礼はもうすぐです。",
            Say.SAME: "同じ質問があったので、まとめて答えます。",
            Say.LATE: "混んでいて時間切れになりました。もう一度どうぞ！",
            Say.TOO_FAST: "一度にたくさん書きすぎました。",
            Say.FULL: "待っている人が多すぎました。もう一度どうぞ！",
            Say.NEWER: "新しいコメントが代わりに入りました。",
            Say.CROWD: "コメントが速すぎて読めませんでした。もう一度どうぞ！",
            Say.NOT_ADDRESSED: "名前を呼んだコメントだけに答えます：{host}",
            Say.NO_CHAT: "今はコメントに答えていません。",
            Say.FOR_A_BOT: "ほかのボットへのコマンドのようでした。",
            Say.EMPTY: "読めるものがありませんでした。",
            Say.READ: "今の投票やゲームに数えました。返事はしません。",
            Say.UNHEARD: "その時は声が届きませんでした。もう一度どうぞ！",
            Say.PASSED_OVER: "人の手で飛ばされました。",
            Say.MISHAP: "こちらで問題が起きました。もう一度どうぞ！",
            Say.NOT_TAKEN: "そのコメントは取り上げませんでした。",
        },
    }
)


def word(say: Say, /, language: str, **values: object) -> str:
    """Return an answer in a language, English where there is none."""
    return WORDS.get(language, WORDS["en"])[say].format(**values)
