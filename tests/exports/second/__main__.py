"""`python -m second PLACE` adds the written files up a second time and compares with EXPECTED.json."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from . import ledgers, payments, shops
from .read import PLACE, Sums, cents, jsonl, rows, sheet, simple

EN = (
    "Transaction ID",
    "Type",
    "Status",
    "Gross",
    "Shipping and Handling Amount",
    "From Email Address",
    "Reference Txn ID",
)
DE = (
    "Transaktionscode",
    "Typ",
    "Status",
    "Brutto",
    "Versand- und Bearbeitungsgebühr",
    "Absender E-Mail-Adresse",
    "Zugehöriger Transaktionscode",
)
BY_KEY: dict[str, Callable[[], Sums]] = {
    "shopify_2020": lambda: shops.shopify("shopify_orders_2020.csv"),
    "shopify_terms": lambda: shops.shopify("shopify_orders_without_payment_id.csv"),
    "shopify_2025": lambda: shops.shopify("shopify_orders_2025.csv"),
    "shopify_vat_inside": lambda: shops.shopify("shopify_orders_vat_inside.csv", True),
    "woocommerce_plugin": shops.woo_plugin,
    "woocommerce_rest": shops.woo_rest,
    "woocommerce_analytics": lambda: simple(
        rows("woocommerce_analytics_orders.csv"),
        "Order #",
        "Customer",
        lambda r: cents(r["N. Revenue"]),
        lambda r: r["Status"] in ("completed", "processing", "refunded"),
    ),
    "magento_grid": shops.magento_grid,
    "magento_items": shops.magento_items,
    "prestashop_list_fr": shops.presta_list,
    "prestashop_lines_fr": shops.presta_lines,
    "etsy_orders": shops.etsy_orders,
    "etsy_items": shops.etsy_items,
    "etsy_payments": shops.etsy_payments,
    "stripe_unified": lambda: payments.stripe("stripe_unified_payments.csv"),
    "stripe_charges": lambda: payments.stripe("stripe_payments_old.csv"),
    "stripe_activity": payments.stripe_activity,
    "paypal_en": lambda: payments.paypal(
        "paypal_activity_en.csv", EN, "Express Checkout Payment", "Payment Refund", "Completed"
    ),
    "paypal_de": lambda: payments.paypal(
        "paypal_aktivitaeten_de.csv", DE, "PayPal Express-Zahlung", "Rückzahlung", "Abgeschlossen"
    ),
    "square_transactions": lambda: payments.square("square_transactions.csv"),
    "square_items": lambda: payments.square("square_items.csv"),
    "amazon_order_report": lambda: payments.amazon_orders("amazon_order_report.txt", "order-id", "buyer-email"),
    "amazon_all_orders": lambda: payments.amazon_orders("amazon_all_orders.txt", "amazon-order-id", None),
    "amazon_settlement": payments.settlement,
    "amazon_vat": payments.vat,
    "mercadolibre_es": payments.ml_es,
    "mercadolivre_pt": payments.ml_pt,
    "odoo_lines": ledgers.odoo_lines,
    "odoo_invoices": ledgers.odoo_invoices,
    "hubspot_deals": lambda: simple(
        rows("hubspot-crm-exports-all-deals.csv"),
        "Record ID",
        "Associated Company",
        lambda r: cents(r["Amount"]),
        lambda r: r["Deal Stage"] == "Closed Won",
    ),
    "hubspot_items": lambda: simple(
        rows("hubspot-custom-report-deals-line-items.csv"),
        "Deal ID",
        "Company name",
        lambda r: (cents(r["Unit price"]) - cents(r["Unit discount"])) * int(r["Quantity"]),
        lambda r: r["Deal Stage"] == "Closed Won",
    ),
    "salesforce_opportunities": lambda: simple(
        rows("salesforce_opportunity_report.csv"),
        "Opportunity Name",
        "Account Name",
        lambda r: cents(r["Amount"]),
        lambda r: r["Stage"] == "Closed Won",
    ),
    "salesforce_order_products": ledgers.sf_products,
    "xero_invoices": lambda: ledgers.xero("xero_sales_invoices.csv"),
    "xero_older": lambda: ledgers.xero("xero_sales_invoices_older.csv"),
    "sap_va05": ledgers.va05,
    "sap_billing": ledgers.billing,
    "sap_journal": ledgers.journal,
    "dynamics_orders": lambda: simple(
        sheet("dynamics_sales_orders.xlsx"),
        "Order ID",
        "Customer",
        lambda r: cents(r["Total Amount"]) - cents(r["Total Tax"]) - cents(r["Freight Amount"]),
        lambda r: r["Status"] == "Fulfilled",
    ),
    "business_central_lines": lambda: simple(
        sheet("business_central_posted_sales_invoice_lines.xlsx"),
        "Document No.",
        "Sell-to Customer No.",
        lambda r: cents(r["Amount"]),
        lambda r: r["Type"] == "Item",
    ),
    "shopware5_orders": lambda: shops.shopware5(
        rows("shopware5_default_orders.csv", ";"),
        "number",
        "customerId",
        lambda r: r["cleared"] in ("12", "20"),
        lambda r: r["cleared"] == "20",
    ),
    "shopware5_main": lambda: shops.shopware5(
        rows("shopware5_default_order_main_data.csv", ";"),
        "orderNumber",
        "email",
        lambda r: r["paymentStatus"] in ("Komplett bezahlt", "Wiedergutschrift"),
        lambda r: r["paymentStatus"] == "Wiedergutschrift",
    ),
    "shopware6_orders": shops.six,
    "squarespace": shops.squarespace,
    "bigcommerce": shops.bigcommerce,
    "wix": shops.wix,
    "ecwid": shops.ecwid,
    "ebay_orders": payments.ebay,
    "ebay_transactions_de": payments.ebay_de,
    "zoho_invoices": ledgers.zoho,
    "quickbooks_sales_by_customer": ledgers.quickbooks,
    "lightspeed_ledger": ledgers.lightspeed,
    "lemonsqueezy": shops.lemon,
    "gumroad": shops.gumroad,
    "ga4_json": lambda: payments.ga4(jsonl("ga4_events.jsonl")),
    "ga4_parquet": lambda: payments.ga4(pq.read_table(PLACE["folder"] / "ga4_events.parquet").to_pylist()),
}


def main(folder: Path) -> int:
    """Print every export that does not come out as expected, and return how many."""
    PLACE["folder"], bad = folder, 0
    for entry in json.loads((folder / "EXPECTED.json").read_text("utf-8")):
        named = entry["customers"] is not None
        want = (cents(entry["gross"]), cents(entry["refunded"]), entry["orders"], entry["customers"])
        found = BY_KEY[entry["key"]]()
        got = found if named else (*found[:3], None)
        bad += got != want
        sys.stdout.write(f"{'ok' if got == want else 'NO'} {entry['key']}: expected {want}, from the file {got}\n")
    return bad


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
