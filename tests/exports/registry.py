"""All exports, and the writing of them with EXPECTED.json."""

from __future__ import annotations

import json
from pathlib import Path

from . import (
    amazon,
    builders,
    digital,
    dynamics,
    ebay,
    etsy,
    ga4,
    hubspot,
    ledgers,
    magento,
    mercadolibre,
    odoo,
    paypal,
    prestashop,
    salesforce,
    sap,
    shopify,
    shopware,
    square,
    stripe,
    woocommerce,
    xero,
)
from .truth import Export, entry

FIRST = (shopify, woocommerce, magento, prestashop, etsy, stripe, paypal, square, amazon)
SECOND = (mercadolibre, odoo, hubspot, salesforce, xero, sap, dynamics, shopware, builders, ebay, ledgers, digital, ga4)
ALL: list[Export] = [export for module in (*FIRST, *SECOND) for export in module.EXPORTS]


def write(folder: Path) -> list[Path]:
    """Write every export and EXPECTED.json into a folder and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for export in ALL:
        path = folder / export.file
        path.write_bytes(export.write(export.orders()))
        paths.append(path)
    expected = folder / "EXPECTED.json"
    expected.write_text(
        json.dumps([entry(export) for export in ALL], indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return [*paths, expected]
