"""The one page of who reacts to what: to events (through the outbox), to the passing of time, to what is said."""

from __future__ import annotations

from datetime import timedelta

from chat import events as chat
from chat import jobs as chat_jobs
from chat import reactions as chat_reactions
from chat.attachments import MessageFileKeeper
from chat.incidents import RecallKeeper
from chat.keeper import MessengerKeeper
from chat.policies import Keeper
from chat.unread import MessageTeller
from helpdesk import events as helpdesk
from helpdesk import jobs, reactions
from helpdesk.dependents import tell_of_units
from helpdesk.keeper import TicketKeeper
from portal.worker.house import Tick
from registry_core.access import events as access
from registry_core.accounts import events as accounts
from registry_core.accounts import jobs as account_jobs
from registry_core.accounts import reactions as account_reactions
from registry_core.approvals import events as approvals
from registry_core.approvals import jobs as approval_jobs
from registry_core.approvals import reactions as approval_reactions
from registry_core.approvals.effects import Effect
from registry_core.approvals.evidence import EvidenceKeeper
from registry_core.audit import jobs as audit
from registry_core.away import jobs as away_jobs
from registry_core.calendars import events as calendars
from registry_core.deliveries import Ledger
from registry_core.directory import events as directory
from registry_core.directory import jobs as directory_jobs
from registry_core.directory import reactions as directory_reactions
from registry_core.directory.dependents import Teller
from registry_core.directory.effects import EFFECTS as SCHOOL_EFFECTS
from registry_core.events import Event, Reaction
from registry_core.files import events as files
from registry_core.files import jobs as file_jobs
from registry_core.files import reactions as file_reactions
from registry_core.files.policies import FileKeeper
from registry_core.incidents import events as incidents
from registry_core.incidents import reactions as incident_reactions
from registry_core.incidents.policies import IncidentKeeper
from registry_core.notifications.tellers import NoticeTeller
from registry_core.notifications.unread import UnreadTeller
from registry_core.people import events as people
from registry_core.people import jobs as people_jobs
from registry_core.people import reactions as people_reactions
from registry_core.people.services.credentials import note_delivery
from registry_core.records import jobs as record_jobs

# Each reaction is a job of its own: it runs in the worker after commit, at least once, and is tried again alone.
REACTIONS: tuple[tuple[type[Event], tuple[Reaction, ...]], ...] = (
    (helpdesk.QuestionAnswered, (reactions.tell_asker_of_answer,)),
    (helpdesk.TicketResolved, (reactions.tell_asker_of_resolution,)),
    (helpdesk.TicketPassedUp, (reactions.tell_desk_of_passed_up,)),
    (helpdesk.TicketReturned, (reactions.tell_handler_of_return,)),
    (helpdesk.TicketReopened, (reactions.tell_resolver_of_reopening,)),
    (helpdesk.NobodyThere, (reactions.tell_desk_of_waiting,)),
    (chat.GroupLaidDown, (chat_reactions.settle_new_group,)),
    (chat.CallMissed, (chat_reactions.tell_of_missed_call,)),
    (chat.PeopleMentioned, (chat_reactions.tell_of_mention,)),
    (chat.MisplacedReported, (chat_reactions.tell_of_report,)),
    (chat.MessageRecalled, (reactions.forget_title,)),
    (incidents.IncidentOpened, (incident_reactions.tell_administrators,)),
    (files.FileKept, (file_reactions.scan_and_draw,)),
    (files.VirusFound, (people_reactions.tell_of_infected_file,)),
    (accounts.ResetRequested, (account_reactions.send_code,)),
    (accounts.SignedInByNewDevice, (account_reactions.tell_of_new_device,)),
    (accounts.PasswordChanged, (account_reactions.tell_of_new_password,)),
    (accounts.SecondFactorChanged, (account_reactions.tell_of_factor,)),
    (accounts.LetterGiven, (account_reactions.tell_of_letter,)),
    (accounts.DormancyNear, (account_reactions.tell_of_dormancy,)),
    (people.AccountsAsked, (people_reactions.open_accounts,)),
    (people.CredentialsIssued, (people_reactions.send_credentials,)),
    (people.AdministratorReported, (people_reactions.tell_of_report,)),
    (people.RegistrationRequested, (people_reactions.send_registration_code,)),
    (people.RegistrationConfirmed, (people_reactions.tell_of_registration,)),
    (people.RegistrationRefused, (people_reactions.tell_of_refused_registration,)),
    (people.PasswordLent, (people_reactions.tell_of_lent_password,)),
    (people.LentPasswordKept, (people_reactions.tell_of_kept_password,)),
    (people.LoanAsked, (people_reactions.tell_of_loan,)),
    (people.LoanDecided, (people_reactions.tell_of_decided_loan,)),
    (
        access.RoleGiven,
        (
            people_reactions.report_appointment,
            people_reactions.tell_successor,
            chat_reactions.settle_groups_of_role,
            reactions.hand_over_desk,
        ),
    ),
    (people.ReportDecided, (people_reactions.tell_of_decision,)),
    (directory.ContactsDue, (directory_reactions.tell_of_contacts_due,)),
    (calendars.CalendarChanged, (approval_reactions.count_days_anew,)),
    (approvals.StepOpened, (approval_reactions.tell_deciders,)),
    (approvals.ApplicationReturned, (approval_reactions.tell_applicant_of_return,)),
    (approvals.ApplicationDecided, (approval_reactions.tell_applicant_of_decision,)),
    (approvals.StepOverdue, (approval_reactions.tell_leader_of_overdue, reactions.tell_desk_of_overdue)),
)

