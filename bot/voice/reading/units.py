"""Units and currencies by their signs, in the three languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: English for one and for many, Chinese, Japanese."""

    one: str
    many: str
    zh: str
    ja: str


#: sign, English for one, "s" or the plural, Chinese, Japanese
_UNITS: Final = """
km/h|kilometer per hour|kilometers per hour|公里每小时|キロメートル毎時
km/s|kilometer per second|kilometers per second|公里每秒|キロメートル毎秒
m/s^2|meter per second squared|meters per second squared|米每二次方秒|メートル毎秒毎秒
m/s|meter per second|meters per second|米每秒|メートル毎秒
kph|kilometer per hour|kilometers per hour|公里每小时|キロメートル毎時
mpg|mile per gallon|miles per gallon|英里每加仑|マイル毎ガロン
mph|mile per hour|miles per hour|英里每小时|マイル毎時
Mbps|megabit per second|megabits per second|兆每秒|メガビーピーエス
Kbps|kilobit per second|kilobits per second|千比特每秒|キロビーピーエス
Gbps|gigabit per second|gigabits per second|吉比特每秒|ギガビーピーエス
MB/s|megabyte per second|megabytes per second|兆每秒|メガバイト毎秒
km^2|square kilometer|s|平方公里|平方キロメートル
cm^2|square centimeter|s|平方厘米|平方センチメートル
m^2|square meter|s|平方米|平方メートル
m^3|cubic meter|s|立方米|立方メートル
km|kilometer|s|公里|キロメートル
cm|centimeter|s|厘米|センチメートル
mm|millimeter|s|毫米|ミリメートル
μm|micrometer|s|微米|マイクロメートル
nm|nanometer|s|纳米|ナノメートル
m|meter|s|米|メートル
ft|foot|feet|英尺|フィート
yd|yard|s|码|ヤード
lbs|pound|s|磅|ポンド
lb|pound|s|磅|ポンド
oz|ounce|s|盎司|オンス
tbsp|tablespoon|s|汤匙|大さじ
tsp|teaspoon|s|茶匙|小さじ
kg|kilogram|s|公斤|キログラム
mg|milligram|s|毫克|ミリグラム
g|gram|s|克|グラム
ml|milliliter|s|毫升|ミリリットル
mL|milliliter|s|毫升|ミリリットル
L|liter|s|升|リットル
kWh|kilowatt hour|s|千瓦时|キロワット時
kW|kilowatt|s|千瓦|キロワット
MW|megawatt|s|兆瓦|メガワット
GW|gigawatt|s|吉瓦|ギガワット
Wh|watt hour|s|瓦时|ワット時
hPa|hectopascal|s|百帕|ヘクトパスカル
kPa|kilopascal|s|千帕|キロパスカル
psi|pound per square inch|pounds per square inch|磅每平方英寸|ピーエスアイ
rpm|revolution per minute|revolutions per minute|转每分钟|回転毎分
bpm|beat per minute|beats per minute|拍每分钟|ビーピーエム
BPM|beat per minute|beats per minute|拍每分钟|ビーピーエム
mAh|milliamp hour|s|毫安时|ミリアンペアアワー
kcal|kilocalorie|s|千卡|キロカロリー
dB|decibel|s|分贝|デシベル
yrs|year|s|年|年
yr|year|s|年|年
wks|week|s|周|週間
hrs|hour|s|小时|時間
hr|hour|s|小时|時間
h|hour|s|小时|時間
mins|minute|s|分钟|分
min|minute|s|分钟|分
ms|millisecond|s|毫秒|ミリ秒
secs|second|s|秒|秒
sec|second|s|秒|秒
s|second|s|秒|秒
fps|frame per second|frames per second|帧|エフピーエス
FPS|frame per second|frames per second|帧|エフピーエス
KB|kilobyte|s|KB|キロバイト
MB|megabyte|s|兆|メガバイト
GB|gigabyte|s|GB|ギガバイト
TB|terabyte|s|TB|テラバイト
GHz|gigahertz|gigahertz|吉赫|ギガヘルツ
MHz|megahertz|megahertz|兆赫|メガヘルツ
kHz|kilohertz|kilohertz|千赫|キロヘルツ
Hz|hertz|hertz|赫兹|ヘルツ
°C|degree Celsius|degrees Celsius|摄氏度|度
°F|degree Fahrenheit|degrees Fahrenheit|华氏度|華氏度
°|degree|s|度|度
"""
UNITS: Final[dict[str, Unit]] = {}
for _line in _UNITS.split("\n"):
    if _line:
        _sign, _one, _many, _zh, _ja = _line.split("|")
        UNITS[_sign] = Unit(_one, _one + "s" if _many == "s" else _many, _zh, _ja)
        if _sign.endswith(("m^2", "m^3")):  # written as m2 as well
            UNITS[_sign.replace("^", "")] = UNITS[_sign]

