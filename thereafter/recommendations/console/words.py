"""What the console calls slots, reasons and rules."""

from thereafter.recommendations.rules import showing as rules

SLOTS = {
    rules.PRODUCT: "Product page",
    rules.BASKET: "Cart",
    rules.CUSTOMER: "Customer's account",
    rules.MESSAGE: "Messages",
    rules.ORDER: "Order and tracking page",
}
KINDS = {
    rules.PIN: "Always show a product",
    rules.NEVER: "Never show",
    rules.ONLY: "Show only this category",
    rules.BOOST: "Show more or less often",
    rules.MARGIN: "Margin",
    rules.ONE_EACH: "Nobody needs a second one",
    rules.REPEATS: "Bought again and again",
}
KIND_HELP = {
    rules.PIN: "It stands in the place you choose, unless the shopper has it or it cannot be had.",
    rules.NEVER: "A product, or a whole category.",
    rules.ONLY: "Nothing but this category is shown there; pins still are.",
    rules.BOOST: "Its score is multiplied: 2 is twice as strong, 0.5 half.",
    rules.MARGIN: "In percent. What earns more is shown earlier where two fit as well.",
    rules.ONE_EACH: "Whoever has one, such as a kettle, is not shown another one of the category.",
    rules.REPEATS: "Another one of the category may be shown to whoever has one.",
}
# What the models were asked in the trial on the shop's own last month, and what they are called.
QUESTIONS = {
    "basket": "The rest of a cart, by half of it",
    "history": "What a customer buys next, by all they bought",
    "last_order": "What a customer buys next, by their last order",
}
MODELS = {"ease": "EASE", "cosine": "Bought together", "popular": "Bestsellers"}
WHY = {
    "beside": "It is what this stands beside.",
    "not_sold": "It is not on sale any more.",
    "no_stock": "It is sold out.",
    "returned": "The customer sent it back.",
    "coming": "It is in an order that has not left yet.",
    "owned": "The customer has it.",
    "same_title": "Something of the same name is there already, or the customer has it.",
    "never": "Your rule says never.",
    "second": "The customer has one of this category, and people own one.",
    "second_shown": "One of this category is shown already, and people own one.",
    "not_only": "Your rule names other categories.",
    "full": "Others fit better.",
    "gone": "The product is not there any more.",
}
REASONS = {
    "together": "Bought together with {because}",
    "bought": "The customer bought {because}",
    "also": "Bought by the same people as {because}",
    "category": "Popular in {because}",
    "popular": "Popular in the shop",
    "new": "New in the shop",
    "pinned": "Your rule puts it there",
}


def reason(code: str, because: str) -> str:
    return REASONS[code].format(because=because)


def times(weight: float) -> str:
    return f"{weight:g} times"
