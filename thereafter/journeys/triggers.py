"""The events a journey may begin with. Listed, because each costs a delivery whenever it happens."""

from thereafter.events.base import ShopperEvent
from thereafter.events.orders import OrderCancelled, OrderFulfilled, OrderPlaced, OrderRefunded
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
from thereafter.events.surveys import SurveyAnswered

TRIGGERS: tuple[type[ShopperEvent], ...] = (
    OrderPlaced,
    OrderFulfilled,
    OrderCancelled,
    OrderRefunded,
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
    SurveyAnswered,
)