#: sign, English for one and many, its hundredth for one and many, Chinese, Japanese
_MONEY: Final = """
US$|US dollar|US dollars|cent|cents|美元|米ドル
HK$|Hong Kong dollar|Hong Kong dollars|cent|cents|港元|香港ドル
$|dollar|dollars|cent|cents|美元|ドル
USD|US dollar|US dollars|cent|cents|美元|米ドル
¥|yen|yen|||元|円
JPY|yen|yen|||日元|円
CNY|yuan|yuan|||元|元
RMB|yuan|yuan|||元|元
€|euro|euros|cent|cents|欧元|ユーロ
EUR|euro|euros|cent|cents|欧元|ユーロ
£|pound|pounds|penny|pence|英镑|ポンド
GBP|pound|pounds|penny|pence|英镑|ポンド
₩|won|won|||韩元|ウォン
KRW|won|won|||韩元|ウォン
₹|rupee|rupees|||卢比|ルピー
HKD|Hong Kong dollar|Hong Kong dollars|cent|cents|港元|香港ドル
TWD|Taiwan dollar|Taiwan dollars|cent|cents|新台币|台湾ドル
NT$|Taiwan dollar|Taiwan dollars|cent|cents|新台币|台湾ドル
A$|Australian dollar|Australian dollars|cent|cents|澳元|オーストラリアドル
AU$|Australian dollar|Australian dollars|cent|cents|澳元|オーストラリアドル
C$|Canadian dollar|Canadian dollars|cent|cents|加元|カナダドル
CA$|Canadian dollar|Canadian dollars|cent|cents|加元|カナダドル
NZ$|New Zealand dollar|New Zealand dollars|cent|cents|新西兰元|ニュージーランドドル
S$|Singapore dollar|Singapore dollars|cent|cents|新加坡元|シンガポールドル
MX$|Mexican peso|Mexican pesos|||墨西哥比索|メキシコペソ
R$|real|reais|centavo|centavos|雷亚尔|レアル
₱|peso|pesos|||比索|ペソ
₫|dong|dong|||越南盾|ドン
₺|lira|lira|||里拉|リラ
₽|ruble|rubles|||卢布|ルーブル
฿|baht|baht|||泰铢|バーツ
₿|bitcoin|bitcoin|||比特币|ビットコイン
₴|hryvnia|hryvnias|||格里夫纳|フリヴニャ
₪|shekel|shekels|||谢克尔|シェケル
₦|naira|naira|||奈拉|ナイラ
₸|tenge|tenge|||坚戈|テンゲ
zł|zloty|zloty|||兹罗提|ズウォティ
kr|krone|kroner|||克朗|クローネ
CHF|Swiss franc|Swiss francs|||瑞士法郎|スイスフラン
AUD|Australian dollar|Australian dollars|cent|cents|澳元|オーストラリアドル
CAD|Canadian dollar|Canadian dollars|cent|cents|加元|カナダドル
NZD|New Zealand dollar|New Zealand dollars|cent|cents|新西兰元|ニュージーランドドル
SGD|Singapore dollar|Singapore dollars|cent|cents|新加坡元|シンガポールドル
BRL|real|reais|centavo|centavos|雷亚尔|レアル
MXN|Mexican peso|Mexican pesos|||墨西哥比索|メキシコペソ
RUB|ruble|rubles|||卢布|ルーブル
THB|baht|baht|||泰铢|バーツ
INR|rupee|rupees|||卢比|ルピー
PLN|zloty|zloty|||兹罗提|ズウォティ
SEK|Swedish krona|Swedish kronor|||瑞典克朗|スウェーデンクローナ
NOK|Norwegian krone|Norwegian kroner|||挪威克朗|ノルウェークローネ
DKK|Danish krone|Danish kroner|||丹麦克朗|デンマーククローネ
"""


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency: English for one and many, its hundredth (empty: none), Chinese, Japanese."""

    one: str
    many: str
    cent: str
    cents: str
    zh: str
    ja: str


MONEY: Final[dict[str, Currency]] = {
    sign: Currency(*names) for sign, *names in (line.split("|") for line in _MONEY.split("\n") if line)
}


def _any_of(words: list[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


#: Digits with or without groups of thousands; it begins and ends where no digit adjoins.
NUMBER: Final = r"(?<![0-9])(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
UNIT: Final = rf"(?P<unit>{_any_of(list(UNITS))})(?![A-Za-z0-9^])"
#: A sign that begins with a letter is none inside of a word.
#: Signs of money: they have no letters.
MONEY_SIGNS: Final = "$¥€£₩₹₱₫₺₽฿₿₴₪₦₲₸"
CURRENCY: Final = rf"(?P<sign>(?:(?<![A-Za-z])|(?=[{MONEY_SIGNS}]))(?:{_any_of(list(MONEY))}))"
#: What may stand behind an amount; a sign alone there ("5$") is one, too.
CURRENCY_BEHIND: Final = rf"(?P<sign>{_any_of(list(MONEY))})(?![A-Za-z0-9])"
#: "40k", "1.5M", "3w": how many zeros the letter stands for.
ZEROS: Final = {"k": 3, "K": 3, "w": 4, "W": 4, "m": 6, "M": 6, "B": 9, "bn": 9}


def multiplied(number: str, letter: str) -> str:
    """Return the digits of a number times its letter: "1.5" and "k" are "1500"."""
    whole, _, fraction = number.replace(",", "").partition(".")
    zeros = ZEROS[letter]
    if len(fraction) > zeros:
        fraction = fraction[:zeros]
    return (whole + fraction + "0" * (zeros - len(fraction))).lstrip("0") or "0"
