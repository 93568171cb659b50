"""What becomes of reviews. None of these may be used to treat people differently by their stars."""

from dataclasses import dataclass

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class ReviewsAsked(ShopperEvent, name="review.asked"):
    """Somebody was asked for their opinion on what they bought."""

    request_id: int
    products: int


@dataclass(frozen=True, kw_only=True)
class ReviewWritten(ShopperEvent, name="review.written"):
    """A customer wrote a review. It earns what it earns now, whatever it says and whatever becomes of it."""

    review_id: int
    product_id: int
    rating: int
    photos: int = 0
    videos: int = 0
    has_words: bool = False
    verified: bool = False
    collected: str = "invitation"


@dataclass(frozen=True, kw_only=True)
class ReviewChanged(ShopperEvent, name="review.changed"):
    """The author changed it; `was` is the stars before."""

    review_id: int
    product_id: int
    rating: int
    was: int
    photos: int = 0


@dataclass(frozen=True, kw_only=True)
class ReviewPublished(ShopperEvent, name="review.published"):
    """It can be seen from now on."""

    review_id: int
    product_id: int
    rating: int


@dataclass(frozen=True, kw_only=True)
class ReviewHidden(ShopperEvent, name="review.hidden"):
    """It is not shown, for `reason`; its author was told and may object."""

    review_id: int
    product_id: int
    reason: str
    decision_id: int


@dataclass(frozen=True, kw_only=True)
class ReviewWithdrawn(ShopperEvent, name="review.withdrawn"):
    """The author took it back."""

    review_id: int
    product_id: int


@dataclass(frozen=True, kw_only=True)
class ReviewReplied(ShopperEvent, name="review.replied"):
    """The shop answered in public, or wrote to the author alone."""

    review_id: int
    product_id: int
    public: bool
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ReviewUpdateAsked(ShopperEvent, name="review.update_asked"):
    """The author was asked whether the review still says what they think."""

    review_id: int
    product_id: int


@dataclass(frozen=True, kw_only=True)
class AppealMade(ShopperEvent, name="review.appealed"):
    """An author says that their review should be shown."""

    review_id: int
    decision_id: int


@dataclass(frozen=True, kw_only=True)
class AppealDecided(ShopperEvent, name="review.appeal_decided"):
    """Another person than the first looked at it again; `answer` is what the author is told."""

    review_id: int
    decision_id: int
    upheld: bool
    answer: str = ""
