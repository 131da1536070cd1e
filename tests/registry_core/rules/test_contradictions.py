"""Where the sources disagree, two packs give two answers: a test for each line of the list of contradictions."""

from __future__ import annotations

from datetime import date

from registry_core.access.models import Role
from registry_core.orgs.models import Level
from registry_core.rules.topics import MonthDay
from tests.registry_core.rules.conftest import Say

NOW = date(2026, 9, 1)
ADMINISTRATOR, LEADER = Role.REGISTRY_ADMINISTRATOR, Role.REGISTRY_LEADER


def test_the_sending_school_applies_in_shaanxi_and_certifies_in_zhejiang(say: Say) -> None:
    assert say("雁塔区", "transfers").sending_school == "applies"
    assert say("浙江省", "transfers").sending_school == "certifies"
    assert say("浙江省", "transfers").receiving_school == "takes_in"
    first = [say(unit, "procedure.transfer_in_province").steps[0].name_zh for unit in ("雁塔区", "浙江省")]
    assert first == ["转出学校申请", "转出学校开具转学证明"]


def test_between_provinces_the_receiving_school_starts_and_within_one_the_sending_school(say: Say) -> None:
    transfers = say("雁塔区", "transfers")
    assert (transfers.started_by, transfers.between_provinces_started_by) == ("sending_school", "receiving_school")
    assert say("雁塔区", "procedure.transfer_between_provinces").steps[0].side == "receiving"
    assert say("浙江省", "transfers").between_provinces_started_by is None


def test_shaanxi_reviews_in_3_working_days_and_zhejiang_registers_in_7_and_decides_in_20(say: Say) -> None:
    assert say("雁塔区", "deadlines").review == 3
    zhejiang = say("浙江省", "deadlines")
    assert (zhejiang.registration, zhejiang.review, zhejiang.decision) == (7, None, 20)


def test_in_a_department_the_administrator_approves_but_in_anhui_a_leader_what_goes_up(say: Say) -> None:
    shaanxi, anhui, zhejiang = (say(unit, "approvals.department") for unit in ("雁塔区", "安徽省", "浙江省"))
    assert (shaanxi.approved_by, shaanxi.submissions_approved_by, shaanxi.leader_only_looks) == (
        ADMINISTRATOR,
        None,
        True,
    )
    assert anhui.submissions_approved_by is LEADER
    assert (zhejiang.approved_by, zhejiang.school_data_checked_by) == (ADMINISTRATOR, LEADER)


def test_a_department_edits_pupil_data_in_zhejiang_and_only_approves_in_shaanxi(say: Say) -> None:
    assert say("浙江省", "department_editing").may_edit_pupil_data
    assert not say("雁塔区", "department_editing").may_edit_pupil_data


def test_the_system_administrator_takes_no_part_in_shaanxi_and_one_does_all_in_zhejiang(say: Say) -> None:
    shaanxi, zhejiang, nation = (say(unit, "separation_of_duties") for unit in ("雁塔区", "浙江省", "湖北省"))
    assert not shaanxi.system_administrator_takes_part
    assert zhejiang.system_administrator_takes_part
    assert zhejiang.one_administrator_for_all
    assert nation.super_administrator_sets_rights


def test_the_kinds_of_accounts_differ(say: Say) -> None:
    nation, shaanxi, zhejiang = (say(unit, "account_kinds") for unit in ("湖北省", "雁塔区", "浙江省"))
    assert nation.platform == (Role.SUPER_ADMINISTRATOR, ADMINISTRATOR, Role.ORDINARY_USER)
    assert shaanxi.school == (ADMINISTRATOR, LEADER, Role.SYSTEM_ADMINISTRATOR)
    assert zhejiang.school == (
        ADMINISTRATOR,
        Role.SCHOOL_USER,
        Role.STUDENT,
        Role.GRADE_ADMINISTRATOR,
        Role.CLASS_ADMINISTRATOR,
    )
    assert zhejiang.department == (ADMINISTRATOR, Role.READ_ONLY_USER, Role.CENTRE_SCHOOL_ADMINISTRATOR)


def test_the_year_turns_by_itself_on_1_august_in_zhejiang_and_by_hand_until_the_10th_in_shaanxi(say: Say) -> None:
    zhejiang, shaanxi = say("浙江省", "year_turn"), say("雁塔区", "year_turn")
    assert (zhejiang.mode, zhejiang.on.of(2026)) == ("automatic", date(2026, 8, 1))
    assert (shaanxi.mode, shaanxi.by.of(2026)) == ("by_hand", date(2026, 8, 10))


