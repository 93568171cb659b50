"""The events a journey may begin with, end on or wait for. Listed: each costs a delivery whenever it happens."""

from thereafter.events.base import ShopperEvent
from thereafter.events.coupons import CouponIssued, CouponRedeemed
from thereafter.events.customers import ConsentChanged, CustomerDateCame, CustomerJoined, CustomerTracked
from thereafter.events.messages import MessageBounced, MessageClicked, MessageOpened, MessageReplied
from thereafter.events.orders import OrderCancelled, OrderFulfilled, OrderPlaced, OrderRefunded, ReorderDue
from thereafter.events.parcels import (
    DeliveryProblemReported,
    ParcelAttempted,
    ParcelAwaitsPickup,
    ParcelDelivered,
    ParcelFlagged,
    ParcelLate,
    ParcelOutForDelivery,
    ParcelRanIntoTrouble,
    ParcelReturned,
    ParcelShipped,
)
from thereafter.events.points import PointsAwarded
from thereafter.events.refunds import RefundSettled
from thereafter.events.returns import (
    CreditIssued,
    ExchangeCancelled,
    ExchangeShipped,
    ReturnAnswered,
    ReturnApproved,
    ReturnCancelled,
    ReturnDeclined,
    ReturnDue,
    ReturnExpired,
    ReturnHandedIn,
    ReturnInspected,
    ReturnParcelCreated,
    ReturnReceived,
    ReturnReopened,
    ReturnRequested,
    ReturnResolved,
)
from thereafter.events.segments import SegmentEntered, SegmentLeft
from thereafter.events.surveys import SurveyAnswered

TRIGGERS: tuple[type[ShopperEvent], ...] = (
    OrderPlaced,
    OrderFulfilled,
    OrderCancelled,
    OrderRefunded,
    ReorderDue,
    ParcelShipped,
    ParcelOutForDelivery,
    ParcelAwaitsPickup,
    ParcelAttempted,
    ParcelDelivered,
    ParcelLate,
    ParcelFlagged,
    ParcelRanIntoTrouble,
    ParcelReturned,
    DeliveryProblemReported,
    ReturnRequested,
    ReturnApproved,
    ReturnParcelCreated,
    ReturnDeclined,
    ReturnDue,
    ReturnHandedIn,
    ReturnReceived,
    ReturnInspected,
    ReturnAnswered,
    ReturnCancelled,
    ReturnExpired,
    ReturnReopened,
    ReturnResolved,
    ExchangeShipped,
    ExchangeCancelled,
    RefundSettled,
    CreditIssued,
    SurveyAnswered,
    CustomerJoined,
    CustomerTracked,
    CustomerDateCame,
    ConsentChanged,
    SegmentEntered,
    SegmentLeft,
    CouponIssued,
    CouponRedeemed,
    PointsAwarded,
    MessageOpened,
    MessageClicked,
    MessageReplied,
    MessageBounced,
)
