"""What tests of undertakings and purposes share: a province's rules, and people who have signed nothing."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from registry_core.rules.loader import load_packs

OFFICERS = '["registry_administrator", "super_administrator"]'
PACK = """
code = "promises"
name = "试验规则"
owner = "610000"
source = "试验"
valid_from = 2020-01-01

[rules.undertaking]
clause = "第一条"
value = {{ version = "{version}", title = "试验承诺书", text = ["我保守秘密。"] }}

[rules.purposes]
clause = "第二条"
[rules.purposes.value]
asked = "{asked}"
purposes = [
  {{ code = "business", name_zh = "办理业务", name_en = "Business", roles = {officers} }},
  {{ code = "leading", name_zh = "领导查阅", name_en = "Leading", roles = ["registry_leader"] }},
]
"""


def load(session: Session, folder: Path, *, version: str = "1", asked: str = "each_day") -> None:
    """Load a province's rules; a later call changes them."""
    file = folder / "promises.toml"
    file.write_text(PACK.format(version=version, asked=asked, officers=OFFICERS), encoding="utf-8")
    load_packs(session, [file])
