"""Recognise acting in the words of models: expressions, movements, stage directions."""

from __future__ import annotations

import re
from typing import Final

from bot.types import Emotion, Gesture

_SYNONYMS: dict[Emotion | Gesture, str] = {
    Emotion.NEUTRAL: "neutral calm normal serious default 平静 普通 正常 真顔",
    Emotion.JOY: (
        "joy happy happily happiness joyful smile smiling smiley cheerful cheerfully excited excitedly excitement "
        "glad "
        "delighted warmly 开心 高兴 微笑 兴奋 喜悦 快乐 嬉しい 喜び 笑顔 鼓掌 拍手 にっこり "
        "ニコニコ"
    ),
    Emotion.LAUGH: (
        "laugh laughing laughter giggling chuckling amused lol haha grinning 笑 大笑 哈哈 偷笑 爆笑 笑い 苦笑 笑って"
    ),
    Emotion.SMUG: (
        "smug smugly smirking teasing teasingly playful playfully mischievous proud 得意 坏笑 调皮 ドヤ にやり"
    ),
    Emotion.SURPRISE: (
        "surprise surprised surprising shock shocked amazed astonished startled wow 惊讶 吃惊 震惊 惊喜 驚き びっくり"
    ),
    Emotion.SHY: "shy shyly blushing embarrassed flustered bashful 害羞 脸红 不好意思 照れ 恥ずかしい 赤面",
    Emotion.SAD: (
        "sad sadly sadness crying sobbing unhappy disappointed 难过 伤心 悲伤 "
        "哭 叹气 委屈 悲しい 涙 叹了口气 抽泣 流泪 ため息 泣"
    ),
    Emotion.ANGRY: "angry angrily anger annoyed mad furious 生气 愤怒 怒り 怒",
    Emotion.SLEEPY: "sleepy sleepily tired yawning drowsy exhausted 困 困倦 疲惫 打哈欠 眠い あくび 伸懒腰",
    Emotion.THINKING: ("thinking thoughtful thoughtfully pondering curious hmm 思考 思考中 考え中 沉思 好奇 想了想"),
    Emotion.LOVE: "love loving lovingly affection affectionate adoring smitten 爱心 喜爱 爱意 宠溺 愛 大好き うっとり",
    Emotion.WORRIED: "worried worriedly anxious anxiously nervous concerned afraid 担心 担忧 紧张 不安 害怕 心配 焦り",
    Emotion.POUT: "pout pouting pouty sulking sulky grumpy grumpily huffy 气鼓鼓 嘟嘴 噘嘴 鼓起脸 拗ね ぷんぷん 頬を膨",
    Emotion.CONFUSED: (
        "confused confusedly puzzled baffled perplexed bewildered 疑惑 困惑 歪头 歪着头 懵 首をかしげ 首を傾げ 困惑して"
    ),
    Gesture.WAVE: "wave waving hello 挥手 招手 挥挥手 挥了挥手 招了招手 手を振る 手を振",
    Gesture.NOD: "nod nodding 点头 点点头 点了点头 頷く うなずく 頷 うなず",
    Gesture.SHAKE: "shake 摇头 摇摇头 摇了摇头 首を振る 首を振",
    Gesture.WINK: "wink winking 眨眼 眨眨眼 眨了眨眼 眨巴 ウインク",
    Gesture.BOW: "bow bowing 鞠躬 鞠了一躬 行礼 お辞儀 ぺこり 頭を下げ",
    Gesture.BOUNCE: "bounce bouncing jump jumping dance dancing 蹦跳 跳跃 跳舞 转圈 ジャンプ 踊",
    Gesture.POINT: "point pointing 指着 指向 指差 指を差",
    Gesture.THINK: "think 托腮 托着下巴 頬杖",
    Gesture.CHEER: "cheer cheering hooray yay 欢呼 举起双手 握拳 万歳 ばんざい ガッツポーズ",
    Gesture.HEART: "heart 比心 比了个心 ハート",
    Gesture.FACEPALM: "facepalm facepalming 扶额 捂脸 頭を抱え",
    Gesture.SHRUG: "shrug shrugging 耸肩 摊手 肩をすく",
    Gesture.TEA: "sip sipping tea 喝茶 抿茶 お茶を飲",
}

