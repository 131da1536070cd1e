"""Nothing grows past what one can hold in the head."""

from __future__ import annotations

from tests.architecture.sources import ROOT, Function, around, product

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
MOST_PARAMETERS = 6


def parameters_of(function: Function) -> int:
    given = function.args
    named = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in named if name not in {"self", "cls"}])


def length_of(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = [
        f"{source.place(function)} {function.name}: {length_of(function)}"
        for source in (*product(), *around())
        if not source.name.startswith("migrations/")  # a list of statements, written once and never read as logic
        for function in source.functions()
        if length_of(function) > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_function_takes_more_than_six_parameters() -> None:
    many = [
        f"{source.place(function)} {function.name}: {parameters_of(function)}"
        for source in product()
        for function in source.functions()
        if parameters_of(function) > MOST_PARAMETERS
    ]
    assert many == []


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    built = ROOT / "static" / "dist"
    written = [
        path
        for folder in ("static", "templates")
        for kind in ("js", "html", "css", "scss")
        for path in (ROOT / folder).rglob(f"*.{kind}")
        if built not in path.parents
    ]
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in written}
    lengths |= {source.path: len(source.text.splitlines()) for source in (*product(), *around())}
    long = {path.relative_to(ROOT).as_posix(): lines for path, lines in lengths.items() if lines > LONGEST_FILE}
    assert long == {}
