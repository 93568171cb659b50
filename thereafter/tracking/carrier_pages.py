"""What carriers are called, and where they show a parcel themselves."""

from urllib.parse import quote

from thereafter.tracking.carriers.names import carrier_code
from thereafter.tracking.models import Parcel
from thereafter.tracking.rules.scans import carrier_key, number_key

NAMES = {
    "ups": "UPS",
    "fedex": "FedEx",
    "usps": "USPS",
    "dhl": "DHL",
    "dhl_parcel_de": "DHL",
    "canada_post": "Canada Post",
    "royal_mail": "Royal Mail",
    "dpd": "DPD",
    "gls": "GLS",
    "correios": "Correios",
    "postnl": "PostNL",
    "hermes": "Hermes",
    "evri": "Evri",
    "colissimo": "Colissimo",
    "laposte": "La Poste",
    "chronopost": "Chronopost",
    "auspost": "Australia Post",
    "correos": "Correos",
    "ctt": "CTT",
    "bpost": "bpost",
    "swisspost": "Swiss Post",
    "postat": "Österreichische Post",
    "amazon": "Amazon Logistics",
    "yodel": "Yodel",
    "inpost": "InPost",
}
# The number takes the place of {}. By our code of the carrier, else by its key.
_PAGES = {
    "ups": "https://www.ups.com/track?tracknum={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    "dhl": "https://www.dhl.com/en/express/tracking.html?AWB={}",
    "dhl_parcel_de": "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{}",
    "gls": "https://gls-group.com/EU/en/parcel-tracking?match={}",
    "hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{}",
    "evri": "https://www.evri.com/track/parcel/{}",
    "royal_mail": "https://www.royalmail.com/track-your-item#/tracking-results/{}",
    "canada_post": "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}",
    "correios": "https://rastreamento.correios.com.br/app/index.php?objetos={}",
    "postnl": "https://jouw.postnl.nl/track-and-trace/{}",
    "colissimo": "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
    "laposte": "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
    "chronopost": "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={}",
    "auspost": "https://auspost.com.au/mypost/track/details/{}",
    "correos": "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={}",
    "ctt": "https://appserver.ctt.pt/CustomerArea/PublicArea_Detail?ObjectCodeInput={}",
    "bpost": "https://track.bpost.cloud/btr/web/#/search?itemCode={}",
    "swisspost": "https://service.post.ch/ekp-web/ui/entry/search/{}",
    "postat": "https://www.post.at/sv/sendungsdetails?snr={}",
}


def carrier_name(said: str) -> str:
    """As people write it. What the shop wrote with care ("DHL Express") stays; a code ("royal_mail") gets its name."""
    if said != said.lower() and "_" not in said:
        return said
    return NAMES.get(carrier_code(said)) or NAMES.get(carrier_key(said)) or said


def page_of(carrier: str, number: str) -> str:
    """The carrier's own page of a number, "" when we know of none."""
    pattern = _PAGES.get(carrier_code(carrier)) or _PAGES.get(carrier_key(carrier), "")
    key = number_key(number)
    return pattern.format(quote(key)) if pattern and key else ""


def carrier_page(parcel: Parcel) -> str:
    """What the shop gave, else the carrier's usual page; only addresses of the web."""
    if parcel.tracking_url.startswith(("https://", "http://")):
        return parcel.tracking_url
    return page_of(parcel.carrier, parcel.tracking_number)
