"""Rows of the living floor: people, their records, answers, requests and messages."""

from members.models.access_code import AccessCode as AccessCode
from members.models.archive_reading import ArchiveReading as ArchiveReading
from members.models.case_flag import CaseFlag as CaseFlag
from members.models.consent import Answer as Answer
from members.models.consent import ConsentEvent as ConsentEvent
from members.models.consent import ConsentState as ConsentState
from members.models.cookie_count import CookieCount as CookieCount
from members.models.data_copy import DataCopy as DataCopy
from members.models.data_subject import MEMBER_KINDS as MEMBER_KINDS
from members.models.data_subject import PURCHASER_KINDS as PURCHASER_KINDS
from members.models.data_subject import DataSubject as DataSubject
from members.models.data_subject import Member as Member
from members.models.data_subject import Purchaser as Purchaser
from members.models.delivery import Delivery as Delivery
from members.models.destruction_plan import DestructionPage as DestructionPage
from members.models.destruction_plan import DestructionPlan as DestructionPlan
from members.models.dormancy import Dormancy as Dormancy
from members.models.legal_representative import LegalRepresentative as LegalRepresentative
from members.models.reclock import Reclock as Reclock
from members.models.record import Record as Record
from members.models.rights_request import RequestMessage as RequestMessage
from members.models.rights_request import Restriction as Restriction
from members.models.rights_request import RightsRequest as RightsRequest
from members.models.service_block import ServiceBlock as ServiceBlock
from members.models.staged_change import StagedChange as StagedChange
from members.models.withdrawal import Withdrawal as Withdrawal