# Events that nobody reacts to yet, and why they are recorded all the same.
NO_REACTION: dict[type[Event], str] = {
    directory.SchoolMerged: "The student registry will move the pupils; everybody with a role has moved already.",
    helpdesk.QuestionAsked: "Routing rings in the asking transaction itself; statistics will count from here.",
    helpdesk.TicketClosed: "The asker has just confirmed on the page; knowledge and statistics will start from here.",
}

# What the clock of the worker does, and how often.
TICKS: tuple[Tick, ...] = (
    Tick(jobs.ring_out, timedelta(seconds=jobs.RING_OUT_EVERY_SECONDS)),
    Tick(jobs.notice_gone, timedelta(seconds=jobs.NOTICE_GONE_EVERY_SECONDS)),
    Tick(jobs.offer_waiting, timedelta(seconds=jobs.OFFER_WAITING_EVERY_SECONDS)),
    Tick(jobs.release_departed, timedelta(seconds=jobs.RELEASE_DEPARTED_EVERY_SECONDS)),
    Tick(account_jobs.seal_dormant, timedelta(seconds=account_jobs.SEAL_DORMANT_EVERY_SECONDS)),
    Tick(account_jobs.forget_attempts, timedelta(seconds=account_jobs.FORGET_ATTEMPTS_EVERY_SECONDS)),
    Tick(account_jobs.forget_pending, timedelta(seconds=account_jobs.FORGET_PENDING_EVERY_SECONDS)),
    Tick(account_jobs.forget_devices, timedelta(seconds=account_jobs.FORGET_DEVICES_EVERY_SECONDS)),
    Tick(people_jobs.forget_unconfirmed, timedelta(seconds=people_jobs.FORGET_UNCONFIRMED_EVERY_SECONDS)),
    Tick(people_jobs.chase_lent_passwords, timedelta(seconds=people_jobs.CHASE_LENT_PASSWORDS_EVERY_SECONDS)),
    Tick(people_jobs.forget_batches, timedelta(seconds=people_jobs.FORGET_BATCHES_EVERY_SECONDS)),
    Tick(approval_jobs.escalate_overdue, timedelta(seconds=approval_jobs.ESCALATE_OVERDUE_EVERY_SECONDS)),
    Tick(approval_jobs.move_stranded, timedelta(seconds=approval_jobs.MOVE_STRANDED_EVERY_SECONDS)),
    Tick(record_jobs.move_stranded, timedelta(seconds=record_jobs.MOVE_STRANDED_EVERY_SECONDS)),
    Tick(directory_jobs.remind_of_contacts, timedelta(seconds=directory_jobs.REMIND_EVERY_SECONDS)),
    Tick(account_jobs.spell_names, timedelta(seconds=account_jobs.SPELL_NAMES_EVERY_SECONDS)),
    Tick(chat_jobs.settle_groups, timedelta(seconds=chat_jobs.SETTLE_GROUPS_EVERY_SECONDS)),
    Tick(chat_jobs.take_up_words, timedelta(seconds=chat_jobs.TAKE_UP_WORDS_EVERY_SECONDS)),
    Tick(chat_jobs.look_after_calls, timedelta(seconds=chat_jobs.LOOK_AFTER_CALLS_EVERY_SECONDS)),
    Tick(away_jobs.look_for_news, timedelta(seconds=away_jobs.LOOK_FOR_NEWS_EVERY_SECONDS)),
    Tick(away_jobs.look_out, timedelta(seconds=away_jobs.LOOK_OUT_EVERY_SECONDS)),
    Tick(away_jobs.clear_out, timedelta(seconds=away_jobs.CLEAR_OUT_EVERY_SECONDS)),
    Tick(audit.publish_heads, timedelta(seconds=audit.PUBLISH_EVERY_SECONDS)),
    Tick(file_jobs.clear_out_files, timedelta(seconds=file_jobs.CLEAR_OUT_EVERY_SECONDS)),
    Tick(file_jobs.clear_storage, timedelta(seconds=file_jobs.CLEAR_STORAGE_EVERY_SECONDS)),
)

# Who keeps conversations for a purpose: answers for the right to read and write, and hears of each message.
KEEPERS: list[Keeper] = [TicketKeeper(), MessengerKeeper()]

# Who tells what somebody has not read yet, for word to those who are away.
UNREAD_TELLERS: tuple[UnreadTeller, ...] = (NoticeTeller(), MessageTeller())

# Who answers for the files of a use: may somebody bring one, may somebody open it? Without a keeper a use is shut.
FILE_KEEPERS: list[FileKeeper] = [EvidenceKeeper(), MessageFileKeeper()]

# Who answers for the incidents of a kind: whom they had reached, and what is sealed under them.
INCIDENT_KEEPERS: tuple[IncidentKeeper, ...] = (RecallKeeper(),)

# What an approval brings about, in the transaction of the last decision.
EFFECTS: tuple[Effect, ...] = SCHOOL_EFFECTS

# Who tells what hangs on a unit: shown on its page, and before it is merged or closed.
TELLERS: tuple[Teller, ...] = (tell_of_units,)

# Who keeps what came of deliveries that have to be proved.
LEDGER: Ledger = note_delivery
