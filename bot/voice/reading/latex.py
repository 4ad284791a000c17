"""Read mathematics: LaTeX keeps what it holds, powers and signs between terms become words."""

from __future__ import annotations

import re
from typing import Final

_GREEK: Final = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi "
    "omega".split()
)
#: command, English, Chinese, Japanese
_COMMANDS: Final = {
    name: words
    for name, *words in (
        ("times", " times ", "乘", "かける"),
        ("cdot", " times ", "乘", "かける"),
        ("div", " divided by ", "除以", "わる"),
        ("pm", " plus or minus ", "正负", "プラスマイナス"),
        ("leq", " is at most ", "小于等于", "小なりイコール"),
        ("le", " is at most ", "小于等于", "小なりイコール"),
        ("geq", " is at least ", "大于等于", "大なりイコール"),
        ("ge", " is at least ", "大于等于", "大なりイコール"),
        ("neq", " is not equal to ", "不等于", "ノットイコール"),
        ("ne", " is not equal to ", "不等于", "ノットイコール"),
        ("approx", " is about ", "约等于", "ニアリーイコール"),
        ("infty", " infinity ", "无穷大", "無限大"),
        ("sum", " the sum of ", "求和", "シグマ"),
        ("int", " the integral of ", "积分", "インテグラル"),
        ("to", " to ", "到", "から"),
        ("degree", " degrees ", "度", "度"),
        ("circ", " degrees ", "度", "度"),
        ("percent", " percent ", "百分号", "パーセント"),
        ("ldots", "…", "…", "…"),
        ("dots", "…", "…", "…"),
    )
}
_ROOT: Final = {"en": " the square root of ", "zh": "根号", "ja": "ルート"}
_FRACTION: Final = {"en": "{0} over {1}", "zh": "{1}分之{0}", "ja": "{1}ぶんの{0}"}
_INDEX: Final = {"en": 0, "zh": 1, "ja": 2}

_BRACES: Final = r"\{([^{}]{0,200})\}"
_FRAC: Final = re.compile(rf"\\[dt]?frac\s*(?:{_BRACES}\s*{_BRACES}|([0-9])([0-9]))")
_SQRT: Final = re.compile(rf"\\sqrt\s*(?:\[([^\[\]]{{0,9}})\])?\s*{_BRACES}")
_POWER_BRACES: Final = re.compile(r"\^\s*\{([^{}]{1,40})\}")
#: Commands that only dress what they hold.
_DRESS: Final = re.compile(
    rf"\\(?:boxed|fbox|text\w{{0,4}}|math\w{{1,6}}|operatorname|bf|it|rm|emph|underline|hat|bar|vec)\s*{_BRACES}"
)
_COMMAND: Final = re.compile(r"\\([A-Za-z]{1,20})\s?")
_QUOTED: Final = re.compile(r"\$\$?(?=[^$\n]{0,200}[\\^_{=])([^$\n]{1,200})\$\$?|\$([A-Za-z])\$")
_ROUND: Final = re.compile(r"\\[()\[\],;:!%$#&_{} ]|\\\\")
POWER: Final = re.compile(r"(?<=[\w)])\^(?P<open>\()?(?P<raised>-?[0-9]{1,6}|[A-Za-z])(?(open)\))")
_BELOW: Final = re.compile(r"(?<=[A-Za-z])_\{?(\w{1,6})\}?(?![\w])")
#: Commands nest: so many layers are opened, inner first.
_LAYERS: Final = 6


def latex(text: str, language: str) -> str:
    r"""Return a text without LaTeX: ``\frac{1}{2}`` is "1/2", ``\boxed{42}`` is "42"."""
    if "\\" not in text and "$" not in text:
        return text
    gap = " " if language == "en" else ""
    text = _QUOTED.sub(lambda m: f"{gap}{m[1] or m[2]}{gap}", text)
    if "\\" not in text:
        return text
    for _ in range(_LAYERS):
        before = text
        text = _POWER_BRACES.sub(rf"^\1{gap}", _DRESS.sub(rf"{gap}\1{gap}", text))
        text = _SQRT.sub(lambda m: f"{'∛' if m[1] == '3' else _ROOT[language]}{m[2]}{gap}", text)
        text = _FRAC.sub(lambda m: gap + _fraction(m, language) + gap, text)
        if text == before:
            break
    text = _ROUND.sub(_unescape, text)
    return _COMMAND.sub(lambda m: _command(m, language), text)


def _fraction(found: re.Match[str], language: str) -> str:
    top, bottom = (found[1] or found[3] or "").strip(), (found[2] or found[4] or "").strip()
    if top.isdecimal() and bottom.isdecimal():
        return f"{top}/{bottom}"
    return _FRACTION[language].format(top, bottom)


def _unescape(found: re.Match[str]) -> str:
    return found[0][1] if found[0][1] in "%$#&" else " "


def _command(found: re.Match[str], language: str) -> str:
    name = found[1]
    if words := _COMMANDS.get(name):
        return words[_INDEX[language]]
    if name.lower() in _GREEK:
        return f" {name.lower()} "
    return " " if name in _DROPPED else found[0]


_DROPPED: Final = frozenset(
    "left right big Big bigg displaystyle quad qquad begin end boxed frac sqrt text mathrm".split()
)


def power(exponent: str, language: str) -> str:
    """Return how an exponent is read: "x^2" is "x squared", x的平方, xの2乗."""
    if language == "ja":
        return f"の{exponent}乗"
    if language == "zh":
        return {"2": "的平方", "3": "的立方"}.get(exponent, f"的{exponent}次方")
    return {"2": " squared", "3": " cubed"}.get(exponent, f" to the power of {exponent}")