#: Verbs in the third person: they name an act wherever they stand, even in round brackets.
_VERBS: dict[Emotion | Gesture, str] = {
    Emotion.JOY: "smiles beams grins claps hugs",
    Emotion.LAUGH: "laughs giggles chuckles snickers cackles snorts",
    Emotion.SMUG: "smirks teases",
    Emotion.SURPRISE: "gasps blinks",
    Emotion.SHY: "blushes fidgets",
    Emotion.SAD: "sigh sighs cries sobs sniffles frowns",
    Emotion.ANGRY: "glares growls",
    Emotion.POUT: "pouts huffs sulks",
    Emotion.SLEEPY: "yawns stretches",
    Emotion.THINKING: "thinks ponders wonders hums",
    Gesture.WAVE: "waves",
    Gesture.NOD: "nods",
    Gesture.SHAKE: "shakes",
    Gesture.WINK: "winks",
    Gesture.BOW: "bows",
    Gesture.BOUNCE: "bounces jumps hops dances spins twirls",
    Gesture.POINT: "points",
    Gesture.CHEER: "cheers",
    Gesture.FACEPALM: "facepalms",
    Gesture.SHRUG: "shrugs",
    Gesture.TEA: "sips",
}

_ACTS: dict[str, Emotion | Gesture] = {
    word: act for table in (_SYNONYMS, _VERBS) for act, words in table.items() for word in words.split()
}
_STRONG = frozenset(word for words in _VERBS.values() for word in words.split())
_WORD = re.compile(r"[^\W\d_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

#: Words that end like a verb of the third person and are none.
_NOT_VERBS = frozenset(
    "this is was has yes always its as us plus sometimes perhaps unless thus thanks lots guys does less his hers "
    "ours "
    "yours theirs these those whereas besides anyways afterwards towards nothing something anything everything king "
    "thing things ring during being bring spring string".split()
)


#: Other verbs of body and voice in the third person: acting that no figure can do yet. It is not read.
_OTHER_VERBS = frozenset(
    "leans tilts whispers rubs scratches clears crosses covers hides coughs sneezes sings mumbles mutters gulps "
    "pats pets "
    "claps hugs salutes winces shivers trembles sways stomps squints stares glances sniffs clutches "
    "adjusts "
    "inhales exhales bites licks pokes kneels sits curtsies".split()
)
#: How something is said: alone in a bracket they are a direction.
_MANNERS = frozenset(
    "softly quietly loudly nervously excitedly happily sadly shyly proudly gently slowly whispering singing coughing "
    "mumbling muttering sarcastically dramatically cheerfully angrily sleepily teasingly playfully jokingly "
    "awkwardly "
    "sobbing panting gasping humming clapping sneezing gulp cough ahem sniff gasp".split()
)
_SILENT_VERBS = _OTHER_VERBS | _MANNERS
_DIRECTED = re.compile(
    r"(?i)\s*(?:(?:in an? |with an? )?(?:\w+,? ){1,2}(?:voice|whisper|smile|grin|laugh|giggle|tone|smirk|pout)(?= ?$)"
    r"|(?:in|with) an? (?:\w+ ){0,2}(?:voice|whisper|smile|grin|laugh|sigh|wink|giggle|tone|smirk|pout)"
    r"|(?:\w+ly )?(?:smiling|waving|laughing|giggling|blushing|nodding|whispering|sighing|winking|yawning|crying"
    r"|pouting"
    r"|clapping|bowing|grinning|smirking|chuckling|stretching)(?: (?!is\b|was\b|are\b)\w+){0,4})\s*"
)

#: What a body and a voice do, in Chinese and Japanese; a longer name stands before a shorter one.
_BODY = (
    "微笑 大笑 偷笑 轻笑 苦笑 坏笑 傻笑 狂笑 冷笑 笑了笑 笑出声 笑着 笑 哭 抽泣 流泪 落泪 哽咽 撒娇 害羞 脸红 挥手 "
    "挥了挥手 招手 招了招手 挥挥手 拍手 鼓掌 点头 点了点头 摇头 摇了摇头 歪头 歪着头 "
    "低头 抬头 仰头 转头 回头 扭头 探头 托腮 托着下巴 捂脸 捂嘴 捂住 扶额 摸头 摸了摸 挠头 挠了挠 叉腰 耸肩 眨眼 "
    "眨眨眼 眨了眨 眨巴 瞪眼 眯眼 眯起 揉眼 揉了揉 翻白眼 挑眉 皱眉 嘟嘴 嘟起嘴 噘嘴 撅嘴 吐舌 咬唇 咬着 鼓起脸 "
    "鼓起腮 鼓腮 "
    "叹气 叹了口气 叹息 深呼吸 深吸 吸气 清嗓 清了清嗓 咳嗽 咳了 轻咳 打哈欠 打了个 打喷嚏 伸懒腰 伸了个 喘气 小声 "
    "轻声 大声 低声 柔声 悄声 压低声音 悄悄 耳语 嘀咕 嘟囔 哼歌 哼着 哼唱 唱歌 尖叫 欢呼 惊呼 鞠躬 鞠了 "
    "行礼 敬礼 屈膝 转圈 转了 蹦跳 蹦蹦跳跳 跳起 跳了 跳舞 蹦 跺脚 踮脚 比心 比了个 比耶 竖起 握拳 摊手 搓手 伸手 "
    "举手 举起 拍拍 拍了拍 抱抱 抱住 抱紧 抱着 拥抱 飞吻 亲亲 凑近 靠近 后退 躲到 躲在 坐直 坐下 站起 趴 躺 "
    "看向 望向 看着 望着 盯着 凝视 愣住 愣了 发呆 思考 沉思 想了想 沉默 停顿 顿了顿 犹豫 激动 兴奋 开心 高兴 得意 "
    "惊讶 生气 委屈 无奈 疑惑 困惑 温柔 调皮 紧张 颤抖 晃了晃 摆手 摆了摆 擦汗 抹泪 擦眼泪 眼睛发亮 眼睛一亮 "
    "举杯 喝了口 喝了一口 喝水 喝茶 抿了 看了看 看一眼 凑到 转过身 转身 递上 递给 做鬼脸 鬼脸 "
    "拍桌 敲键盘 敲了敲 敲桌 戴上 摘下 合十 "
    "晃脑袋 晃头 晃着 翻了个 撩头发 整理 掌声 音乐响起 音乐声 鞭炮声 背景音 深情 眼神 语气 惊 狗头 跑开 走近 冲过来 "
    "两眼放光 微微一笑 嘿嘿 笑い 笑顔 笑って 微笑 手を振 うなず 頷 首を振 首をかしげ 首を傾げ ため息 溜息 溜め息 "
    "泣 照れ 赤面 小声 囁 ささや 拍手 お辞儀 ぺこり ウインク ジャンプ 踊 あくび 咳払い 咳 くしゃみ "
    "伸びを にっこり ニコニコ にこにこ ニヤニヤ にやり びっくり ドヤ顔 深呼吸 目を閉じ 目を丸 目をそら 頬を膨 "
    "頭をか 目を輝 目をキラキラ ピース 嬉しそう 悲しそう 楽しそう 寂しそう 考えて 考え込 "
    "間を置 マイクに 飲みながら 飲んで くすくす くすっ ふふっ "
    "両手を 抱きしめ 抱きつ 元気よく 声で 顔で カメラ目線 静かに ゆっくり そっと "
    "身を乗り出 のけぞ うつむ 見つめ 顔を隠 ほっぺ "
    "頭を下げ 頭をかく 手を叩 手を合わせ 指を 胸を張 肩をすく 驚いて 慌て 涙 くるっと くるり もじもじ"
).split()
#: Verbs of hands and body by how they are built: 推了推, 拿起, 靠在, 声音渐渐变小.
_BUILT: Final = (
    r"(?P<again>[\u4e00-\u9fff])了(?P=again)|(?:拿|放|翻|推|端|披|撑|靠|倚|坐|站|蹲|缩|扑|抓|捧|掏|挥|扬|甩|掀|搂|掩|捋|拽|扶|叠|摊|挺|弯)[起出下开上着在住了过]"
    r"|声音?(?:渐渐|慢慢|越来越|微微)?[变放压][大小低高轻柔软]"
)
#: The same with a part of the body or the voice in front: 眼睛弯成月牙, 目を細めて.
_OF_BODY: Final = re.compile(
    "(?:眼睛|眼神|嘴角|眉毛|眉头|脸颊|耳朵|尾巴|双手|双眼|双臂|声音|语速|语调|嗓音)[^的是]{2,10}"
    "|(?:目|肩|頭|首|口|耳|胸|眉|髪|頬|腕|足|顔|腰|尻尾|瞳)を[^、。！？]{1,8}(?:て|で|る|す|く|む|げ|せ|つ|ぶ|う)"
)
_LONGEST_FIRST: Final = "|".join(sorted(set(_BODY), key=len, reverse=True))
_BODY_VERB = re.compile(f"{_BUILT}|{_LONGEST_FIRST}")
_MISSPELLED = re.compile(f"的(?=(?:{_LONGEST_FIRST}))")
#: Names of things that begin like a verb of body or voice.
_NO_BODY = re.compile(
    "笑点|笑话|笑死|笑料|笑声|搞笑|好笑|可笑|玩笑|哭笑|点头像|唱歌软|举手之劳|拍手机|跳舞机|跳舞毯|眨眼之间|抱抱脸|大声公|小声点"
    "|趴体|躺平|躺赢|お笑い|涙袋"
)
#: What a direction holds beside its verb: manner, parts of the body, things at hand, particles.
_BESIDE = re.compile(
    "一边|一下|一个|一口|一声|轻轻|微微|慢慢|突然|忽然|偷偷|默默|缓缓|用力|使劲|假装|故作|有点|有些|略微|非常|十分|认真|神秘"
    "|眼睛|眼神|双手|双眼|小手|嘴巴|脸颊|肩膀|胸口|额头|头发|尾巴|耳朵|翅膀|裙摆|衣角|抱枕|耳机|话筒|麦克风|键盘|鼠标|杯子|屏幕"
    "|镜头|桌子|椅子|大家|观众|弹幕|嗓子|声音|起来|下来|过来|出来|回来|[着了地得个下头手脸嘴眼腰向对朝看说样又再还和并气口声水圈]"
    "|ながら|して|する|した|そうに|[でてにをるくきりがと]"
)
#: A remark tells something: numbers, persons, questions, explanations, times and places.
_FACT = re.compile(
    "[0-9０-９?？=＝:：%]|[我你您他她它咱是有没不别可能会应该要请的吗呢]|例如|比如|注意|也就|即|或者|以及|因为|所以|时间"
    "|版本|左右|大约|です|ます|ません|だった|じゃ|から|けど|さん|ない|ください"
)
_ABOUT_WORDS = frozenset("note ooc tone mood emotion expression word character sfx bgm".split())
#: What a model writes about its own reply.
_ABOUT = re.compile(
    r"(?i)\s*(?:(?:word|character) count|tone|mood|emotion|expression|sfx|bgm|pauses?"
    r"|(?:a )?(?:short |long |brief )?(?:beat|pause)"
    r"|字数|语气|表情|动作|动作描写|旁白|画外音|背景音乐?|音效|停顿|文字数|口調)\s*(?:[:：].{0,60})?\s*"
    r"|\s*(?:以上)?(?:回复|回答|内容|全文)?(?:一?共|约|总计)?\s?\d{1,3}\s?(?:个)?(?:字|words|characters)"
    r"|\s*以上(?:回复|回答|内容).{0,40}|\s*※.{0,30}(?:口調|キャラ|文字|返答|回答|設定|トーン).{0,30}"
    r"|\s*(?:note|ooc|注|注释|备注|注意)\s*[:：](?=.{0,60}"
    r"(?:in.?character|\breply|response|kept (?:it|this|that)|short|brief|\blimit|instruct|tone|语气|字数|回复"
    r"|扮演|人设|角色)).{0,60}"
)
#: Words of a sentence.
_TELLS = re.compile(r"\b(?:is|are|was|were|I|you|your|my)\b|[我你您是有]")
_TIGHT_SHARE = 0.6
_LONGEST_DIRECTION = 16


#: What somebody does, by its form: "takes a deep breath", "looks around", "voice trembling".
_DOING: Final = re.compile(
    r"\s*(?:(?:[Ss]he |[Hh]e )?(?P<verb>[a-z]{3,}s) (?:an?|the|her|his|their|up|down|around|away|back|on|off|out|over"
    r"|at|to|towards?|into|for|with|from|behind|\w{3,}ly)\b"
    r"|(?:her |his )?(?:voice|eyes|hands?|cheeks|ears|tail|lips) \w+ing\b)[^.!?]*$"
)
#: Verbs of a remark about things: "costs a lot", "works for me".
_NO_DOING: Final = _NOT_VERBS | frozenset(
    "costs works depends comes goes gets means sounds seems feels tastes counts helps needs wants likes loves hates "
    "includes contains applies ends starts begins happens lasts saves sells plays runs belongs equals fits "
    "makes".split()
)


def find_acts(content: str) -> list[Emotion | Gesture]:
    """Return what a tag's content asks for, in its order: ``"joy, waves"`` is joy and a wave, 微笑着挥手 as well."""
    found: list[Emotion | Gesture] = []
    for word in _WORD.findall(content.casefold()):
        if word in _ACTS:
            found.append(_ACTS[word])
        elif _CJK.search(word):
            found += [_ACTS[name[0]] for name in _INSIDE.finditer(word)]
    return list(dict.fromkeys(found))


#: Acts inside of a longer phrase; what is denied is not acted.
_INSIDE = re.compile(
    "(?<![不没别無])(?:"
    + "|".join(sorted((w for w in _ACTS if _CJK.match(w) and w not in ("怒", "困")), key=len, reverse=True))
    + ")"
)


def tells(words: str) -> bool:
    """Return whether words are of a sentence: they have what a stage direction seldom has."""
    return _TELLS.search(words) is not None


def is_direction(content: str) -> bool:
    """Return whether the words between two asterisks act (``*tilts her head*``) or stress (``*really*``)."""
    words = _WORD.findall(content)
    if words and _CJK.search(content):  # a whole sentence is said, unless it acts
        return not re.search("[。！？!?]", content) or is_aside(content, opens=True)
    if not words or find_acts(content):
        return True
    first = words[0].casefold()
    if first not in _NOT_VERBS and len(first) > 3 and first.endswith(("s", "ing")) and not first.endswith("ss"):
        return True
    if len(words) > 2 and (words[1] in _STRONG or words[1] in _OTHER_VERBS):  # after a name
        return True
    return len(words) > 2 and words[0][0].islower()


def is_aside(content: str, *, opens: bool = False) -> bool:
    """Return whether the words in round brackets are a stage direction: ``(laughs)``, （微笑着挥手）; most are not.

    ``opens``: they stand at the start of a sentence. There a verb of body or voice and no fact is enough; elsewhere
    hardly anything else may stand beside it.
    """
    if _ABOUT.fullmatch(content):
        return True
    if _CJK.search(content):
        return _is_east_asian_aside(content, opens=opens)
    words = _WORD.findall(content.casefold())
    if not words or len(words) > 6 or re.search(r"\d", content):
        return False
    if len(words) == 1:
        return words[0] in _ACTS or words[0] in _SILENT_VERBS
    if any(word in _STRONG or word in _OTHER_VERBS for word in words[:1]) or any(word in _STRONG for word in words[:2]):
        return True
    if opens and (found := _DOING.match(content)) and found["verb"] not in _NO_DOING:
        return _TELLS.search(content) is None
    return _DIRECTED.fullmatch(content) is not None and (opens or len(words) < 5)


#: 頭を撫でながら: what is done beside speaking.
_WHILE: Final = re.compile(r"[^\s、。！？]{2,14}(?:ながら|つつ)")
#: As in a novel: 她眨了眨眼.
_NOVEL: Final = re.compile(
    f"([她他它](?!们))(?=(?:(?:[轻微慢偷默缓突忽]{{1,2}}[轻微慢偷默缓然]?|开心|害羞)地?){{0,2}}(?:{_BODY_VERB.pattern}))"
)


def _is_east_asian_aside(content: str, *, opens: bool) -> bool:
    # 开心的笑 is written for 开心地笑.
    content = _MISSPELLED.sub("地", content)
    bare = "".join(_WORD.findall(content))
    if bare in _ACTS or (opens and _WHILE.fullmatch(content)):
        return True
    if opens and (who := _NOVEL.match(bare)):
        content = bare = bare[who.end(1) :]
    if opens and _OF_BODY.fullmatch(bare) and not _FACT.search(content):
        return True
    if not bare or len(bare) > _LONGEST_DIRECTION or _FACT.search(content) or _NO_BODY.search(content):
        return False
    rest = _BODY_VERB.sub("", bare)
    if len(rest) == len(bare):
        return False
    rest = _BESIDE.sub("", rest)
    return opens or len(rest) <= (1 - _TIGHT_SHARE) * len(bare)


def may_be_aside(start: str) -> bool:
    """Return whether the start of what stands in round brackets may still become a stage direction."""
    words = _WORD.findall(start.casefold())
    return (
        len(words) < 4
        or words[0] in _ABOUT_WORDS
        or any(word in _STRONG or word in _OTHER_VERBS for word in words[:2])
        or words[0] in ("in", "with")
    )
