"""Names that are made of a word for order, customer or time and a word for its number, name or date, in any order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

FILLERS = {
    *("de", "do", "da", "dos", "das", "del", "della", "dello", "di", "du", "des", "d", "la", "le", "les", "el", "los"),
    *("of", "the", "der", "von", "van", "il", "na", "z"),
}
NUMBER = (
    r"(?:ids?|no|nr|num|number|nummer|numer|numero|code|kod|key|ref|reference|referenz|referencia|kennung|identifier)"
)
ORDER = (
    r"(?:orders?|orden|ordem|bestell|bestellung|auftrag|commande|pedido|ordine|bestelling|zamowieni[ea]|ordre|"
    r"objednavk[ay]|purchase|sale)"
)
INVOICE = r"(?:invoice|rechnung|facture|factura|fatura|fattura|factuur|faktur[ay]?|bill)"
DOCUMENT = (
    r"(?:document|receipt|ticket|transaction|transaktion|beleg|documento|transaccion|transacao|dokumentu?|paragonu?)"
)
BUYER = (
    r"(?:customer|client|cliente|buyer|member|user|shopper|consumer|kunden?|kund|kaufer|besteller|debitor|debitoren|"
    r"debiteur|debiteuren|klant|klanten|comprador|acheteur|nabywc[ay]|klienta?|kupujac(?:y|ego)|asiakas|consument|"
    r"consumenten|usuario|payer|purchaser|musteri|zakaznik|odberatel|acquirente)"
)
ALONE = r"(?:nabywca|comprador|acheteur|besteller|debiteur|debitor|purchaser|acquirente|kaufer|odberatel|kupujacy)"
NAME = r"(?:name|naam|nom|nombre|nome|nazwa|navn|namn)"
MAIL = r"(?:emails?|mail|emailaddress|emailadresse|correo)"
DATE = r"(?:date|datum|data|fecha|dato|datetime|timestamp|time|dt)"
CREATED = (
    r"(?:created?|creation|criacao|creacion|creazione|erstell|erstellt|erstellungs|anlage|wystawienia|utworzenia|"
    r"aanmaak|oprettet|skapad|placed)"
)
LINK = r"(?:s|e|en|n|es|er)?"
TAX_WORDS = r"(?:tax(?:es)?|vat|gst|mwst|ust|btw|moms|iva|tva|steuern?|impuestos?|impostos?|skatt|mva|pdv|dph|kdv)"
WITH_OR_WITHOUT = (
    r"(?:incl|inkl|including|excl|exkl|excluding|exc|inc|ex|ohne|zzgl|mit|sin|con|com|sem|hors|sans|uden|utan|without|"
    r"w/o|zonder|senza|bez|uten)"
)
SIDE = r"(?:incl|inkl|excl|exkl|included|excluded|inclusive|exclusive)"
QUALIFIED = re.compile(rf"(?i)(?<![a-z])(?:{WITH_OR_WITHOUT}[\W_]+{TAX_WORDS}|{TAX_WORDS}[\W_]+{SIDE})(?![a-z])")
HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
COMPOSED = {
    "customernumber": rf"{BUYER}{LINK}{NUMBER}|{NUMBER}{BUYER}",
    "customeremail": rf"{BUYER}{LINK}{MAIL}|{MAIL}{BUYER}{LINK}",
    "customername": rf"{BUYER}{LINK}{NAME}|(?:nutzer|benutzer)?{NAME}{BUYER}{LINK}|{NAME}{BUYER}{BUYER}",
    "customer": ALONE,
    "ordernumber": rf"{ORDER}{LINK}{NUMBER}|{NUMBER}{ORDER}",
    "invoicenumber": rf"{INVOICE}{LINK}{NUMBER}|{NUMBER}{INVOICE}",
    "documentno": rf"{DOCUMENT}{LINK}{NUMBER}|{NUMBER}{DOCUMENT}",
    "orderdate": rf"{ORDER}{LINK}{DATE}|{DATE}{CREATED}?{ORDER}|{ORDER}{CREATED}{DATE}|{ORDER}{DATE}{CREATED}",
    "invoicedate": rf"{INVOICE}{LINK}{DATE}|{DATE}{INVOICE}",
    "createdat": rf"{CREATED}{DATE}|{DATE}{CREATED}",
}


@lru_cache(maxsize=10_000)
def canonical(spelling: str) -> str:
    """Give the usual name of a spelling that is composed; empty where it is not.

    Examples
    --------
    >>> canonical("auftragsid"), canonical("nomeusuariocomprador"), canonical("createtime"), canonical("colour")
    ('ordernumber', 'customername', 'createdat', '')
    """
    return next((known for known, form in COMPOSED.items() if re.fullmatch(form, spelling)), "")


def unfilled(parts: Sequence[str]) -> str:
    """Leave out the little words of a name.

    Examples
    --------
    >>> unfilled(["Status", "do", "Pagamento"])
    'Status Pagamento'
    """
    return " ".join(part for part in parts if part.lower() not in FILLERS)


def unqualified(name: str) -> str:
    """Leave out whether a price is with or without tax, the words apart.

    Examples
    --------
    >>> unqualified("Preis inkl. MwSt").strip(), unqualified("Tax Total"), unqualified("OrderSubtotalInclTax").strip()
    ('Preis', 'Tax Total', 'Order Subtotal')
    """
    left = QUALIFIED.sub("", name)
    return left if left != name else QUALIFIED.sub("", HUMPS.sub(" ", name))
