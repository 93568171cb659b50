"""What insights keeps beside the snapshot's files."""

from thereafter.insights.models.links import SharedLink
from thereafter.insights.models.outlooks import Outlook, OutlookFit
from thereafter.insights.models.snapshots import Snapshot
from thereafter.insights.models.summaries import SummaryReader, SummarySent

__all__ = ["Outlook", "OutlookFit", "SharedLink", "Snapshot", "SummaryReader", "SummarySent"]
