"""`./desk db …` and `./desk demo` on a database of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from portal.commands import db, demo
from portal.servers.errors import ServerFailed
from portal.servers.postgres import private_postgres
from registry_core.orgs.errors import LoadRefused, UnitNotFound

pytestmark = pytest.mark.xdist_group("db")

HEAD = "code,name,level,parent_code,kind"
SHAANXI = f"{HEAD}\n610000,陕西省,province,,province\n"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with private_postgres(tmp_path_factory.mktemp("db") / "postgres", durable=False) as url:
        yield url


@pytest.fixture(autouse=True)
def _empty_database(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.delenv("DESK_MODE", raising=False)
    assert run("reset", "--yes").exit_code == 0


def run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(db.command, arguments, input=answer)


def count(url: str, table: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        number = connection.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - a name of this file
    engine.dispose()
    return int(number or 0)


def test_the_shipped_divisions_load_twice_and_say_so(url: str) -> None:
    first = run("load-regions")
    total = count(url, "org_unit")
    assert f"新增 {total} 个单位" in first.output
    assert "新增 0 个单位" in run("load-regions").output
    assert count(url, "org_unit") == total


def test_the_shipped_calendar_loads_and_a_year_that_is_there_stays(url: str) -> None:
    first = run("load-calendar")
    assert first.exit_code == 0
    assert "2024、2025、2026" in first.output
    total = count(url, "calendar_day")
    assert total == 108
    assert "none" in run("load-calendar").output
    assert count(url, "calendar_day") == total


def test_a_file_with_wrong_rows_is_refused_with_each_line(url: str, tmp_path: Path) -> None:
    file = tmp_path / "regions.csv"
    file.write_text(f"{HEAD}\nabc,,nowhere,,x\n", encoding="utf-8")
    result = run("load-regions", str(file))
    assert isinstance(result.exception, LoadRefused)
    assert "2" in result.output
    assert count(url, "org_unit") == 0


def test_a_province_without_a_code_and_a_school_are_added(url: str) -> None:
    run("load-regions")
    before = count(url, "org_unit")
    province = run("add-unit", "新疆生产建设兵团", "--level", "province")
    school = run("add-unit", "雁塔区新校", "--level", "school", "--under", "610113", "--code", "3161000001")
    assert "新疆生产建设兵团" in province.output
    assert "雁塔区 › 雁塔区新校" in school.output
    assert count(url, "org_unit") == before + 2


def test_a_unit_under_an_unknown_one_is_refused(url: str) -> None:
    run("load-regions")
    before = count(url, "org_unit")
    assert isinstance(run("add-unit", "某校", "--level", "school", "--under", "999999").exception, UnitNotFound)
    assert isinstance(run("add-unit", "某校", "--level", "school", "--under", "no-such-unit").exception, UnitNotFound)
    assert count(url, "org_unit") == before


def test_nothing_is_deleted_without_a_yes(url: str) -> None:
    run("load-regions")
    before = count(url, "org_unit")
    assert run("reset", answer="n\n").exit_code == 1
    assert CliRunner().invoke(demo.command, input="n\n").exit_code == 1
    assert count(url, "org_unit") == before
    assert run("reset", answer="y\n").exit_code == 0
    assert count(url, "org_unit") == 0


def test_the_demonstration_is_loaded_anew(url: str) -> None:
    assert CliRunner().invoke(demo.command, ["--yes"]).exit_code == 0
    people = count(url, "account")
    assert people > 10
    assert CliRunner().invoke(demo.command, ["--yes"]).exit_code == 0
    assert count(url, "account") == people


def test_there_is_no_demonstration_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_MODE", "production")
    result = CliRunner().invoke(demo.command, ["--yes"])
    assert isinstance(result.exception, ServerFailed)


def test_psql_reaches_the_database(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("shell", "-Atc", "SELECT count(*) FROM org_unit").exit_code == 0
    assert capfd.readouterr().out.strip() == "0"
