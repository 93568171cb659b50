"""Carriers as aggregators and shops call them, in our codes and back."""

from functools import cache

from babel.core import get_global

from thereafter.tracking.rules.scans import carrier_key

LONGEST = 80
_UPS = "ups upsi upsfreight upsmi upsmailinnovations upssurepost upswalleted upsiparcel upsexpress upscanada upsdap"
_FEDEX = (
    "fedex fedexfims fedexcrossborder fedexfreight fedexground fedexexpress fedexsmartpost fedexsameday "
    "fedexdefault fedexuk fedexpoland fedexwalleted fedexgroundeconomy fedexr"
)
_USPS = "usps stampscom endicia uspsship uspswebtools usmail unitedstatespostalservice uspostalservice express1"
_DHL = (
    "dhl dhlexpress dhlecommerce dhlecommerceus dhlglobalmail dhlglobalmailasia dhlglobalmailus "
    "dhlgloballogistics dhlexpressuk dhlexpressaustralia dhlexpresscanada dhlexpressmx "
    "dhlexpressworldwide dhlbenelux dhlnl dhlparcelnl dhlparcelnetherlands dhlparceluk dhlukparcel "
    "dhlpoland dhlparcelspain dhlesparcel dhlfreight dhlactivetracing dhlglobalforwarding "
    "dhlecommerceasia dhlecommercesolutions dhlsupplychain"
)
_DHL_PARCEL = "dhlparcelde dhlgermany dhlpaket dhlde dhldeutschland deutschepostdhl dhlgermanyc2c dhlpaketde"
_DPD = (
    "dpd dpduk dpdde dpdgermany dpdfrance dpdfr dpdpoland dpdpl dpdireland dpdlocal dpdnl dpdnetherlands "
    "dpdbelgium dpdbe dpdaustria dpdat dpdswiss dpdch dpdcz dpdhungary dpdromania dpdro dpdportugal "
    "dpdslovakia dpdcroatia dpdestonia dpdlatvia dpdlithuania interlinkexpress dpdgroup chronopostdpd"
)
_GLS = (
    "gls glseu glsgroup glsgermany glsde glsitaly glsit glsfrance glsfr glsspain glses glsnetherlands "
    "glsnl glsbelgium glsdenmark glsdk glsaustria glsat glspoland glspl glscz glsczech glshungary glshun "
    "glsslovakia glsslovenia glsslov glsromania glsro glscroatia glsireland glsportugal"
)
_SPELLINGS = {
    "ups": _UPS,
    "fedex": _FEDEX,
    "usps": _USPS,
    "dhl": _DHL,
    "dhl_parcel_de": _DHL_PARCEL,
    "canada_post": "canadapost postescanada canadapostcorporation",
    "royal_mail": "royalmail royalmailv3 parcelforce royalmailgroup royalmailcnd royalmailwalleted",
    "dpd": _DPD,
    "gls": _GLS,
    "correios": "correios brazilcorreios correiosbr correiosbrazil correiosbrasil correiosdobrasil brazilpost sedex",
    "postnl": (
        "postnl postnl3s postnlinternational postnlintl "
        "postnldomestic tntpost postnlinternationalmail postnlparcels postnlinternational3s"
    ),
}
CODES = {spelling: code for code, spellings in _SPELLINGS.items() for spelling in spellings.split()}


def carrier_code(said: str) -> str:
    """Our code of a carrier however it is spelled; one that we have no adapter for keeps the name it came with."""
    return CODES.get(carrier_key(said)) or " ".join(said.split())[:LONGEST]


def country_of(said: str) -> str:
    """ISO 3166 alpha-2 of an alpha-2 or alpha-3 code, else ""."""
    code = said.strip().upper()
    if len(code) == len("DEU"):
        code = next(iter(_aliases().get(code, ())), "")
    return code if len(code) == len("DE") and code.isascii() and code.isalpha() else ""


@cache
def _aliases() -> dict[str, list[str]]:
    return dict(get_global("territory_aliases"))
