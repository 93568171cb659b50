"""The words of runners: reviews by category and stars, questions and what others answered."""

from typing import Any, NamedTuple


class Answered(NamedTuple):
    """What the shop and what buyers said."""

    shop: str = ""
    buyers: tuple[str, ...] = ()


ATTRIBUTES: list[dict[str, Any]] = [
    {
        "key": "fit",
        "kind": "scale",
        "label": {"en": "How do they fit?", "de": "Wie sitzen sie?"},
        "options": [
            {"key": "small", "label": {"en": "Run small", "de": "Fallen klein aus"}},
            {"key": "true", "label": {"en": "True to size", "de": "Wie erwartet"}},
            {"key": "large", "label": {"en": "Run large", "de": "Fallen groß aus"}},
        ],
    }
]

_SHOES: dict[int, tuple[tuple[str, str], ...]] = {
    5: (
        ("My new daily shoe", "Three weeks, 180 km, no blister. Soft in the heel without feeling vague."),
        ("Light and quick", "I did not expect to notice the weight. I do, on every climb."),
        ("Second pair", "The first pair lasted a marathon build and then some. Bought the same again."),
        ("", "Out of the box and straight into a half marathon. No regrets."),
        ("Great grip in the rain", "Berlin in November is a good test. They hold on wet leaves and cobbles."),
    ),
    4: (
        ("Very good, a bit narrow", "Lovely ride. With thick socks they are a little tight at the little toe."),
        ("Nearly perfect", "Comfortable from the first run. The laces are too long, I tuck them in."),
        ("", "Good cushioning. The tongue slides to one side after ten kilometres."),
        ("Solid trainer", "Not the fastest, but my legs feel fresh the day after."),
    ),
    3: (
        ("Runs small", "Order half a size up. The exchange was easy, so three stars are for the guide."),
        ("Fine, not special", "They do what they should. I had hoped for more bounce at this price."),
        ("", "Good on the road, less so on gravel. The colour is duller than in the picture."),
    ),
    2: (
        ("Sole wears fast", "After 150 km the outer edge is smooth. I am not a heavy runner."),
        ("Heel rubs", "Two long runs, two blisters. Maybe it is my heel, but other shoes do not do this."),
    ),
    1: (
        ("Came apart", "The glue at the toe opened in the second week. I expected more for this money."),
        ("Wrong size in the box", "The box said 43, the shoes said 42. Annoying before a race."),
    ),
}
REVIEWS: dict[str, dict[int, tuple[tuple[str, str], ...]]] = {
    "Road shoes": _SHOES,
    "Race shoes": _SHOES,
    "Trail shoes": _SHOES,
    "": {
        5: (
            ("Exactly right", "Does what it says, well made, and it came quickly."),
            ("Use it every run", "I forget that I wear it, which is the best I can say."),
            ("", "Washed ten times and still looks new."),
        ),
        4: (
            ("Good value", "Nicely made. One more colour would be welcome."),
            ("", "Good, though the size chart could be clearer."),
        ),
        3: (("It is okay", "Works, but I have had better for less."),),
        2: (("Not for me", "Slips when I run fast. Fine for walking."),),
        1: (("Broke on day three", "A seam opened. Sent a photo and hope for a new one."),),
    },
}
# Two reviews that say more of somebody than may stand in public.
NAMING = (
    "Half of it was wet because the driver, Marek Nowak, left it in the rain. Ring him yourself: +49 151 5550134.",
    "The driver Jens Petersen (+49 160 5550177) put it over the fence. The shoes are fine, he is not.",
)
REPLIES = {
    1: ("This should not happen. We have written to you and send a new one today.",),
    2: ("Thank you for telling us. Please send us a photo: our guarantee covers this.",),
    3: ("Thank you, that helps others to choose. We have added a note on sizes to the page.",),
}
NPS_WORDS = {
    "high": (
        "Quick, honest, good shoes.",
        "You told me about the delay before I noticed it.",
        "",
        "",
        "Love the club.",
    ),
    "middle": ("Good, but delivery took a week.", "Fine so far."),
    "low": ("Parcel was late twice.", "The return label did not print.", "Too expensive for what it is."),
}
QUESTIONS = (
    ("aero-road", "Are they wide enough for orthotic insoles?"),
    ("trail-fox", "How do they hold on wet rock?"),
    ("everyday-glide", "Do they run true to size?"),
    ("merino-socks", "Can I put them in the tumble dryer?"),
    ("tempo-racer", "How many kilometres do they last?"),
    ("wind-shell", "Does it fold into its own pocket?"),
    ("aero-road", "Is there a version with a wider toe box coming?"),
)
ANSWERS = {
    "Are they wide enough for orthotic insoles?": Answered(
        "Yes: take the insole out, there are 7 mm of room. With thick orthotics choose half a size more.",
        ("I wear mine with carbon insoles, same size as always.",),
    ),
    "How do they hold on wet rock?": Answered(
        "", ("Better than my old ones, but slow down on slate.", "Good on granite, careful on wet wood.")
    ),
    "Do they run true to size?": Answered("", ("Half a size small for me.", "True to size, normal foot.")),
    "Can I put them in the tumble dryer?": Answered("Please do not: merino shrinks. They dry over night in the air."),
    "How many kilometres do they last?": Answered("", ("About 350 races and fast sessions included.",)),
}
