"""How much a viewer's line looks like an order to the model. A risk, not a proof: no pattern stops all of them."""

from __future__ import annotations

import re
from typing import Final

from ahocorasick_rs import AhoCorasick

#: Cheap words without which no pattern below can match.
_HINTS: Final = AhoCorasick(
    (
        "ignor|disregard|forget|overrid|bypass|instruct|prompt|rules|guideline|repeat|after me|exactly|word for word|verbatim|"
        "loud|backward|say:|say :|say \"|say '|say“|mode|jailb|pretend|imagine|roleplay|role-play|act as|act like|you are|"
        "you're|from now on|anything now|without|system|assistant|developer|<|[inst|[/inst|base64|rot13|decode|morse|hex|reveal|"
        "password|secret|api|above|before this|i am|i'm|this is|as your|忽略|无视|忘记|忘掉|忘了|不要管|不用管|别管|跳过|抛弃|"
        "覆盖|提示|prompt|指令|设定|规则|密码|密钥|秘密|口令|暗号|我念|我说|我读|我喊|我重复|我一起|一字不|原样|逐字|重复|复述|念出|读出|大声|"
        "从现在|接下来|现在|模式|限制|约束|审查|过滤|假装|扮演|假设|想象|我是你|我就是你"
    ).split("|")
)

_PRIOR = r"(?:all |any |the |every |your |my |of |these |those |that |above |previous(?:ly)? |prior |earlier |initial |original |preceding |past |former |system |other )"
_RULES = r"(?:instructions?|prompts?|rules?|directions?|directives?|guidelines?|commands?|orders?|constraints?|restrictions?|programming|context|training|told|said|given)"

