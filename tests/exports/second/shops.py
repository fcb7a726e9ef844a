"""Gross and refunds of shops, from their files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction

from .read import Orders, Row, Sums, cents, half_up, jsonl, rows, simple, total


def shopify(name: str, inside: bool = False) -> Sums:
    orders, lines = {}, defaultdict(list)
    for row in rows(name):
        lines[row["Name"]].append(row)
    for key, group in lines.items():
        head = group[0]
        if head["Financial Status"] in ("pending", "voided") or head["Payment Method"] == "bogus":
            continue
        goods = sum(
            cents(r["Lineitem price"]) * int(r["Lineitem quantity"])
            for r in group
            if r["Lineitem name"] != "Tip" and not r["Lineitem name"].startswith("Gift card")
        ) - cents(head["Discount Amount"])
        tax = 0 if inside else cents(head["Taxes"])
        orders[key] = [head["Email"], goods, half_up(Fraction(cents(head["Refunded Amount"]) * goods, goods + tax))]
    return total(orders)


def woo_plugin() -> Sums:
    orders: Orders = {}
    for row in rows("woocommerce_orders_export.csv"):
        if row["Order Status"] in ("Pending payment", "Cancelled", "Failed"):
            continue
        goods = cents(row["Order Subtotal Amount"]) - cents(row["Cart Discount Amount"])
        back = half_up(
            Fraction(cents(row["Order Refund Amount"]) * goods, goods + cents(row["Order Total Tax Amount"]))
        )
        orders[row["Order Number"]] = [row["Email (Billing)"], goods, back]
    return total(orders)


def woo_rest() -> Sums:
    orders: Orders = {}
    for r in jsonl("woocommerce_orders.jsonl"):
        if r["status"] in ("pending", "cancelled", "failed"):
            continue
        goods = sum(cents(i["total"]) for i in r["line_items"])
        back = sum(-cents(x["total"]) for x in r["refunds"])
        orders[r["id"]] = [r["billing"]["email"], goods, half_up(Fraction(back * goods, goods + cents(r["cart_tax"])))]
    return total(orders)


def magento_grid() -> Sums:
    orders: Orders = {}
    for r in rows("magento_sales_order_grid.csv"):
        if r["Status"] in ("Complete", "Closed"):
            goods = cents(r["Grand Total (Base)"]) - cents(r["Shipping and Handling"])
            orders[r["ID"]] = [r["Customer Email"], goods, cents(r["Total Refunded"])]
    return total(orders)


def magento_items() -> Sums:
    orders: Orders = {}
    for r in rows("magento_order_items.csv"):
        if r["status"] in ("complete", "closed"):
            order = orders.setdefault(r["increment_id"], [r["customer_email"], 0, 0])
            order[1] += cents(r["row_total"]) - cents(r["discount_amount"])
            order[2] += cents(r["amount_refunded"]) - cents(r["discount_refunded"])
    return total(orders)


def presta_list() -> Sums:
    orders: Orders = {}
    for r in rows("prestashop_commandes.csv", ";"):
        if r["État"] in ("Livré", "Expédié", "Paiement accepté", "Remboursé"):
            amount = cents(r["Total"])
            orders[r["ID"]] = [r["Client"], amount, amount if r["État"] == "Remboursé" else 0]
    return total(orders)


def presta_lines() -> Sums:
    orders: Orders = {}
    for r in rows("prestashop_requete_lignes.csv", ";"):
        if r["valid"] == "1":
            order = orders.setdefault(r["id_order"], [r["email"], -cents(r["total_discounts_tax_excl"]), 0])
            order[1] += cents(r["total_price_tax_excl"])
            order[2] += cents(r["total_refunded_tax_excl"])
    return total(orders)


def etsy_orders() -> Sums:
    orders: Orders = {}
    for r in rows("EtsySoldOrders.csv"):
        after = cents(r["Adjusted Order Total"])
        back = cents(r["Order Total"]) - after if after else 0
        orders[r["Order ID"]] = [r["Buyer User ID"], cents(r["Order Value"]) - cents(r["Discount Amount"]), back]
    return total(orders)


def etsy_items() -> Sums:
    orders: Orders = {}
    for r in rows("EtsySoldOrderItems.csv"):
        order = orders.setdefault(r["Order ID"], [r["Buyer"], 0, 0])
        order[1] += cents(r["Item Total"]) - cents(r["Discount Amount"])
    return total(orders)


def etsy_payments() -> Sums:
    return total(
        {
            r["Payment ID"]: [r["Buyer Username"], cents(r["Gross Amount"]), cents(r["Refund Amount"])]
            for r in rows("EtsyDirectCheckoutPayments.csv")
        }
    )


def shopware5(
    listed: list[Row], key: str, who: str, paid: Callable[[Row], bool], all_back: Callable[[Row], bool]
) -> Sums:
    orders: Orders = {}
    for r in listed:
        if paid(r):
            net = cents(r["invoiceAmountNet"]) - cents(r["invoiceShippingNet"])
            orders[r[key]] = [r[who], net, net if all_back(r) else 0]
    return total(orders)


def six() -> Sums:
    return simple(
        rows("shopware6_default_orders.csv", ";"), "id", "customer_email", lambda r: cents(r["amount_total"]), bool
    )


def squarespace() -> Sums:
    orders: Orders = {}
    for r in rows("squarespace_orders.csv"):
        if r["Financial Status"] in ("PAID", "REFUNDED", "PARTIALLY_REFUNDED"):
            goods = cents(r["Subtotal"]) - cents(r["Discount Amount"])
            back = half_up(Fraction(cents(r["Amount Refunded"]) * goods, goods + cents(r["Taxes"])))
            orders[r["Order ID"]] = [r["Email"], goods, back]
    return total(orders)


def bigcommerce() -> Sums:
    orders: Orders = {}
    for r in rows("bigcommerce_orders.csv"):
        if r["Order Status"] in ("Completed", "Shipped", "Refunded", "Partially Refunded"):
            goods = cents(r["Order Total (ex tax)"]) - cents(r["Shipping Cost (ex tax)"])
            back = half_up(Fraction(cents(r["Refund Amount"]) * goods, goods + cents(r["Tax Total"])))
            orders[r["Order ID"]] = [r["Customer Email"], goods, back]
    return total(orders)


def wix() -> Sums:
    orders: Orders = {}
    for r in rows("wix_orders.csv"):
        if r["Payment status"] in ("Paid", "Refunded", "Partially refunded"):
            tax = cents(r["Total tax"])
            goods = cents(r["Total"]) - cents(r["Shipping rate"]) - tax
            back = half_up(Fraction(cents(r["Refunded amount"]) * goods, goods + tax))
            orders[r["Order number"]] = [r["Contact email"], goods, back]
    return total(orders)


def ecwid() -> Sums:
    orders: Orders = {}
    for r in jsonl("ecwid_orders.jsonl"):
        if r["paymentStatus"] in ("PAID", "REFUNDED", "PARTIALLY_REFUNDED"):
            goods = cents(r["subtotal"]) - cents(r["couponDiscount"]) - cents(r["discount"])
            back = half_up(Fraction(cents(r["refundedAmount"]) * goods, goods + cents(r["tax"])))
            orders[r["id"]] = [r["email"], goods, back]
    return total(orders)


def lemon() -> Sums:
    orders: Orders = {}
    for r in jsonl("lemonsqueezy_orders.jsonl"):
        a = r["attributes"]
        if a["status"] in ("paid", "refunded", "partial_refund") and not a["test_mode"]:
            goods = a["subtotal"] - a["discount_total"]
            orders[r["id"]] = [
                a["user_email"],
                goods,
                half_up(Fraction(a["refunded_amount"] * goods, goods + a["tax"])),
            ]
    return total(orders)


def gumroad() -> Sums:
    orders: Orders = {}
    for r in rows("gumroad_sales.csv"):
        if r["Purchase ID"] != "Totals":
            goods = cents(r["Sale Price ($)"])
            back = goods if r["Fully Refunded?"] == "1" else cents(r["Partial Refund ($)"])
            orders[r["Purchase ID"]] = [r["Purchase Email"], goods, back]
    return total(orders)
