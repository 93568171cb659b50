"""What a scan's words mean when its code is not known: cautious phrases in the languages of the carriers.

A wrong "delivered" costs more than an open row on the mapping list, so a text that announces, denies or makes
conditions never moves a parcel forward.
"""

import re
import unicodedata
from collections.abc import Sequence

from thereafter.tracking.carriers.adapter import Meaning
from thereafter.tracking.rules import states

Rules = Sequence[tuple[re.Pattern[str], Meaning]]
LONGEST = 300
UNKNOWN = Meaning("")


def meaning_of(said: str) -> Meaning:
    """What the words of a scan say for certain; `UNKNOWN` when they do not."""
    text = _plain(said)
    for pattern, meaning in _TROUBLE:
        if pattern.search(text):
            return meaning
    if _HEDGED.search(text):
        return UNKNOWN
    return next((meaning for pattern, meaning in _PROGRESS if pattern.search(text)), UNKNOWN)


def _plain(said: str) -> str:
    """Small letters without accents, and one space between words."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", said[:LONGEST]) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare.lower()).split())


def _rule(meaning: Meaning, *alternatives: str) -> tuple[re.Pattern[str], Meaning]:
    return re.compile(rf"(?:^|\b)(?:{'|'.join(alternatives)})\b"), meaning


# A promise, a denial or a condition, in the seven languages.
_HEDGED, _ = _rule(
    Meaning(""),
    r"not|no|never|unable|cannot|can t|couldn t|could|will|would|shall|should|to be|if|once|when|until|unless|expected",
    r"scheduled|planned|estimated|awaiting|pending|before|attempt\w*|request\w*|confirm\w*",
    r"nicht|kein\w*|konnte\w*|wird|werden|soll\w*|kann|voraussichtlich|geplant|falls|wenn|sobald",
    r"ne|pas|sera|seront|serait|doit|prevue?|n a|n est|si|quand|lorsque",
    r"seran|pudo|puede|podra|previst[oa]|cuando|hasta",
    r"nao|serao|pode|podera|quando|ate",
    r"niet|geen|wordt|worden|zal|kan|verwacht|gepland|als|indien",
    r"non|sara|saranno|puo|previst[ae]|se",
)
_SENDER = (
    r"(?:to|zum|zuruck an|an|a|al|a l|aan|ao|para o?|all?)\s?(?:the |den |de |o |l )?"
    r"(?:sender|shipper|absender|versender|expediteur|remitente|remetente|afzender|mittente)"
)
_GIVEN_BACK = (
    r"(?:returned|delivered|zuruckgegeben|zugestellt|retourne|livre|entregado|devuelto|entregue|devolvido"
    r"|geretourneerd|bezorgd|restituito|consegnato)"
)
# Words of trouble are trouble also where the sentence denies or announces something.
_TROUBLE: Rules = (
    _rule(Meaning(states.RETURNING), rf"will be returned {_SENDER}", "sera devolvido ao remetente"),
    _rule(Meaning(states.RETURNED), rf"{_GIVEN_BACK} {_SENDER}"),
    _rule(
        Meaning(states.RETURNING),
        r"being returned|returning|return to (?:the )?sender",
        rf"rucksendung|retoure|zuruck {_SENDER}",
        r"retour a l expediteur|en devolucion|devolucion al remitente|em devolucao",
        r"retour afzender|terug naar (?:de )?afzender|reso al mittente",
    ),
    _rule(
        Meaning(states.EXCEPTION, "consignee_refused"),
        r"(?:recipient|customer|consignee|addressee|receiver) refused|refused (?:by|to accept)",
        r"annahme verweigert|refuse par le destinataire|rechazad[oa] por|recusou|recusad[oa] pel[oa]",
        r"geweigerd door|rifiutat[oa] dal",
    ),
    _rule(
        Meaning(states.EXCEPTION, "consignee_bad_address"),
        r"(?:incorrect|incomplete|insufficient|invalid|wrong|bad) address",
        r"address (?:is )?(?:incorrect|incomplete|not found)",
        r"adresse (?:falsch|unvollstandig|incorrecte|incomplete)",
        r"direccion incorrecta|endereco incorreto|onjuist adres|indirizzo (?:errato|incompleto)",
    ),
    _rule(
        Meaning(states.EXCEPTION, "carrier_damaged"),
        r"(?:parcel|package|shipment|item|contents?) (?:is |was |has been |arrived )?damaged|damaged in transit",
        r"beschadigt|colis endommage|paquete danado|objeto avariado|conteudo avariado|beschadigd|danneggiat[oa]",
    ),
    _rule(
        Meaning(states.EXCEPTION, "carrier_lost"),
        r"(?:parcel|package|shipment|item) (?:is |was |has been )?lost|declared lost|verloren gegangen",
        r"colis perdu|paquete perdido|objeto extraviado|objeto roubado|smarrit[oa]",
    ),
    # Before the hold: "released from customs hold".
    _rule(
        Meaning(states.IN_TRANSIT),
        r"(?:released|cleared) (?:by|from|through) customs|customs clear(?:ance|ing) (?:completed?|finished)",
        r"customs status updated cleared|(?:verzollung|zollabfertigung) abgeschlossen|dedouanement termine",
        r"liberad[oa] (?:por|pela) (?:la )?(?:aduana|alfandega)",
        r"fiscalizacao aduaneira (?:concluida|finalizada)|vrijgegeven door (?:de )?douane|sdoganat[oa]",
    ),
    _rule(
        Meaning(states.EXCEPTION, "customs_hold"),
        r"(?:held|on hold|retained|detained) (?:by|at|in) customs|customs hold",
        r"beim zoll (?:angehalten|zuruckgehalten)|bloque en douane|retenid[oa] (?:en|por) (?:la )?aduana",
        r"retido (?:na|pela) alfandega|vastgehouden door (?:de )?douane",
    ),
    _rule(
        Meaning(states.ATTEMPTED),
        r"(?:delivery|first|second|final) attempt|attempted delivery|delivery attempted|notice left|card left",
        r"(?:could not|unable to) (?:be )?deliver(?:ed)?|nobody (?:was )?(?:at )?home",
        r"recipient (?:was )?not (?:at )?home|customer not (?:home|available)",
        r"zustellversuch|nicht angetroffen|konnte nicht zugestellt werden",
        r"destinataire absent|tentative de livraison|avis de passage",
        r"destinatario ausente|intento de entrega|no se (?:ha )?(?:pudo|podido) entregar",
        r"carteiro nao atendido|tentativa de entrega|niet thuis|bezorgpoging|niet bezorgd",
        r"destinatario assente|tentativo di consegna",
    ),
    _rule(
        Meaning("", delayed=True),
        r"(?:severe |adverse |bad )?weather (?:delay|conditions)|delay(?:ed)? due to (?:\w+ ){0,2}weather",
        r"wetterbedingt|intemperies|condiciones meteorologicas|condicoes climaticas|weersomstandigheden|maltempo",
        r"(?:is|has been|was) delayed|delivery delayed|shipment delayed|verspatet|verzogert|livraison retardee",
        r"retrasad[oa]|com atraso na entrega|vertraagd|in ritardo",
    ),
    _rule(
        Meaning(states.CANCELLED),
        r"(?:label|shipment|order) (?:was |has been )?(?:voided|cancel?led)|sendung storniert|envoi annule",
        r"envio (?:anulado|cancelado)|zending geannuleerd|spedizione annullata",
    ),
)
_THING = (
    r"(?:(?:the|your|this|die|das|ihre?|le|la|votre|el|su|tu|o|a|seu|sua|de|het|uw|je|il|tuo)? ?"
    r"(?:parcel|package|shipment|item|consignment|order|sendung|paket|packchen|colis|envoi|paquete|envio|pedido"
    r"|objeto|encomenda|pacote|zending|pakket|pakje|spedizione|pacco) )?"
)
_WAS = r"(?:(?:has been|have been|was|is|wurde|ist|hat|a ete|est|ha sido|fue|foi|werd|e stat[oa]) )?"
_HANDED = r"(?:delivered|zugestellt|livree?|entregado|entregue|bezorgd|afgeleverd|consegnat[oa])"
# "Delivered to the depot" is none: after a "to" or "at" only a person counts, or the person's door.
_PERSON = r"(?:recipient|customer|consignee|addressee|empfanger|destinataire|destinatario|ontvanger|front door|mailbox)"
_ELSEWHERE = (
    r"(?! (?:to|at|in|an|au|a la|en el|na|no|ao|naar|aan|bij|al|presso) (?!"
    rf"(?:the |den |le |el |o |de |il )?{_PERSON}))"
)
_SHOP = r"(?:parcel ?shop|pick ?up (?:point|location)|access point|locker|post office|service point)"
_SITE = r"(?:the |a )?(?:\w+ ){0,3}(?:facility|hub|depot|sort(?:ing|ation)? cent(?:er|re)|airport|warehouse)"
_PROGRESS: Rules = (
    _rule(
        Meaning(states.DELIVERED, detail="neighbour"),
        r"(?:delivered|handed over|left|abgegeben|remis|bezorgd|entregue|entregado|consegnato)\b.{0,25}\b"
        r"(?:neighbou?r|nachbarn?|voisin|buren|vizinho|vecino|vicino)",
    ),
    _rule(
        Meaning(states.DELIVERED, detail="picked_up_by_customer"),
        r"(?:picked up|collected) by (?:the )?(?:customer|recipient|consignee|addressee)|vom empfanger abgeholt",
        r"retire par le destinataire|recogido por el (?:cliente|destinatario)|retirado pelo destinatario",
        r"afgehaald (?:door|op)|ritirato dal destinatario",
    ),
    _rule(
        Meaning(states.AVAILABLE_FOR_PICKUP),
        r"(?:available|ready|waiting|held) (?:for|to be) (?:pick ?up|picked up|collection|collected)|ready to collect",
        rf"available at (?:the )?{_SHOP}|(?:delivered|arrived) (?:to|at) (?:the |a )?{_SHOP}",
        r"zur abholung bereit|liegt (?:\w+ ){0,3}bereit|abholbereit|im paketshop",
        r"disponible (?:en|au) (?:point|bureau|relais)|a disposition",
        r"disponible para (?:recoger|su recogida|retirar)|aguardando retirada|disponivel para retirada",
        r"ligt klaar|beschikbaar op (?:de )?afhaal\w*|disponibile per il ritiro",
    ),
    _rule(
        Meaning(states.OUT_FOR_DELIVERY),
        r"out for delivery|with (?:the )?(?:delivery )?(?:driver|courier) for delivery",
        r"on (?:the )?vehicle for delivery|in zustellung|in das zustellfahrzeug|en cours de livraison|en livraison",
        r"en reparto|saiu para entrega|bezorger is onderweg|onderweg naar (?:de )?ontvanger|in consegna",
    ),
    (
        re.compile(rf"^{_THING}{_WAS}(?:successfully |erfolgreich )?{_HANDED}\b{_ELSEWHERE}"),
        Meaning(states.DELIVERED),
    ),
    _rule(
        Meaning(states.DELIVERED, detail="left_safe"),
        r"delivered (?:in|at|to) (?:the )?(?:front door|mailbox|porch|garage|safe place|front desk|reception|door)",
        r"left (?:in|at) (?:a |the )?safe (?:place|location)|am ablageort|wunschort abgelegt",
    ),
    _rule(
        Meaning(states.PICKED_UP),
        r"picked up by (?:the )?(?:carrier|courier|driver)|handed over to (?:the )?carrier|accepted at",
        r"collected (?:from|by) (?:the )?(?:sender|shipper|driver|courier|carrier)",
        r"vom absender abgeholt|pris en charge",
        r"recogido en origen|objeto postado|objeto coletado|opgehaald bij (?:de )?afzender|ritirat[oa] dal mittente",
    ),
    _rule(
        Meaning(states.LABEL_CREATED),
        r"label (?:has been )?(?:created|printed|purchased)|electronic (?:notification|information) received",
        r"shipment (?:information|data) (?:sent|received)|sendungsdaten (?:ubermittelt|eingegangen)",
        r"elektronisch angekundigt|etiquette (?:creee|imprimee)|etiqueta (?:creada|emitida|gerada)",
        r"voorgemeld|zending aangemeld|etichetta creata",
    ),
    _rule(
        Meaning(states.IN_TRANSIT),
        rf"^in transit|arrived at {_SITE}|departed (?:from )?{_SITE}|processed (?:at|through)",
        r"im (?:ziel)?paketzentrum|unterwegs|en transit|en cours d acheminement|en transito|em transito",
        r"objeto encaminhado|gesorteerd|onderweg|in transito",
    ),
)
