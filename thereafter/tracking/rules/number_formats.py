"""How the numbers of each carrier look, and what their check digit is made of.

A template is read from left to right: `#` is a digit, `@` a letter, `*` either, `[378]` one of these, `<GM|LX>` one of
these words, any other character itself; `{9}` and `{9,10}` repeat what stands before. What the check digit is made of
stands in round brackets, the check digit itself is `!` (a digit) or `?` (a digit or a letter). A format without a check
digit proves nothing, however well it fits.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    carrier: str
    service: str
    template: str
    check: str = ""
    # Digits that are left out on the label and yet count in the check.
    before: str = ""
    # Evidence beyond what the template shows, in bits: less than nothing when others print such numbers too.
    bits: float = 0.0
    # So many numbers of others pass that the check digit counts only at a store that works with this carrier.
    at_home: bool = False


_ROUTED = ("", "420#{5}", "420#{9}")

USPS = (
    *(Format("usps", "Parcel", f"{route}(94#{{19}})!", "gs1") for route in _ROUTED),
    *(Format("usps", "Parcel", f"{route}(94#{{23}})!", "gs1") for route in _ROUTED[:2]),
    Format("usps", "Parcel", "(94###9#{23})!", "gs1"),
    *(
        Format("usps", "Parcel", f"{route}({start}#{{{rest}}})!", "gs1")
        for start in ("92###9", "93###[0-8]", "95####")
        for route, rest in (*((route, 15) for route in _ROUTED), ("", 19), ("420#{5}", 19))
    ),
    *(Format("usps", "Confirmed delivery", f"{route}(91#{{19}})!", "gs1") for route in _ROUTED),
    *(Format("usps", "Confirmed delivery", f"{route}([1-9]#{{18}})!", "gs1", before="91") for route in _ROUTED),
    Format("usps", "Confirmed delivery", "([1-9]#{18})!", "gs1"),
    Format("usps", "Confirmed delivery", "(0[1-9]#{17})!", "gs1"),
)

FEDEX = (
    Format("fedex", "Express", "(#{11})!", "fedex"),
    Format("fedex", "Express", "[0-8]#{19}(#{13})!", "fedex"),
    Format("fedex", "Express", "3#{15}(#{11})!#{4}", "fedex"),
    Format("fedex", "Ground", "(#{14})!", "gs1"),
    # Any shipper may number his cartons like this (SSCC).
    Format("fedex", "Ground", "0[0124](#{15})!", "gs1", bits=-8.0),
    Format("fedex", "Ground", "96#{5}(#{14})!", "gs1"),
    Format("fedex", "Ground", "96#{18}(#{13})!", "fedex"),
)

DHL = (
    Format("dhl", "Express", "(#{9,10})!", "seven"),
    Format("dhl", "Express", "JJD#{9,10}"),
    Format("dhl", "eCommerce", "<GM|LX|RX|UV|CN|SG|TH|IN|HK|MY>*{10,39}"),
    Format("dhl", "eCommerce", "#{14}"),
    Format("dhl", "Paket", "(#{11})!", "identcode", at_home=True),
    Format("dhl", "Paket", "00(34#{15})!", "gs1"),
    Format("dhl", "Paket", "JJD#{18,20}"),
    Format("dhl", "Paket", "JVGL*{14,22}"),
)

NORTH_AMERICA = (
    Format("amazon", "Logistics", "<TBA|TBC|TBM>#{12}"),
    Format("amazon", "International", "[AFC]#{10}"),
    Format("canada_post", "Parcel", "(#{15})!", "gs1"),
    Format("canpar", "Parcel", "[CDKLSUXZ]#{21}"),
    Format("gofo", "Parcel", "GFUS#{14}"),
    Format("lasership", "Parcel", "L[AIEHNX][1-3]#{7}"),
    Format("lasership", "Parcel", "1LS7[12]#{10}"),
    Format("lasership", "Parcel", "1LS7[12]##01[1-4]#{6}1"),
    Format("lasership", "Parcel", "1LSCX*{10}"),
    Format("old_dominion", "Freight", "(<777|778|072|780>#{7})!", "luhn"),
    Format("old_dominion", "Guaranteed", "(80#{8})!", "luhn"),
    Format("ontrac", "Parcel", "([CD]#{13})!", "ups"),
    Format("purolator", "Parcel", "([0-5]#{10})!", "luhn"),
    Format("purolator", "Parcel", "@{3}#{9}"),
    Format("speedee", "Parcel", "SP#{18}"),
    Format("ups", "Parcel", "1Z(*{15})!", "ups"),
    Format("ups", "Waybill", "[AHJKTV](#{9})!", "ups"),
)

EUROPE = (
    Format("dpd", "Parcel", "(*{7}#{20})?", "mod37"),
    Format("dpd", "Parcel", "(#{14})?", "mod37"),
    Format("dpd", "Parcel", "0#{13}"),
    Format("dpd", "Parcel", "#{14}"),
    Format("dpd", "Consignment", "#{10}"),
    Format("gls", "Parcel", "#{11,12}"),
    Format("gls", "TrackID", "@*{7}"),
    Format("hermes", "Parcel", "#{14}"),
    Format("hermes", "Parcel", "H#{19}"),
    Format("evri", "Parcel", "[CHPT]##*{13}"),
    Format("evri", "Parcel", "#{16}"),
    Format("postnl", "Parcel", "3S@{4,6}#{6,11}"),
    Format("inpost", "Locker", "#{24}"),
    Format("colissimo", "Parcel", "[5-9]@#{11}"),
    Format("yodel", "Parcel", "<JD|JJD>#{16}"),
)

ELSEWHERE = (
    # Nobody else has two letters, nine digits and the two letters of a country.
    Format("s10", "", "@@(#{8})!@@", "s10", bits=4.0),
    Format("dhl", "Express", "J@{2,3}#{9,10}", bits=-4.7),
    Format("auspost", "eParcel", "33*{3}#{13,18}"),
    Format("auspost", "MyPost", "[378]#{15}"),
    Format("auspost", "Parcel", "99#{20,21}"),
    Format("landmark", "Parcel", "LTN#{8}N1"),
    Format("yunexpress", "Parcel", "YT#{16}"),
)

FORMATS = (*USPS, *FEDEX, *DHL, *NORTH_AMERICA, *EUROPE, *ELSEWHERE)

# Who brings parcels in one country only; the others are at home everywhere.
HOMES = {
    "auspost": ("AU",),
    "canada_post": ("CA",),
    "canpar": ("CA",),
    "colissimo": ("FR",),
    "correios": ("BR",),
    "evri": ("GB",),
    "gofo": ("US",),
    "hermes": ("DE", "AT"),
    "inpost": ("PL", "GB", "FR", "IT"),
    "lasership": ("US",),
    "old_dominion": ("US",),
    "ontrac": ("US",),
    "postnl": ("NL", "BE"),
    "purolator": ("CA",),
    "royal_mail": ("GB",),
    "speedee": ("US",),
    "usps": ("US",),
    "yodel": ("GB",),
    "yunexpress": ("CN",),
}