def test_graduation_is_locked_on_30_july_in_zhejiang_and_goes_with_the_year_turn_in_shaanxi(say: Say) -> None:
    zhejiang, shaanxi = say("浙江省", "graduation"), say("雁塔区", "graduation")
    assert (zhejiang.by, zhejiang.is_locked_then, zhejiang.with_year_turn) == (MonthDay(7, 30), True, False)
    assert (shaanxi.by, shaanxi.is_locked_then, shaanxi.with_year_turn) == (MonthDay(8, 10), False, True)


def test_newcomers_have_three_calendars(say: Say) -> None:
    zhejiang, shaanxi, anhui = (say(unit, "newcomers") for unit in ("浙江省", "雁塔区", "安徽省"))
    assert (zhejiang.by, zhejiang.checked_at) == (MonthDay(9, 30), "school")
    assert (shaanxi.opens, shaanxi.by, shaanxi.checked_at) == (MonthDay(8, 25), MonthDay(9, 20), "above")
    assert anhui.counted_on == MonthDay(9, 30)


def test_personal_data_are_locked_by_date_in_zhejiang_and_never_by_date_in_shaanxi(say: Say) -> None:
    zhejiang, shaanxi = say("浙江省", "data_lock"), say("雁塔区", "data_lock")
    assert (zhejiang.personal, zhejiang.locked_on) == ("until_graduation", MonthDay(9, 30))
    assert (shaanxi.personal, shaanxi.locked_on, shaanxi.key_data_by_application) == ("no_date_lock", None, True)


def test_locked_data_are_corrected_above_and_after_the_hand_over_by_the_province(say: Say) -> None:
    zhejiang, shaanxi = say("浙江省", "corrections"), say("雁塔区", "corrections")
    assert (zhejiang.changed_by, zhejiang.at, zhejiang.after_hand_over_at) == (ADMINISTRATOR, "above", "province")
    assert (shaanxi.at, shaanxi.after_hand_over_at) == ("school", None)


def test_the_sources_count_78_50_and_29_fields_and_only_one_lists_them(say: Say) -> None:
    counts = [say(unit, "field_counts") for unit in ("雁塔区", "湖北省", "浙江省")]
    assert [(count.pupil, count.are_listed) for count in counts] == [(78, False), (50, False), (29, True)]
    assert counts[2].further_groups


def test_a_pupil_is_known_by_different_numbers(say: Say) -> None:
    units = ("安徽省", "雁塔区", "湖北省", "浙江省", "上海市")
    numbers = [say(unit, "numbers") for unit in units]
    assert [number.identifier for number in numbers] == [
        "main_number",
        "national_identifier",
        "registry_number",
        "registry_number",
        "card",
    ]
    assert numbers[0].secondary_digits == 18
    assert [number.old_and_new_at_movement for number in numbers] == [False, False, False, True, False]


def test_movements_begin_on_1_october_in_shaanxi_and_any_day_in_zhejiang(say: Say) -> None:
    shaanxi, zhejiang = say("雁塔区", "movement_dates"), say("浙江省", "movement_dates")
    assert (shaanxi.opens, shaanxi.within_working_days) == (MonthDay(10, 1), None)
    assert (zhejiang.opens, zhejiang.within_working_days) == (None, 7)


def test_the_registry_is_checked_in_three_rhythms(say: Say) -> None:
    anhui, zhejiang, shaanxi = (say(unit, "audit_rhythm") for unit in ("安徽省", "浙江省", "雁塔区"))
    assert (anhui.school, anhui.department) == ("termly", "yearly")
    assert (zhejiang.school, zhejiang.department) == ("termly", "promptly")
    assert shaanxi.department == "before_promotion"


def test_data_go_up_by_hand_by_themselves_or_through_an_exchange(say: Say) -> None:
    assert [say(unit, "submission").way for unit in ("安徽省", "浙江省", "雁塔区")] == [
        "by_hand",
        "automatic",
        "exchange",
    ]


def test_anhui_reports_yearly_and_the_nation_monthly(say: Say) -> None:
    assert say("安徽省", "reporting_rhythm").every == "yearly"
    assert (say("雁塔区", "reporting_rhythm").every, say("雁塔区", "reporting_rhythm").by_day_of_month) == (
        "monthly",
        5,
    )


def test_the_data_have_different_readers(say: Say) -> None:
    zhejiang, anhui, shanghai, nation = (
        set(say(unit, "readers").who) for unit in ("浙江省", "安徽省", "上海市", "湖北省")
    )
    assert zhejiang == {"education", "schools"}
    assert anhui - zhejiang == {"finance"}
    assert shanghai - zhejiang == {"population_register"}
    assert nation - zhejiang == {"policy_users"}


