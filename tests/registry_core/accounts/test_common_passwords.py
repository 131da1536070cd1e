"""What guessers try first is recognised, and what a person invents is not."""

from __future__ import annotations

import random
import string

import pytest

from registry_core.accounts.common_passwords import MOST_PIECES, count_pieces, is_common, words


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "9876543210",
        "8888888888",
        "12345678910",
        "qwertyuiop",
        "1qaz2wsx3edc",
        "1q2w3e4r5t6y",
        "Password123!",
        "P@ssw0rd2026",
        "admin123456",
        "Admin@123456",
        "woaini1314520",
        "woaini5201314",
        "xueji20260901",
        "Xueji@2026",
        "jiaoyuju123",
        "zhangwei1987",
        "zhangwei19870312",
        "19870312zhang",
        "beijing2008",
        "abcd1234abcd",
        "a123456789",
        "iloveyou2026",
        "xuesheng000",
        "changeme2026",
        "123456789qwe",
    ],
)
def test_what_is_tried_first_is_recognised(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        "春天的纸飞机-2041",
        "三只小猫在屋顶上-7",
        "纸飞机2036-ab",
        "kite-over-the-harbour-41",
        "correct horse battery staple",
    ],
)
def test_what_a_person_invents_is_not_common(password: str) -> None:
    assert not is_common(password)


def test_what_a_program_draws_is_not_common() -> None:
    drawn = random.Random(7)
    signs = string.ascii_letters + string.digits
    assert not any(is_common("".join(drawn.choices(signs, k=12))) for _password in range(500))


def test_the_limit_lies_at_three_pieces() -> None:
    assert MOST_PIECES == 3
    assert count_pieces("laoshi-xuexiao-2026") == 3
    assert is_common("laoshi-xuexiao-2026")
    assert count_pieces("laoshi-xuexiao-beijing-2026") == 4
    assert not is_common("laoshi-xuexiao-beijing-2026")


def test_a_password_of_the_greatest_length_is_looked_at_quickly() -> None:
    assert count_pieces("x" * 128) < 128


def test_the_words_are_short_lower_case_and_many() -> None:
    assert len(words()) > 500
    assert all(word == word.casefold() and word.isascii() for word in words())
