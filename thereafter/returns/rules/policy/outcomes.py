"""What a return can end in, how things come back, and when money or goods are released. Plain Python."""

OUTCOMES = {
    "exchange_variant": "Exchange for another size or colour",
    "exchange_product": "Exchange for another product",
    "exchange_shop": "Choose from the whole shop",
    "replacement": "The same again",
    "repair": "Repair",
    "store_credit": "Store credit",
    "refund": "Money back",
    "keep": "Keep it",
    "donate": "Give it away",
}
EXCHANGES = ("exchange_variant", "exchange_product", "exchange_shop")
# Where a problem of the goods was the shop's, these cost nothing and are offered whatever a policy says.
REMEDIES = ("repair", "replacement")
METHODS = {
    "label": "Printed label",
    "qr": "Drop-off with a code, nothing to print",
    "counter": "At our counter",
    "pickup": "Collected at home",
    "own_carrier": "Any carrier of your own",
    "none": "Nothing to send",
}
# In the order in which they come about.
RELEASES = {
    "at_once": "At once",
    "dropped_off": "When it is handed in",
    "in_transit": "With the first scan of the carrier",
    "received": "When it has arrived",
    "inspected": "When it was looked at",
}
RANK = {name: place for place, name in enumerate(RELEASES)}
SHIPPING = {"none": "Not paid back", "standard": "The cheapest standard delivery", "all": "All of it"}
FEES = {"postage": "Return postage", "restocking": "Handling"}
