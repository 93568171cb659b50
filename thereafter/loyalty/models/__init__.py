from thereafter.loyalty.models.calls import ApiCall
from thereafter.loyalty.models.codes import EarningCode
from thereafter.loyalty.models.imports import Import, RefusedRow
from thereafter.loyalty.models.ledger import Account, Allocation, Entry, Lot, OrderEarning, Posting
from thereafter.loyalty.models.members import Member, Milestone, TierChange
from thereafter.loyalty.models.pages import CardKey, JoinRequest, PageSettings
from thereafter.loyalty.models.programmes import Backfill, Programme, ProgrammeVersion
from thereafter.loyalty.models.referrals import Referral
from thereafter.loyalty.models.rewards import Redemption, Reward

__all__ = [
    "Account",
    "Allocation",
    "ApiCall",
    "Backfill",
    "CardKey",
    "EarningCode",
    "Entry",
    "Import",
    "JoinRequest",
    "Lot",
    "Member",
    "Milestone",
    "OrderEarning",
    "PageSettings",
    "Posting",
    "Programme",
    "ProgrammeVersion",
    "Redemption",
    "Referral",
    "RefusedRow",
    "Reward",
    "TierChange",
]
