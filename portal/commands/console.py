"""How commands speak: Chinese and English side by side, because a terminal says little about its reader's language."""

import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click


def say(chinese: str, english: str = "") -> None:
    """Print one line in both languages."""
    click.echo(f"{chinese} · {english}" if english else chinese)


def tell_fault(message: str) -> None:
    """Print what went wrong and what to do, to the error stream."""
    click.secho(f"✗ {message}", fg="red", err=True)


@contextmanager
def step(chinese: str, english: str) -> Iterator[None]:
    """Show one line while something long goes on, with the seconds that it took at its end."""
    began = time.monotonic()
    click.echo(f"… {chinese} · {english} ", nl=False)
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        click.echo(f"{mark} {time.monotonic() - began:.1f} s")


def width(text: str) -> int:
    """Return how many columns the text takes in a terminal; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under a head, in columns that line up."""
    lines = [head, *rows]
    widths = [max(width(line[column]) for line in lines) for column in range(len(head))]

    def render(line: Sequence[str]) -> str:
        cells = [cell + " " * (size - width(cell)) for cell, size in zip(line, widths, strict=True)]
        return "  " + "  ".join(cells).rstrip()

    return "\n".join(render(line) for line in lines)
