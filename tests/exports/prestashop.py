"""PrestaShop in French: the list of orders, and the lines that a query of the SQL manager gives."""

from __future__ import annotations

from typing import Any

from .files import columns, csv_bytes, dot, english, table
from .orders import Line, Order, Tax
from .plan import EVERYTHING, Setup
from .truth import Export, View

LIST = columns("ID,Référence,Nouveau client,Livraison,Client,Total,Paiement,État,Date")
LINES = columns(
    "id_order,reference,date_add,id_customer,email,etat,valid,total_discounts_tax_excl,total_shipping_tax_excl,"
    "total_paid_tax_incl,id_order_detail,product_reference,product_name,product_quantity,product_quantity_refunded,"
    "original_product_price,unit_price_tax_incl,unit_price_tax_excl,total_price_tax_incl,total_price_tax_excl,"
    "total_refunded_tax_excl"
)
STATES = {
    "unpaid": "En attente de virement bancaire",
    "cancelled": "Annulé",
    "failed": "Erreur de paiement",
    "test": "Paiement accepté",
}


def _state(order: Order) -> str:
    if order.paid:
        return "Remboursé" if order.all_back else ("Livré", "Expédié", "Paiement accepté")[order.number % 3]
    return STATES[order.state]


def _euro(minor: int) -> str:
    """Return 123456 as French texts have it, with a narrow space for thousands and a hard space before the sign."""
    return english(minor).replace(",", "\u202f").replace(".", ",") + "\u00a0€"


def _reference(order: Order) -> str:
    return "".join(chr(65 + (order.number * step) % 26) for step in (3, 5, 7, 11, 17, 19, 23, 25, 9))


def _list(orders: list[Order]) -> bytes:
    rows, seen = [], set()
    for order in orders:
        who = order.customer
        rows.append(
            {
                "ID": order.number,
                "Référence": _reference(order),
                "Nouveau client": int(who.number not in seen),
                "Livraison": "France",
                "Client": f"{who.first[0]}. {who.last}",
                "Total": _euro(order.total),
                "Paiement": "Carte bancaire",
                "État": _state(order),
                "Date": f"{order.at:%d/%m/%Y %H:%M:%S}",
            }
        )
        seen.add(who.number)
    return csv_bytes(table(LIST, reversed(rows)), delimiter=";")


def _line(order: Order, index: int, line: Line) -> dict[str, Any]:
    part = next((part for part in order.refund.parts if part.line == index), None) if order.refund else None
    kept = line.listed - line.discount
    kept_net = kept - order.tax.of(kept)
    piece, piece_net = kept // line.quantity, kept_net / line.quantity / 100
    discounts = sum(
        line.share - order.tax.of(line.listed - line.discount) + order.tax.of(line.charged) for line in order.lines
    )
    return {
        "id_order": order.number,
        "reference": _reference(order),
        "date_add": f"{order.at:%Y-%m-%d %H:%M:%S}",
        "id_customer": order.customer.number,
        "email": order.customer.email,
        "etat": _state(order),
        "valid": int(order.paid),
        "total_discounts_tax_excl": dot(discounts, 6),
        "total_shipping_tax_excl": dot(order.shipping - order.shipping_tax, 6),
        "total_paid_tax_incl": dot(order.total, 6),
        "id_order_detail": order.number * 10 + index,
        "product_reference": line.sku,
        "product_name": line.name,
        "product_quantity": line.quantity,
        "product_quantity_refunded": part.quantity if part else 0,
        "original_product_price": f"{(line.price - order.tax.of(line.price)) / 100:.6f}",
        "unit_price_tax_incl": dot(piece, 6),
        "unit_price_tax_excl": f"{piece_net:.6f}",
        "total_price_tax_incl": dot(kept, 6),
        "total_price_tax_excl": dot(kept_net, 6),
        "total_refunded_tax_excl": dot(part.amount - order.part_tax(part) if part else 0, 6),
    }


def _lines(orders: list[Order]) -> bytes:
    rows = [_line(order, index, line) for order in orders for index, line in enumerate(order.lines)]
    return csv_bytes(table(LINES, rows), delimiter=";", quote_all=True)


VAT = Tax("inside", 2000, True)
PLAIN = EVERYTHING - {"gift_card", "tip", "test"}
EXPORTS = [
    Export(
        "prestashop_list_fr",
        "PrestaShop",
        "prestashop_commandes.csv",
        Setup(41, VAT, PLAIN, 101),
        _list,
        "whole",
        "PrestaShop/PrestaShop OrderController::exportAction (keys of the header; French from the back office, "
        "prices as the grid formats them); states: default order states in French",
        view=View(gross=lambda order: order.total, refunded=lambda order: order.total if order.all_back else 0),
        cannot_tell="The total holds shipping and tax, which the list does not tell; partial refunds are not in it, a "
        "whole refund is the state 'Remboursé'. The customer is an initial and a surname.",
        others={"goods without tax, all refunds": View()},
    ),
    Export(
        "prestashop_lines_fr",
        "PrestaShop",
        "prestashop_requete_lignes.csv",
        Setup(42, VAT, PLAIN - {"goodwill"}, 101),
        _lines,
        "part",
        "columns of ps_orders and ps_order_detail (PrestaShop install-dev/data/db_structure.sql) as the SQL "
        "manager writes them; the query is ours",
        cannot_tell="total_discounts_tax_excl is the voucher of the whole order, repeated on its lines; "
        "reductions of the line are already in the unit price. Prices stand with and without "
        "tax: those without count.",
    ),
]
