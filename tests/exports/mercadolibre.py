"""Mercado Libre: the report of sales in Spanish (workbook) and Portuguese (text), with titles above the header."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .files import columns, comma, csv_bytes, german, number, table, xlsx_bytes
from .orders import Line, Order
from .plan import Setup
from .truth import Export

SPANISH = columns(
    "# de venta,Fecha de venta,Estado,Descripción del estado,Paquete de varios productos,Pertenece a un kit,"
    "Unidades,Ingresos por productos (MXN),Cargo por venta e impuestos (MXN),Ingresos por envío (MXN),Costos de "
    "envío (MXN),Costo de envío basado en medidas y peso declarados,Cargo por diferencias en medidas y peso del "
    "paquete,Anulaciones y reembolsos (MXN),Total (MXN),Venta por publicidad,SKU,# de publicación,Tienda oficial,"
    "Título de la publicación,Variante,Precio unitario de venta de la publicación (MXN),Tipo de publicación,"
    "Factura adjunta,Datos personales o de empresa,Tipo y número de documento,Dirección,Tipo de contribuyente,CFDI,"
    "Tipo Usuario,Régimen Fiscal,Comprador,Negocio,IFE,Domicilio,Municipio/Alcaldía,Estado|2,Código Postal,País,"
    "Forma de entrega,Fecha en camino,Fecha entregado,Transportista,Número de seguimiento,URL de seguimiento,"
    "Unidades|2,Forma de entrega|2,Fecha en camino|2,Fecha entregado|2,Transportista|2,Número de seguimiento|2,URL "
    "de seguimiento|2,Revisado por Mercado Libre,Fecha de revisión,Dinero a favor,Resultado,Destino,Motivo del "
    "resultado,Unidades|3,Reclamo abierto,Reclamo cerrado,Con mediación"
)
PORTUGUESE = columns(
    "N.º de venda,Data da venda,Estado,Descrição do status,Pacote de diversos produtos,Pertence a um kit,Unidades,"
    "Receita por produtos (BRL),Tarifa de venda e impostos (BRL),Receita por envio (BRL),Tarifas de envio (BRL),"
    "Cancelamentos e reembolsos (BRL),Total (BRL),Mês de faturamento das suas tarifas,Venda por publicidade,SKU,# "
    "de anúncio,Canal de venda,Loja oficial,Título do anúncio,Variação,Preço unitário de venda do anúncio (BRL),"
    "Tipo de anúncio,NF-e em anexo,Dados pessoais ou da empresa,Tipo e número do documento,Endereço,Tipo de "
    "contribuinte,Inscrição estadual,Comprador,Negócio,CPF,Endereço|2,Cidade,Estado|2,CEP,País,Forma de entrega,"
    "Data de entrega,Motorista,Número de rastreamento,URL de acompanhamento,Reclamação aberta,Reclamação encerrada,"
    "Em mediação"
)
MONTHS_ES = columns("enero,febrero,marzo,abril,mayo,junio,julio,agosto,septiembre,octubre,noviembre,diciembre")
MONTHS_PT = columns("janeiro,fevereiro,março,abril,maio,junho,julho,agosto,setembro,outubro,novembro,dezembro")


def _day(at: datetime, months: list[str]) -> str:
    return f"{at.day} de {months[at.month - 1]} de {at.year} {at:%H:%M} hs."


def _id(order: Order) -> str:
    return f"20000{order.number:011d}"


def _state_es(order: Order) -> tuple[str, str]:
    if order.state in ("cancelled", "failed"):
        return "Cancelada por el comprador", "Cancelaron la compra. No debes enviar el producto."
    if order.state == "unpaid":
        return "Pago pendiente", "El comprador todavía no pagó."
    if order.refund:
        return "Devolución finalizada con reembolso al comprador", "Le devolvimos el dinero al comprador."
    return "Entregado", "El comprador ya tiene el producto."


def _money(order: Order, lines: list[Line]) -> dict[str, int]:
    """Return income, fee, shipping, refund and total of some lines of an order, the order's own shipping with them."""
    goods = sum(line.charged for line in lines)
    gone = order.state in ("cancelled", "failed", "unpaid")
    fee = 0 if gone else -(goods * 14 // 100)
    back = -goods - order.shipping if gone else -order.back_total
    total = goods + fee + order.shipping + back if order.state != "unpaid" else 0
    return {"goods": goods, "fee": fee, "shipping": order.shipping, "back": back, "total": total}


def _spanish_row(order: Order, lines: list[Line], line: Line | None) -> dict[str, Any]:
    state, what = _state_es(order)
    who, money = order.customer, _money(order, lines) if lines else None
    row: dict[str, Any] = {
        "# de venta": _id(order),
        "Fecha de venta": _day(order.at, MONTHS_ES),
        "Estado": state if line else f"Paquete de {len(lines)} productos",
        "Descripción del estado": what,
        "Paquete de varios productos": "No" if line and lines else "Sí",
        "Pertenece a un kit": "No",
        "Comprador": who.name,
        "Negocio": "No",
        "Domicilio": "Calle de prueba 1",
        "Municipio/Alcaldía": who.city,
        "Estado|2": "Jalisco",
        "Código Postal": f"0{who.number}",
        "País": "México",
        "Forma de entrega": "Mercado Envíos Full",
        "Reclamo abierto": "No",
    }
    if money:
        row |= {"Ingresos por productos (MXN)": number(money["goods"]), "Total (MXN)": number(money["total"])}
        row |= {"Cargo por venta e impuestos (MXN)": number(money["fee"]) or ""}
        row |= {"Ingresos por envío (MXN)": number(money["shipping"]) or ""}
        row |= {"Anulaciones y reembolsos (MXN)": number(money["back"]) or ""}
    if line:
        row |= {"Unidades": line.quantity, "SKU": line.sku, "Título de la publicación": line.name}
        row |= {
            "Precio unitario de venta de la publicación (MXN)": number(line.price),
            "# de publicación": f"MLM{line.sku[-2:]}77",
        }
        row |= {"Venta por publicidad": "No", "Tipo de publicación": "Clásica"}
    return row


def _spanish(orders: list[Order]) -> bytes:
    rows = []
    for order in reversed(orders):
        lines = list(order.lines)
        if len(lines) == 1:
            rows.append(_spanish_row(order, lines, lines[0]))
        else:
            rows.append(_spanish_row(order, lines, None))
            rows += [_spanish_row(order, [], line) for line in lines]
    top = [
        ["Estado de tus ventas"],
        ["Ventas de Mercado Libre y Mercado Shops"],
        ["1 de octubre de 2026 08:00 hs."],
        [],
        [],
    ]
    return xlsx_bytes([*top, *table(SPANISH, rows)], "Ventas MX")


def _portuguese_row(order: Order, line: Line) -> dict[str, Any]:
    gone = order.state in ("cancelled", "failed")
    state = "Venda cancelada" if gone else "Pagamento pendente" if order.state == "unpaid" else "Entregue"
    if order.refund:
        state = "Devolvido" if order.all_back else "Mediação finalizada. Te demos parte do dinheiro."
    who, money = order.customer, _money(order, [line])
    return {
        "N.º de venda": _id(order),
        "Data da venda": _day(order.at, MONTHS_PT),
        "Estado": state,
        "Pacote de diversos produtos": "Não",
        "Pertence a um kit": "Não",
        "Unidades": line.quantity,
        "Receita por produtos (BRL)": german(money["goods"]),
        "Tarifa de venda e impostos (BRL)": german(money["fee"]) if money["fee"] else "",
        "Receita por envio (BRL)": comma(money["shipping"]) if money["shipping"] else "",
        "Cancelamentos e reembolsos (BRL)": german(money["back"]) if money["back"] else "",
        "Total (BRL)": german(money["total"]),
        "Venda por publicidade": "Não",
        "SKU": line.sku,
        "# de anúncio": f"MLB{line.sku[-2:]}88",
        "Canal de venda": "Mercado Livre",
        "Título do anúncio": line.name,
        "Preço unitário de venda do anúncio (BRL)": german(line.price),
        "Tipo de anúncio": "Clássico",
        "Comprador": who.name,
        "Negócio": "Não",
        "CPF": f"000.000.{who.number}-00",
        "Cidade": who.city,
        "Estado|2": "São Paulo",
        "CEP": f"0{who.number}-000",
        "País": "Brasil",
        "Forma de entrega": "Mercado Envios Full",
    }


def _portuguese(orders: list[Order]) -> bytes:
    rows = [_portuguese_row(order, order.lines[0]) for order in reversed(orders)]
    top = [
        ["Status das suas vendas"],
        ["Vendas do Mercado Livre e Mercado Shops"],
        ["1 de outubro de 2026 08:00 hs."],
        [],
        [],
    ]
    return csv_bytes([*top, *table(PORTUGUESE, rows)], delimiter=";", encoding="utf-8-sig")


PLAIN = frozenset(columns("shipping,refund_piece,refund_all,cancelled,unpaid,goodwill"))
TELL = (
    "Income from products is the line's price times units; shipping, fees and the refund have their "
    "columns, and the refund holds the shipping that went back. A cancelled sale keeps its income and "
    "takes it back in the same row: it counts as no order. The buyer is a name only; 'Estado' is the state "
    "of the sale and, further right, the buyer's."
)
EXPORTS = [
    Export(
        "mercadolibre_es",
        "Mercado Libre",
        "mercadolibre_ventas.xlsx",
        Setup(101, features=PLAIN),
        _spanish,
        "whole",
        "header of 62 columns in a public page that shows the file (found by the string 'Anulaciones y "
        "reembolsos ('); header in row 6, form of dates and of packages from public readers of it",
        currency="MXN",
        cannot_tell=TELL
        + " A package of several products is a row with the money and no units, above rows of units without money.",
    ),
    Export(
        "mercadolivre_pt",
        "Mercado Libre",
        "mercadolivre_vendas.csv",
        Setup(102, features=(PLAIN - {"goodwill"}) | {"single"}),
        _portuguese,
        "part",
        "names in public readers of the file (found by the string 'Receita por produtos (BRL)'): ';', numbers "
        "as 1.234,56, metadata in lines 1 to 5; the columns of address and delivery from memory",
        currency="BRL",
        cannot_tell=TELL,
    ),
]