def test_the_system_runs_at_different_levels(say: Say) -> None:
    assert Level.SCHOOL in say("上海市", "deployment").levels
    assert Level.COUNTY in say("浙江省", "deployment").levels
    assert say("雁塔区", "deployment").levels == (Level.MINISTRY, Level.PROVINCE)


def test_three_four_or_five_levels_take_part(say: Say) -> None:
    assert [len(say(unit, "levels_used").levels) for unit in ("上海市", "安徽省", "雁塔区")] == [3, 4, 5]


def test_kindergartens_belong_to_zhejiang_and_shanghai_and_not_to_shaanxi_and_anhui(say: Say) -> None:
    has = {
        unit: "kindergarten" in say(unit, "scope_of_schools").stages
        for unit in ("浙江省", "上海市", "雁塔区", "安徽省")
    }
    assert has == {"浙江省": True, "上海市": True, "雁塔区": False, "安徽省": False}
    assert say("安徽省", "scope_of_schools").settled_elsewhere == ("vocational",)


def test_anhui_is_closed_and_the_nation_online(say: Say) -> None:
    assert say("安徽省", "network").reach == "closed"
    nation = say("雁塔区", "network")
    assert (nation.reach, nation.online_support) == ("nationwide", True)


def test_two_provinces_use_one_software_and_the_nation_lets_own_systems_connect(say: Say) -> None:
    assert [say(unit, "software").use for unit in ("安徽省", "浙江省", "湖北省")] == [
        "one_for_all",
        "one_for_all",
        "own_systems_connected",
    ]


def test_problem_cases_are_due_at_the_end_of_august_or_before_the_term(say: Say) -> None:
    shaanxi, nation = say("雁塔区", "problem_cases"), say("湖北省", "problem_cases")
    assert (shaanxi.by, shaanxi.before_autumn_term) == (MonthDay(8, 31), False)
    assert (nation.by, nation.before_autumn_term) == (None, True)


def test_zhejiang_reports_deaths_and_anhui_dropouts(say: Say) -> None:
    zhejiang, anhui = say("浙江省", "immediate_reports"), say("安徽省", "immediate_reports")
    assert (zhejiang.event, zhejiang.way) == ("death", "automatically_after_processing")
    assert (anhui.event, anhui.way) == ("dropout", "together_with_the_change")


def test_anhui_trains_the_level_below_and_shaanxi_its_own_area(say: Say) -> None:
    assert say("安徽省", "training_duty").trains == "level_below"
    assert (say("雁塔区", "training_duty").trains, say("雁塔区", "training_duty").certificate_needed) == (
        "own_area",
        True,
    )


def test_the_contact_list_goes_to_two_places_on_two_days_in_two_forms(say: Say) -> None:
    shaanxi, shanghai = say("雁塔区", "contact_list"), say("上海市", "contact_list")
    assert (shaanxi.by, shaanxi.to, shaanxi.electronic, shaanxi.stamped) == (MonthDay(8, 30), "省电教馆", True, False)
    assert (shanghai.by, shanghai.to, shanghai.electronic, shanghai.stamped) == (
        MonthDay(8, 20),
        "市教委基教处",
        False,
        True,
    )


def test_backups_are_daily_or_elsewhere(say: Say) -> None:
    nation, zhejiang = say("雁塔区", "backup"), say("浙江省", "backup")
    assert (nation.every, nation.elsewhere) == ("daily", False)
    assert (zhejiang.every, zhejiang.elsewhere) == ("regularly", True)


def test_system_logs_are_cleaned_or_kept_but_who_did_what_always_stays(say: Say) -> None:
    nation, zhejiang = say("雁塔区", "logs"), say("浙江省", "logs")
    assert (nation.system_log, zhejiang.system_log) == ("cleaned_regularly", "kept")
    assert nation.business_record == zhejiang.business_record == "kept"


def test_a_technician_published_in_2014_and_officials_publish_now(say: Say) -> None:
    assert say("湖北省", "publishers").roles == (Role.SUPER_ADMINISTRATOR,)
    assert LEADER in say("湖北省", "publishers", NOW).roles


def test_what_is_known_of_2025_holds_where_no_province_says_otherwise(say: Say) -> None:
    transfers = say("湖北省", "transfers", NOW)
    assert (transfers.started_by, transfers.review_working_days) == ("receiving_school", 10)
    assert say("湖北省", "audit_rhythm", NOW).school == "termly"
    assert not say("湖北省", "withdrawal", NOW).allowed_in_compulsory_stage
