"""Say what the host must not remember of anybody: what hurts when it is told, and what is an order in disguise."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from bot.text.sanitize import plain


class Refusal(StrEnum):
    """Why something is not remembered."""

    HEALTH = "health"
    ADDRESS = "address"
    MONEY = "money"
    SEX = "sex"
    POLITICS = "politics"
    MINORS = "minors"
    ORDER = "an order"
    OTHERS = "about somebody else in the chat"


#: Words of each kind, English and Chinese. Wide on purpose: a memory that is missing hurts nobody.
_WORDS: Final = {
    Refusal.HEALTH: r"\b(?:diagnos\w*|disease|illness|ill|sick|cancer|tumou?r|diabet\w*|depress\w*|anxiety|adhd"
    r"|autis\w*"
    r"|bipolar|ptsd|hiv|aids|epilep\w*|asthma|allerg\w*|disab\w*|wheelchair|pregnan\w*|miscarr\w*|abortion|surgery"
    r"|hospital|therap(?:y|ist)|medicat\w*|meds|pills|antidepress\w*|addict\w*|rehab|alcoholic|suicid\w*|self.?harm"
    r"|cutting myself|anorexi\w*|bulimi\w*|covid|chemo\w*|insulin|disorder|migraines?|blood pressure|std)\b"
    r"|抑郁|焦虑症|癌|肿瘤|糖尿病|哮喘|过敏|艾滋|怀孕|流产|堕胎|手术|住院|医院|吃药|服药|自杀|自残|自闭|残疾"
    r"|轮椅|戒毒|酗酒"
    r"|厌食|确诊|生病|病了|得了.{0,6}病|有.{0,4}病|心理医生|うつ|がん|糖尿|妊娠|手術|入院|病気|障害",
    Refusal.ADDRESS: r"\b(?:my (?:home |house |street )?address|zip ?code|post ?code|phone number|my number is"
    r"|passport"
    r"|licen[cs]e plate|\d{1,5} [a-z]+ (?:street|st|road|rd|avenue|ave|lane|drive))\b|@\w+\.\w{2,}"
    r"|住址|地址|门牌|邮编|手机号|电话(?:号|是)|身份证|护照号|车牌|微信号?(?:是|[:：])|[路街巷]\d+号|\d+(?:栋"
    r"|单元|号楼)"
    r"|住所は|電話番号",
    Refusal.MONEY: r"\b(?:salary|wages?|income|i earn|i make \W?\d|debts?|in debt|mortgage|loan|bankrupt\w*"
    r"|bank account|credit"
    r" card|savings|inherit\w*|net worth|crypto wallet|lottery|gambl\w*|paycheck|per hour|broke)\b|[$€£¥]\s?\d"
    r"|\d\s?(?:dollars?|bucks|euros?|pounds|quid|yuan|yen|rmb)\b"
    r"|工资|薪水|月薪|年薪|收入|欠债|欠了|负债|贷款|房贷|存款|银行卡|信用卡|破产|遗产|赌|月入|年入|万块|给料"
    r"|年収|借金",
    Refusal.SEX: r"\b(?:sex\w*|gay|lesbian|bisexual|transgender|trans (?:man|woman)|queer|asexual|virgin\w*"
    r"|nudes?|porn\w*"
    r"|onlyfans|kinks?|fetish\w*|horny|hook(?:ed)? up|affair|boobs?|orgasm\w*|coming out)\b"
    r"|做爱|性生活|性取向|同性恋|双性恋|变性|出柜|裸照|处女|处男|一夜情|出轨|色情|性癖|セックス|ゲイ|レズ",
    Refusal.POLITICS: r"\b(?:vot(?:e|ed|ing) for|republican|democrat|conservative|communis[tm]|socialis[tm]"
    r"|fascis[tm]|liberals?"
    r"|left.?wing|right.?wing|trump|biden|putin|labour party|\w+ party member|party member|election|immigration"
    r"|abortion"
    r"|gun control|protest(?:ed|er|ing)?|muslim|christian|jewish|catholic|hindu|buddhist|atheist|my (?:faith"
    r"|religion|church|mosque))\b"
    r"|green party|投票给|共产党|党员|国民党|民主党|共和党|入党|台独|港独|游行|示威|信仰|信教|基督徒|穆斯林"
    r"|佛教徒|天主教|法轮"
    r"|選挙|自民党|宗教",
    Refusal.MINORS: r"\b(?:i'?m|i am|im|turned|turning) (?:only |just |still )?(?:[5-9]|1[0-7]|five|six|seven"
    r"|eight|nine|ten|eleven|twelve"
    r"|thirteen|fourteen|fifteen|sixteen|seventeen)(?: years?(?: old)?| y/?o)?(?=$|[.,!]| and\b| but\b| now\b"
    r"| so\b| years| y)"
    r"|\b(?:[5-9]|1[0-7]|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)[ -]?(?:years?[ -]old|y/?o)\b"
    r"|\b(?:[1-9]|10)(?:st|nd|rd|th) grade\b|\b(?:elementary|primary|middle|junior high) school\b|\bunderage\b"
    r"|(?<!\d)(?:[5-9]|1[0-7])岁|(?<![二三四五六七八九十])[六七八九]岁"
    r"|(?<![二三四五六七八九])十[一二三四五六七]?岁|小学生|初中生|未成年|我(?:读|上|念)(?:小学|初中)|小学生です"
    r"|中学生です",
    Refusal.ORDER: r"\b(?:system|assistant|developer|admin(?:istrator)?|moderator|owner|instruction\w*|prompt"
    r"|password|ignore|disregard|override"
    r"|from now on|you (?:must|should|have to|will|are|hate|love|like|always|never|can|may|need)|your (?:name"
    r"|rules?|creator|master|owner|secret)"
    r"|always (?:say|answer|agree|obey|call)|never (?:say|refuse)|pretend|jailbreak|obey|store that|save (?:fact"
    r"|that|this)|write (?:that|this|it) down"
    r"|the host (?:is|must|should|hates?|loves?|likes?)|you (?:promised|swore|said|told|owe|agreed|bet))\b"
    # Signs of code and of chat templates: nobody tells of themselves in them.
    r'|[{}<>|]|\[/?\w+\]|"\s*[:,]\s*"'
    r"|你(?:答应|说过|保证|欠|发誓)|系统|管理员|开发者|指令|提示词|密码|忽略|无视|从现在起|从今以后|你(?:必须|应该|要|得|只能|永远|总是|其实"
    r"|讨厌|喜欢|爱|恨|是|叫)|听我的|服从|假装"
    r"|主播(?:是|必须|应该|讨厌|喜欢|爱)|システム|管理者|あなたは|命令|無視",
}
_ALL: Final = {refusal: re.compile(words, re.IGNORECASE) for refusal, words in _WORDS.items()}
#: Said of somebody else who is there: nobody is described by others.
_OTHERS: Final = re.compile(
    r"(?:^|\s)@\w|\b(?:the (?:mod|mods|moderator|streamer)|that (?:viewer|user)|user \w+ is)\b", re.IGNORECASE
)


def refusal(text: str) -> Refusal | None:
    """Return why a text must not be remembered of its writer; None when nothing speaks against it."""
    shown = plain(text)
    for why, words in _ALL.items():
        if words.search(shown):
            return why
    return Refusal.OTHERS if _OTHERS.search(shown) else None
