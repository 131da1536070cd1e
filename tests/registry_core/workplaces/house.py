"""What tests of registered places share."""

from __future__ import annotations

SCHOOL = "西安市雁塔区第二小学（演示）"
