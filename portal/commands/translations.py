"""Whether every text that a person sees has an English translation; `./desk lint --fix` updates the catalogue."""

import tomllib
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from portal.preparation import ROOT

CATALOG = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
LINE_WIDTH = 120
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}


def find_faults() -> str:
    """Return one line for each text without a finished translation, and for each that no source has any more."""
    used, catalog = extract(), read_catalog()
    faults = [f"没有英文 · not translated: {text(message)}" for message in used if not is_finished(message, catalog)]
    wrong = [f"{text(message)}: {fault}" for message in catalog if message.id for fault in message.check(catalog)]
    left = [
        f"已不再使用 · no longer used: {text(message)}" for message in catalog if message.id and message.id not in used
    ]
    return "\n".join([*faults, *wrong, *left])


def update() -> None:
    """Add new texts to the English catalogue, still without translation, and take out those that no source has."""
    catalog = read_catalog()
    catalog.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
    CATALOG.parent.mkdir(parents=True, exist_ok=True)
    with CATALOG.open("wb") as file:
        write_po(file, catalog, width=LINE_WIDTH, sort_output=True, ignore_obsolete=True, include_lineno=False)


def extract() -> Catalog:
    """Collect the texts of the sources, as `[tool.babel]` of pyproject.toml says where to look."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in settings["mappings"]]
    used = Catalog(locale="en")
    for folder in settings["folders"]:
        # The default filter leaves out folders with an underscore, such as templates/_layout.
        for file, _line, message, comments, context in extract_from_dir(
            ROOT / folder, methods, keywords=KEYWORDS, directory_filter=is_source
        ):
            used.add(message, locations=[(f"{folder}/{file}", 0)], auto_comments=comments, context=context)
    return used


def is_source(folder: str) -> bool:
    """Return whether a folder can hold sources."""
    return not Path(folder).name.startswith(("__", "."))


def read_catalog() -> Catalog:
    """Return the English catalogue, or an empty one."""
    if not CATALOG.exists():
        return Catalog(locale="en", project="Xueji Desk", version="", copyright_holder="Xueji Desk contributors")
    with CATALOG.open("rb") as file:
        return read_po(file, locale="en")


def is_finished(message: Message, catalog: Catalog) -> bool:
    """Return whether the catalogue has a whole and certain translation of the text."""
    if not message.id:
        return True
    known = catalog.get(message.id, message.context)
    if known is None or known.fuzzy:
        return False
    return all(known.string) if isinstance(known.string, tuple) else bool(known.string)


def text(message: Message) -> str:
    """Return a text and where it stands."""
    first = message.id if isinstance(message.id, str) else message.id[0]
    places = ", ".join(str(file) for file, _line in message.locations[:2])
    return f"{first!r} ({places})" if places else repr(first)
