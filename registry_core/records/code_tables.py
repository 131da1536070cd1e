"""The code tables that fields choose from; `data/PROVENANCE.md` says where they come from."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from registry_core.orgs.loader import OWN_FILE
from registry_core.orgs.models import UnitKind
from registry_core.orgs.region_file import read_regions

DATA = Path(__file__).parent / "data"
REGIONS = "region"


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a table with its label in both languages."""

    code: str
    label_zh: str
    label_en: str


@cache
def load_code_tables() -> Mapping[str, Mapping[str, Code]]:
    """Load every shipped code table: name of the table → code → label, in the order of the file."""
    tables: dict[str, dict[str, Code]] = {}
    with (DATA / "code_tables.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            tables.setdefault(row["table"], {})[row["code"]] = Code(row["code"], row["label_zh"], row["label_en"])
    return tables


@cache
def load_region_names() -> Mapping[str, str]:
    """Load the real divisions that ship with the tree: code → name."""
    regions = read_regions(OWN_FILE.read_bytes())
    return {region.code: region.name for region in regions if region.kind is UnitKind.AUTHORITY}