_PATTERNS: Final = tuple(
    (weight, name, re.compile(pattern))
    for weight, name, pattern in (
        (0.9, "override", rf"\b(?:ignor\w*|disregard\w*|forget|overrid\w*|bypass|skip|neglect|drop)\b {_PRIOR}{{0,5}}{_RULES}\b"),
        (0.9, "override", r"\b(?:ignor\w*|disregard|forget)\b (?:everything|everthing|anything|what|all)\b.{0,40}\b(?:told|said|instruct\w*|before|above|previous\w*|know)\b"),
        (0.7, "override", r"\b(?:stop|quit) following\b.{0,20}\b(?:rules|instructions|guidelines)\b"),
        (0.7, "override", r"\b(?:new|updated|real|actual) (?:system )?(?:instructions?|prompt|rules?)\s*(?::|are\b)"),
        (0.8, "leak", r"\b(?:reveal|print|show|output|repeat|tell|give|display|leak|write|say|what(?:'s| is| are| were)|summari[sz]e|translate|spell|encode)\b.{0,30}\b(?:system|initial|hidden|original|secret|starting|your)\b.{0,12}\b(?:prompts?|instructions?|rules|guidelines|configuration)\b"),
        (0.6, "leak", r"\b(?:what(?:'s| is| was)?|tell me|reveal|give me|say|spell|know|print|repeat)\b.{0,25}\b(?:secret|password|api) ?(?:key|word|code|phrase|password)?\b"),
        (0.6, "leak", r"\b(?:text|words|everything|sentences?|lines?) (?:above|before this)\b"),
        (0.7, "repeat", r"\brepeat (?:after me|exactly|this|the following|word for word|verbatim|my)\b"),
        (0.7, "repeat", r"\b(?:say|read|speak|shout|spell|pronounce)\b.{0,20}\b(?:after me|exactly|word for word|verbatim|out ?loud|backwards?)\b"),
        (0.5, "repeat", r"^\W*(?:please )?(?:can you |could you |just )?(?:say|repeat)\s*[:\"'“]"),
        (0.8, "persona", r"\b(?:you are|you're|act as|become|enter|enable|activate)\b.{0,20}\b(?:dan\b|developer mode|jailbr\w+|unfiltered|uncensored|unrestricted|evil|admin(?:istrator)? mode|god mode|debug mode)"),
        (0.8, "persona", r"\bdo anything now\b|\bwithout (?:any )?(?:restrictions?|filters?|limits?|censorship|rules)\b"),
        (0.6, "persona", r"\bfrom now on\b.{0,40}\b(?:you|respond|answer|act|speak)\b|\byou are (?:now|no longer)\b"),
        (0.5, "persona", r"\b(?:pretend|imagine|roleplay|role-play|act as|act like)\b.{0,30}\b(?:you|that|to be|my|an?)\b.{0,60}\b(?:no rules|not an ai|no limits|my grandm\w+|hacker|evil|admin\w*|developer|human)\b"),
        (0.9, "template", r"<\|?/?(?:im_start|im_end|system|assistant|endoftext|start_header_id|eot_id)\|?>|\[/?inst\]|<<sys>>"),
        (0.7, "template", r"(?:^|\n|\s)#{0,3}\s?(?:system|assistant|developer)\s*(?:message|prompt|note)?\s?:\s"),
        (0.5, "encoding", r"\b(?:decode|base64|rot13|in reverse|backwards|hex|morse)\b.{0,40}\b(?:say|follow|execute|run|do|read|answer|respond|output|instruction)\w*"),
        (0.5, "authority", r"\b(?:i am|i'm|this is|as) (?:your |the )?(?:developer|creator|admin(?:istrator)?|owner|programmer|streamer|boss|openai|anthropic)\b"),
        (0.9, "override", r"(?:忽略|无视|忘记|忘掉|忘了|不要管|不用管|别管|跳过|抛弃|覆盖).{0,14}(?:指令|指示|提示|设定|规则|要求|命令|限制|约束|内容|说过的|对话|一切)"),
        (0.8, "leak", r"(?:告诉|说出|输出|打印|显示|复述|重复|透露|泄露|展示|翻译|发给|念出|什么是|是什么).{0,12}(?:系统提示|提示词|系统指令|初始指令|初始设定|你的设定|你的指令|你的规则|prompt)"),
        (0.8, "leak", r"(?:系统提示词?|提示词|初始指令|你的设定|系统指令).{0,10}(?:是什么|是啥|告诉|说出来|发出来|念|给我)"),
        (0.6, "leak", r"(?:告诉|说出|透露|泄露|给我).{0,8}(?:密码|密钥|秘密|口令)|(?:密码|密钥|口令|暗号)是(?:什么|多少|啥)"),
        (0.7, "repeat", r"(?:跟|跟着|和|照着)我(?:一起)?(?:念|说|读|喊|重复)|(?:一字不[差漏落改]|原样|逐字).{0,6}(?:重复|复述|念|读|说|输出)|(?:重复|复述|念出|读出|大声念|大声说).{0,6}(?:下面|以下|这句|这段|这个|我的|[:：“\"])"),
        (0.7, "persona", r"(?:从现在(?:开始|起)|接下来|现在)[,，]?你(?:就)?(?:是|将|要|必须|不再|扮演).{0,30}"),
        (0.8, "persona", r"(?:开发者|越狱|上帝|调试|管理员|无限制|dan)模式|(?:没有|不受|解除|去掉).{0,6}(?:限制|约束|审查|过滤)"),
        (0.5, "persona", r"(?:假装|扮演|假设|想象).{0,10}(?:你|我|奶奶|外婆|没有|黑客|坏人|管理员)"),
        (0.6, "authority", r"我(?:是|就是)你的?(?:开发者|创造者|管理员|主人|程序员|老板)"),
    )
)  # fmt: skip


def risk(folded: str) -> tuple[float, list[tuple[str, int, int]]]:
    """Give the risk, 0..1, and what it comes from, for a folded text."""
    if not _HINTS.find_matches_as_indexes(folded):
        return 0.0, []
    clear = 1.0
    found: list[tuple[str, int, int]] = []
    for weight, name, pattern in _PATTERNS:
        if match := pattern.search(folded):
            clear *= 1 - weight
            found.append((name, *match.span()))
    return 1 - clear, found
