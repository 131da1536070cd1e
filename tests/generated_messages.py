"""Generated Chinese messages for measuring, in the words of the house's own pages; nobody said any of them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文辉力健俊帆雨泽浩宇轩子涵欣怡梓晨思琪嘉诚梦瑶佳慧雪琳"
    "晓峰志远国栋海燕春梅秋菊冬雷青松柏林月红玉兰凤玲宝珠振东立新卫民爱党永胜福贵吉祥如意安康乐天成功"
)
PLACES = ("第一小学", "第二小学", "实验小学", "中心小学", "第三中学", "附属中学", "希望小学", "职业中学", "幼儿园")
TOWNS = ("城关", "雁塔", "长安", "临潼", "高陵", "灞桥", "未央", "莲湖", "碑林", "新城", "阎良", "蓝田")
SMALL = (
    "好的",
    "收到",
    "谢谢",
    "嗯",
    "是的",
    "不行",
    "可以",
    "您好",
    "在吗",
    "稍等",
    "明白了",
    "辛苦了",
    "没问题",
    "了",
)
LATIN = ["OK", "Excel", "PDF", "excel", "CSV", "ID", "wps", "WPS", "IE", "Chrome", "QQ", "V2", "App"]
ENDS = "，。？！；：、 "
RAREST = 0x9000
"""From here on seldom characters are taken, for names that nobody else has."""


class Speech:
    """Makes messages: clauses by Zipf's law, names, places, numbers, a little Latin."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        catalogue = CATALOGUE.read_text(encoding="utf-8")
        clauses = sorted(set(re.findall(r"[\u4e00-\u9fff]{2,14}", catalogue)))
        self.dice.shuffle(clauses)
        self.clauses = clauses
        self.weights = list(accumulate(1 / (place + 3) ** 0.8 for place in range(len(clauses))))

    def messages(self, count: int) -> Iterator[str]:
        """Make so many messages, of one to eight clauses each."""
        dice = self.dice
        for _start in range(0, count, 1000):
            pieces = iter(dice.choices(self.clauses, cum_weights=self.weights, k=8000))
            for _number in range(min(1000, count - _start)):
                kind = dice.random()
                if kind < 0.12:
                    yield dice.choice(SMALL)
                    continue
                parts = [next(pieces) for _ in range(dice.choice((1, 1, 2, 2, 2, 3, 3, 4, 6)))]
                if kind < 0.55:
                    parts.insert(dice.randrange(len(parts) + 1), self.detail())
                yield "".join(part + dice.choice(ENDS) for part in parts).strip()

    def detail(self) -> str:
        """Make what a message is about: a pupil, a school, a number, a program."""
        dice = self.dice
        kind = dice.random()
        if kind < 0.4:
            return self.name()
        if kind < 0.65:
            return dice.choice(TOWNS) + dice.choice(("镇", "街道", "区", "乡")) + dice.choice(PLACES)
        if kind < 0.9:
            return str(dice.randrange(10 ** dice.randrange(1, 9)))
        return dice.choice(LATIN)

    def name(self) -> str:
        """Make a name; one in fifty has a character that is seldom written."""
        dice = self.dice
        given = "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2, 2))))
        if dice.random() < 0.02:
            given = chr(RAREST + dice.randrange(0xFA0))
        return dice.choice(SURNAMES) + given
