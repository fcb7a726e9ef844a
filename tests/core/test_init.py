"""What `seglib init` makes of real exports: invented rows under the headers that shops and data sets really have."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seglib.core.contract import ORDERS
from seglib.core.errors import EnvironmentTrouble, InputRefused
from seglib.core.plan import Plan
from seglib.core.sources import stage
from seglib.init.propose import Proposal, propose
from seglib.init.study import write_study

SHAPES: dict[str, tuple[str, str]] = {
    "online_retail_ii": (
        """Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country
489434,85048,GLASS BALL,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom
489434,79323P,PINK LIGHTS,12,2009-12-01 07:45:00,6.75,13085.0,United Kingdom
489435,22350,CAT BOWL,12,2009-12-01 07:46:00,2.55,13085.0,United Kingdom
489436,48173C,DOOR MAT,10,2009-12-02 09:06:00,5.955,13078.0,United Kingdom
C489449,22087,PAPER BUNTING,-12,2009-12-02 10:33:00,2.95,13078.0,Australia
489437,22143,XMAS CRAFT,2,2009-12-02 12:00:00,2.1,,United Kingdom
""",
        "customer_id=Customer ID order_id=Invoice ordered_at=InvoiceDate quantity=Quantity unit_price=Price "
        "product_id=StockCode product_name=Description country=Country",
    ),
    "kaggle_data_csv": (
        """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom
536365,71053,LANTERN,6,12/1/2010 8:26,3.39,17850,United Kingdom
536366,22633,WARMER,6,12/1/2010 8:28,1.85,17850,United Kingdom
536367,84879,ORNAMENT,32,12/13/2010 8:34,1.69,13047,United Kingdom
""",
        "customer_id=CustomerID order_id=InvoiceNo ordered_at=InvoiceDate quantity=Quantity unit_price=UnitPrice "
        "product_id=StockCode product_name=Description country=Country",
    ),
    "superstore": (
        """Row ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Customer Name,Segment,Country,City,State,\
Postal Code,Region,Product ID,Category,Sub-Category,Product Name,Sales,Quantity,Discount,Profit
1,CA-2016-152156,11/8/2016,11/11/2016,Second Class,CG-12520,Ann Lee,Consumer,United States,Henderson,Kentucky,42420,\
South,FUR-BO-1,Furniture,Bookcases,Bookcase,261.96,2,0,41.9136
2,CA-2016-152156,11/8/2016,11/11/2016,Second Class,CG-12520,Ann Lee,Consumer,United States,Henderson,Kentucky,42420,\
South,FUR-CH-1,Furniture,Chairs,Chair,731.94,3,0.2,219.582
3,CA-2016-138688,6/12/2016,6/16/2016,Second Class,CG-12520,Ann Lee,Corporate,United States,Los Angeles,California,\
90036,West,OFF-LA-1,Office Supplies,Labels,Labels,14.62,2,0,6.8714
4,US-2015-108966,10/18/2015,10/25/2015,Standard,SO-20335,Bo Kim,Consumer,United States,Fort,Florida,33311,South,\
FUR-TA-1,Furniture,Tables,Table,957.5775,5,0.45,-383.031
""",
        "customer_id=Customer ID order_id=Order ID ordered_at=Order Date quantity=Quantity amount=Sales "
        "product_id=Product ID product_name=Product Name category=Category country=Country region=Region city=City",
    ),
    "shopify": (
        """Name,Email,Financial Status,Paid at,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,\
Lineitem price,Lineitem sku,Shipping City,Shipping Country,Source
#1001,a@example.com,paid,2023-05-01 10:22:33 +0200,EUR,30,35,2023-05-01 10:22:30 +0200,1,Mug,10.00,M1,Utrecht,NL,web
#1001,a@example.com,,,,,,2023-05-01 10:22:30 +0200,2,Cup,10.00,C1,,,
#1002,a@example.com,paid,2023-06-01 11:00:00 +0200,EUR,10,15,2023-06-01 10:59:00 +0200,1,Mug,10.00,M1,Utrecht,NL,web
#1003,b@example.com,refunded,2023-06-02 11:00:00 +0200,EUR,20,25,2023-06-02 10:59:00 +0200,2,Mug,10.00,M1,Gent,BE,pos
""",
        "customer_id=Email order_id=Name ordered_at=Created at quantity=Lineitem quantity unit_price=Lineitem price "
        "currency=Currency product_id=Lineitem sku product_name=Lineitem name channel=Source status=Financial Status "
        "country=Shipping Country city=Shipping City",
    ),
    "woocommerce": (
        """Order Number,Order Status,Order Date,First Name (Billing),Email (Billing),City (Billing),Item Name,SKU,\
Quantity,Item Cost,Order Total Amount
501,completed,2024-01-05 09:00,An,a@example.com,Gent,Mug,M1,1,12.00,22.00
501,completed,2024-01-05 09:00,An,a@example.com,Gent,Cup,C1,1,10.00,22.00
502,cancelled,2024-01-06 10:30,An,a@example.com,Gent,Mug,M1,1,12.00,12.00
503,completed,2024-01-07 10:30,Bo,b@example.com,Gent,Mug,M1,1,12.00,12.00
""",
        "customer_id=Email (Billing) order_id=Order Number ordered_at=Order Date quantity=Quantity "
        "unit_price=Item Cost product_id=SKU product_name=Item Name status=Order Status city=City (Billing)",
    ),
    "magento": (
        """increment_id,created_at,customer_id,customer_email,status,base_currency_code,grand_total,discount_amount
100000001,2022-03-01 10:00:00,,a@example.com,complete,USD,50.0000,0.0000
100000002,2022-03-05 10:00:00,,a@example.com,canceled,USD,20.0000,-5.0000
100000003,2022-03-06 10:00:00,7,b@example.com,complete,USD,30.0000,0.0000
""",
        "customer_id=customer_email order_id=increment_id ordered_at=created_at amount=grand_total "
        "discount=discount_amount currency=base_currency_code status=status",
    ),
    "amazon_tsv": (
        """order-id\torder-item-id\tpurchase-date\tbuyer-email\tbuyer-name\tsku\tproduct-name\tquantity-purchased\tcurrency\t\
item-price\tship-city\tship-state\tship-country
111-1\t91\t2021-02-01T10:00:00+00:00\tx1@marketplace\tAnn\tS1\tMug\t1\tUSD\t9.99\tAustin\tTX\tUS
111-2\t92\t2021-02-03T10:00:00+00:00\tx1@marketplace\tAnn\tS1\tMug\t1\tUSD\t9.99\tAustin\tTX\tUS
111-3\t93\t2021-02-04T10:00:00+00:00\tx2@marketplace\tBob\tS2\tCup\t2\tUSD\t7.50\tReno\tNV\tUS
""",
        "customer_id=buyer-email order_id=order-id ordered_at=purchase-date quantity=quantity-purchased "
        "unit_price=item-price currency=currency product_id=sku product_name=product-name country=ship-country "
        "region=ship-state city=ship-city",
    ),
    "olist_joined": (
        """order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_item_id,product_id,price,\
freight_value,customer_unique_id,customer_city,customer_state,payment_value
o1,c1,delivered,2017-10-02 10:56:33,2017-10-02 11:07:15,1,p1,29.99,8.72,u1,sao paulo,SP,77.42
o1,c1,delivered,2017-10-02 10:56:33,2017-10-02 11:07:15,2,p2,29.99,8.72,u1,sao paulo,SP,77.42
o2,c2,delivered,2018-07-24 20:41:37,2018-07-26 03:24:27,1,p1,29.99,8.72,u1,sao paulo,SP,38.71
o3,c3,canceled,2018-08-08 08:38:49,2018-08-08 08:55:23,1,p3,159.90,19.22,u2,barreiras,BA,179.12
""",
        "customer_id=customer_unique_id order_id=order_id ordered_at=order_purchase_timestamp unit_price=price "
        "product_id=product_id status=order_status region=customer_state city=customer_city",
    ),
    "r_rfm": (
        """customer_id,order_date,revenue,first_name,email
Brion Stark,2004-12-20,32,Brion,b@example.com
Brion Stark,2005-05-02,36,Brion,b@example.com
Ethyl Bot,2004-03-06,116,Ethyl,e@example.com
""",
        "customer_id=customer_id order_id=customer_id_+_ordered_at ordered_at=order_date amount=revenue",
    ),
    "hm": (
        """t_dat,customer_id,article_id,price,sales_channel_id
2018-09-20,000058a1,0663713001,0.0508,2
2018-09-20,000058a1,0541518023,0.0305,2
2018-09-24,000058a1,0505221004,0.0152,1
2018-09-20,00007d2d,0685687003,0.0169,2
""",
        "customer_id=customer_id order_id=customer_id_+_ordered_at ordered_at=t_dat unit_price=price "
        "product_id=article_id channel=sales_channel_id",
    ),
    "ta_feng": (
        """TRANSACTION_DT,CUSTOMER_ID,AGE_GROUP,PIN_CODE,PRODUCT_SUBCLASS,PRODUCT_ID,AMOUNT,ASSET,SALES_PRICE
11/1/2000,01104905,45-49,115,110411,4710199010372,2,24,30
11/1/2000,00418683,45-49,115,120107,4710857472535,1,48,46
11/13/2000,01104905,45-49,115,100407,4710043654103,2,142,166
""",
        "customer_id=CUSTOMER_ID order_id=customer_id_+_ordered_at ordered_at=TRANSACTION_DT quantity=AMOUNT "
        "unit_price=SALES_PRICE cost=ASSET product_id=PRODUCT_ID category=PRODUCT_SUBCLASS",
    ),
    "complete_journey": (
        """household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,week,transaction_timestamp
2261,309,31625220889,940996,1,3.86,0.43,5,2017-01-28 19:06:53
2261,309,31625220889,873902,1,1.59,0.90,5,2017-01-28 19:06:53
2261,316,32445856036,847901,1,1.00,0.69,13,2017-03-26 17:22:21
511,316,32445856099,847901,2,2.00,1.20,13,2017-03-26 18:22:21
""",
        "customer_id=household_id order_id=basket_id ordered_at=transaction_timestamp quantity=quantity "
        "amount=sales_value discount=retail_disc product_id=product_id",
    ),
    "istanbul_shopping": (
        """invoice_no,customer_id,gender,age,category,quantity,price,payment_method,invoice_date,shopping_mall
I138884,C241288,Female,28,Clothing,5,1500.4,Credit Card,5/8/2022,Kanyon
I317333,C241288,Female,28,Shoes,3,1800.51,Debit Card,12/12/2021,Forum
I127801,C266599,Male,20,Clothing,1,300.08,Cash,24/10/2021,Metrocity
""",
        "customer_id=customer_id order_id=invoice_no ordered_at=invoice_date quantity=quantity unit_price=price "
        "category=category",
    ),
    "sales_data_sample": (
        """ORDERNUMBER,QUANTITYORDERED,PRICEEACH,ORDERLINENUMBER,SALES,ORDERDATE,STATUS,QTR_ID,PRODUCTLINE,MSRP,PRODUCTCODE,\
CUSTOMERNAME,PHONE,CITY,STATE,COUNTRY,TERRITORY,DEALSIZE
10107,30,95.7,2,2871,2/24/2003 0:00,Shipped,1,Motorcycles,95,S10_1678,Land of Toys,2125557818,NYC,NY,USA,NA,Small
10107,34,100,5,4000.5,2/24/2003 0:00,Shipped,1,Motorcycles,95,S10_1949,Land of Toys,2125557818,NYC,NY,USA,NA,Small
10134,41,94.74,2,3884.34,7/1/2003 0:00,Shipped,3,Motorcycles,95,S10_1678,Reims,26471555,Paris,,France,EMEA,Medium
10145,45,83.26,6,3746.7,8/25/2003 0:00,Cancelled,3,Motorcycles,95,S10_1678,Land of Toys,2125557818,NYC,NY,USA,NA,Medium
""",
        "customer_id=CUSTOMERNAME order_id=ORDERNUMBER ordered_at=ORDERDATE quantity=QUANTITYORDERED amount=SALES "
        "product_id=PRODUCTCODE category=PRODUCTLINE status=STATUS country=COUNTRY region=STATE city=CITY",
    ),
    "pakistan": (
        """item_id,status,created_at,sku,price,qty_ordered,grand_total,increment_id,category_name_1,discount_amount,\
payment_method, MV ,Customer ID,
211131,complete,7/1/2016,kreations_YI,1950,1,1950,100147443,Women,0,cod," 1,950 ",1,
211132,canceled,7/14/2016,kcc_Buy 2,240,2,480,100147444,Beauty,0,cod, 240 ,1,
211133,order_refunded,7/15/2016,Ego,2450,1,2450,100147445,Women,0,cod," 2,450 ",2,
""",
        "customer_id=Customer ID order_id=increment_id ordered_at=created_at quantity=qty_ordered unit_price=price "
        "discount=discount_amount product_id=sku category=category_name_1 status=status",
    ),
    "totals_only": (
        """Order Number,client_id,order_date,Amount
1,7,2025-01-01,10.00
2,7,2025-02-01,20.00
3,8,2025-02-02,30.00
""",
        "customer_id=client_id order_id=Order Number ordered_at=order_date amount=Amount",
    ),
    "redundant_total": (
        """transaction_id,user_id,timestamp,qty,unit_price,total_price
1,7,2025-01-01T10:00:00Z,2,5.00,10.00
2,7,2025-02-01T10:00:00Z,3,5.00,15.00
3,8,2025-02-02T10:00:00Z,1,5.00,5.00
""",
        "customer_id=user_id order_id=transaction_id ordered_at=timestamp quantity=qty unit_price=unit_price",
    ),
    "northwind": (
        """OrderID,CustomerID,OrderDate,ShipCountry,ProductID,UnitPrice,Quantity,Discount
10248,VINET,1996-07-04,France,11,14.00,12,0
10248,VINET,1996-07-04,France,42,9.80,10,0.15
10249,VINET,1996-08-05,France,14,18.60,9,0
10250,HANAR,1996-08-08,Brazil,41,7.70,10,0.05
""",
        "customer_id=CustomerID order_id=OrderID ordered_at=OrderDate quantity=Quantity unit_price=UnitPrice "
        "discount=Discount product_id=ProductID country=ShipCountry",
    ),
    "german": (
        """Bestellnummer;Kunde;Datum;Artikelnummer;Menge;Preis;Land
B1;4711;31.12.2025;A-1;2;1.234,50;Deutschland
B2;4711;02.01.2026;A-2;1;9,99;Deutschland
B3;4712;05.01.2026;A-1;1;12,50;Deutschland
""",
        "customer_id=Kunde order_id=Bestellnummer ordered_at=Datum quantity=Menge unit_price=Preis "
        "product_id=Artikelnummer country=Land",
    ),
    "french": (
        """commande;client;date;référence;quantité;prix
C1;12;31/12/2025;R1;2;4,50
C2;12;02/01/2026;R2;1;9,90
C3;13;05/01/2026;R1;1;4,50
""",
        "customer_id=client order_id=commande ordered_at=date quantity=quantité unit_price=prix product_id=référence",
    ),
    "spanish": (
        """pedido;cliente;fecha;cantidad;precio;país
P1;12;31/12/2025;2;4,50;España
P2;12;02/01/2026;1;9,90;España
P3;13;05/01/2026;1;4,50;España
""",
        "customer_id=cliente order_id=pedido ordered_at=fecha quantity=cantidad unit_price=precio country=país",
    ),
    "dutch": (
        """Bestelnummer|Klantnummer|Besteldatum|Aantal|Stuksprijs|Omschrijving
1001|K1|31-12-2025|2|4.50|Mok
1002|K1|02-01-2026|1|9.90|Kop
1003|K2|05-01-2026|1|4.50|Mok
""",
        "customer_id=Klantnummer order_id=Bestelnummer ordered_at=Besteldatum quantity=Aantal unit_price=Stuksprijs "
        "product_name=Omschrijving",
    ),
    "google_store": (
        """CustomerID,Transaction_ID,Transaction_Date,Product_SKU,Product_Description,Product_Category,Quantity,Avg_Price
17850,16679,1/1/2019,GGO1,Thermostat,Nest,1,153.71
17850,16680,1/13/2019,GGO2,Cam,Nest,1,122.77
13047,16682,1/14/2019,GGO1,Thermostat,Nest,2,81.50
""",
        "customer_id=CustomerID order_id=Transaction_ID ordered_at=Transaction_Date quantity=Quantity "
        "unit_price=Avg_Price product_id=Product_SKU product_name=Product_Description category=Product_Category",
    ),
    "prestashop": (
        """id_order,reference,id_customer,total_paid,date_add
1,XKBKNABJK,5,20.000000,2025-05-01 10:00:00
2,OHSATSERP,5,30.500000,2025-06-01 10:00:00
3,UOYEVOLIX,6,10.000000,2025-07-01 10:00:00
""",
        "customer_id=id_customer order_id=id_order ordered_at=date_add amount=total_paid product_id=reference",
    ),
    "tpch": (
        """o_orderkey|o_custkey|o_orderstatus|o_totalprice|o_orderdate
1|36901|O|173665.47|1996-01-02
2|36901|O|46929.18|1996-12-01
3|123314|F|193846.25|1993-10-14
""",
        "customer_id=o_custkey order_id=o_orderkey ordered_at=o_orderdate amount=o_totalprice",
    ),
    "stripe": (
        """id,Created (UTC),Amount,Currency,Customer ID,Customer Email,Status
ch_1,2025-01-01 10:00,10.00,eur,cus_1,a@example.com,Paid
ch_2,2025-02-01 10:00,20.00,eur,cus_1,a@example.com,Paid
ch_3,2025-02-02 10:00,30.00,eur,cus_2,b@example.com,Refunded
""",
        "customer_id=Customer ID order_id=id ordered_at=Created (UTC) amount=Amount currency=Currency status=Status",
    ),
}


def proposal(folder: Path, text: str, name: str = "export.csv", encoding: str = "utf-8") -> Proposal:
    """Write an export and look at it."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return propose(path)


def expected(words: str, header: str) -> dict[str, str]:
    """Read ``field=name`` pairs; names may hold spaces."""
    found: dict[str, str] = {}
    key = ""
    for word in words.split():
        first, mark, rest = word.partition("=")
        if mark and first in ORDERS.names:
            key, found[first] = first, rest
        else:
            found[key] += f" {word}"
    return {
        k: v if v in header else v.replace("_", " ") if v != "customer_id_+_ordered_at" else ""
        for k, v in found.items()
    }


@pytest.mark.forms(14)
@pytest.mark.parametrize("shape", SHAPES)
def test_columns_of_real_exports(tmp_path: Path, shape: str) -> None:
    """Every column of a known export is recognised, and the plan stages all its rows."""
    text, words = SHAPES[shape]
    made = proposal(tmp_path, text)
    wanted = {k: v or "customer_id + ordered_at" for k, v in expected(words, text.split("\n1")[0]).items()}
    plan = Plan.load(write_study(made, tmp_path, "acme"))
    folder = tmp_path / "data" / "acme" / "sources"
    result = stage("orders", plan.sources["orders"], ORDERS, folder, tmp_path / "orders.parquet")

    assert dict(made.source.columns) == wanted
    assert result.rows == text.count("\n") - 1


NOT_ORDERS = {
    "instacart": "order_id,user_id,eval_set,order_number,order_dow\n1,7,prior,1,2\n2,7,prior,2,3\n",
    "dunnhumby": "household_key,BASKET_ID,DAY,PRODUCT_ID,QUANTITY,SALES_VALUE\n2375,26984851472,1,1004906,1,1.39\n",
    "olist_orders": "order_id,customer_id,order_status,order_purchase_timestamp\no1,c1,delivered,2017-10-02 10:56:33\n",
    "amazon_without_buyer": "Order ID,Date,Status,Style,Qty,currency,Amount\n405-8,04-30-22,Shipped,S3,1,INR,647.62\n",
    "customers": "CustomerID,Gender,Age,Annual Income (k$)\n1,Male,19,15\n2,Male,21,15\n",
    "sessions": "Administrative,BounceRates,Month,VisitorType,Revenue\n0,0.2,Feb,Returning_Visitor,FALSE\n",
}


@pytest.mark.parametrize("name", NOT_ORDERS)
def test_files_that_are_not_orders_are_refused(tmp_path: Path, name: str) -> None:
    """A file without customer, time or money is refused with one sentence that says what is missing."""
    with pytest.raises(InputRefused) as caught:
        proposal(tmp_path, NOT_ORDERS[name])

    assert str(caught.value).startswith("SEG-F07 these are not orders: no column says ")
    assert len(caught.value.findings) == 1


ODD: dict[str, tuple[str, bytes, str]] = {
    "cdnow": (
        "c.txt",
        b" 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n",
        "columns are separated by spaces",
    ),
    "empty": ("c.csv", b"", "file is empty"),
    "header only": ("c.csv", b"a,b\n", "no rows below the header"),
    "one column": ("c.csv", b"a\n1\n", "no columns found"),
    "no header": ("c.csv", b"7,A1,2026-01-01,5.00\n7,A2,2026-01-02,6.00\n", "the first line looks like data"),
    "same name twice": ("c.csv", b"customer_id,date,amount,amount\n7,2026-01-01,5,5\n", "column name twice"),
    "short row": ("c.csv", b"customer_id,date,amount\n7,2026-01-01,5\n7,2026-01-01\n", "row too short"),
    "gzip": ("c.csv.gz", b"\x1f\x8b\x08", "the packed file ends too early"),
    "bzip2": ("c.csv.bz2", b"BZh91AY", "not a CSV, JSON, Parquet or Excel file"),
    "excel as csv": ("c.csv", b"PK\x03\x04 xl/", "not a text file: this is an Excel file"),
    "noise as excel": ("c.xlsx", b"\x01\x02\x03", "not a readable Excel file"),
    "noise as parquet": ("c.parquet", b"\x01\x02\x03", "not a readable Parquet file"),
    "control bytes": ("c.csv", b"a,b\n1,\x00\n", "control character"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_one_sentence(tmp_path: Path, name: str) -> None:
    """No input makes a traceback."""
    file, content, sentence = ODD[name]
    (tmp_path / file).write_bytes(content)

    with pytest.raises(InputRefused, match=sentence):
        propose(tmp_path / file)


def test_F01_a_file_of_nearly_that_name_is_named(tmp_path: Path) -> None:
    """Only what `init` could read, and only where it is near."""
    for name in ("orders.csv", "ordesr.txt.bak"):
        (tmp_path / name).touch()

    with pytest.raises(InputRefused, match="or Excel file; did you mean 'orders.csv'"):
        propose(tmp_path / "ordres.csv")
    with pytest.raises(InputRefused, match="or Excel file$"):
        propose(tmp_path / "zzz.csv")


def test_F01_file_not_found(tmp_path: Path) -> None:
    """A path without a file is refused."""
    with pytest.raises(InputRefused, match="SEG-F01 orders.csv not found"):
        propose(tmp_path / "orders.csv")


AMBIGUOUS = "client_id,order_id,date,amount\n1,1,{}/2025,5\n1,2,{}/2025,6\n2,3,{}/2025,7\n"


@pytest.mark.parametrize(
    ("days", "wanted", "doubt"),
    [
        (("01/02", "13/02", "03/03"), "%d/%m/%Y", ""),
        (("01/02", "02/13", "03/03"), "%m/%d/%Y", ""),
        (("01/02", "02/02", "01/03"), "%d/%m/%Y", "the rows are in the order of time"),
        (("01/02", "01/03", "02/01"), "%m/%d/%Y", "the rows are in the order of time"),
        (("05/05", "05/05", "05/05"), "%d/%m/%Y", "nothing in the data decides"),
    ],
)
def test_V14_day_and_month_are_never_guessed_silently(
    tmp_path: Path, days: tuple[str, str, str], wanted: str, doubt: str
) -> None:
    """A day above 12 decides; otherwise the choice stands in the plan and among the doubts."""
    made = proposal(tmp_path, AMBIGUOUS.format(*days))

    assert made.source.date_format == wanted
    assert any("dates are read as" in sentence and doubt in sentence for sentence in made.unsure) is bool(doubt)


def test_encoding_and_decimal_comma_are_written_into_the_plan(tmp_path: Path) -> None:
    """A Windows export with accents keeps its encoding, delimiter and decimal comma as decisions."""
    text = "Kunde;Bestellnummer;Datum;Menge;Preis;Ort\n1;A;31.12.2025;1;4,50;Köln\n1;B;01.02.2026;2;5,25;Köln\n"
    made = proposal(tmp_path, text, encoding="cp1252")
    csv = Plan.load(write_study(made, tmp_path, "acme")).sources["orders"].csv

    assert (csv.delimiter, csv.encoding, csv.decimal) == (";", "cp1252", ",")
    assert any("encoding is taken as cp1252" in sentence for sentence in made.unsure)


def test_cancellations_and_decimals_of_invoices(tmp_path: Path) -> None:
    """Invoices with a letter and negative quantities are cancellations; prices say how many decimals they need."""
    made = proposal(tmp_path, SHAPES["online_retail_ii"][0])

    assert (made.rules.cancelled_prefix, made.money_decimals, made.currency) == ("C", 3, "GBP")


def test_statuses_become_rules(tmp_path: Path) -> None:
    """States, as the file spells them, stand in the plan with their meaning; unknown ones are doubts."""
    lines = ("client_id,order_id,date,amount,status", "1,1,2025-01-01,5,Complete", "1,2,2025-01-02,5,Storniert")
    text = "\n".join([*lines, "2,3,2025-01-02,5,Odd\n"])
    made = proposal(tmp_path, text)

    assert made.rules.states == {"Complete": "done", "Storniert": "cancelled"}
    assert any(s.startswith("orders with these statuses count as purchases: Odd (1 row)") for s in made.unsure)


def test_the_sheet_that_holds_orders_is_chosen(tmp_path: Path) -> None:
    """Of a cover sheet and a sheet of orders, the orders are read."""
    book = openpyxl.Workbook()
    book.active.append(["About", "this file"])
    sheet = book.create_sheet("2026 orders")
    for row in (
        ["Invoice", "Customer ID", "InvoiceDate", "Price"],
        ["1", 7.0, "2026-01-01", 5],
        ["2", 7.0, "2026-01-02", 5],
    ):
        sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    made = propose(tmp_path / "book.xlsx")

    assert made.source.sheet == "2026 orders"
    assert made.source.columns["customer_id"] == "Customer ID"


def test_parquet_is_understood(tmp_path: Path) -> None:
    """Typed files need no date format."""
    table = pa.table(
        {"CustomerID": [1, 1], "InvoiceNo": ["a", "b"], "InvoiceDate": ["2026-01-01"] * 2, "Amount": [1.5, 2]}
    )
    pq.write_table(table, tmp_path / "orders.parquet")
    made = propose(tmp_path / "orders.parquet")

    assert made.source.date_format is None and made.source.columns["amount"] == "Amount"


def test_the_plan_says_what_is_unsure_and_states_the_basis(tmp_path: Path) -> None:
    """The plan parses, lists the doubts, and declares the basis on which customers are profiled."""
    made = proposal(tmp_path, SHAPES["totals_only"][0])
    path = write_study(made, tmp_path, "acme")
    plan = Plan.load(path)

    assert plan.consent.basis == "legitimate_interest" and plan.sources["orders"].file == "export.csv"
    assert all(f"#   - {sentence}" in path.read_text() for sentence in made.unsure)
    assert any("data protection" in sentence for sentence in made.unsure)
    assert made.next_command("acme") == "make report STUDY=acme"
    assert (tmp_path / "data/acme/sources/export.csv").read_text() == SHAPES["totals_only"][0]


@pytest.mark.parametrize("study", ["../x", "Acme", "", "a" * 41, "a b"])
def test_P02_name_of_a_study(tmp_path: Path, study: str) -> None:
    """A name that is no plain folder name is refused, and nothing is written."""
    made = proposal(tmp_path, SHAPES["totals_only"][0])

    with pytest.raises(InputRefused, match="SEG-P02 not a name for a study"):
        write_study(made, tmp_path, study)
    assert not (tmp_path / "data").exists()


def test_an_existing_plan_is_never_overwritten(tmp_path: Path) -> None:
    """A study keeps the plan that a person has edited."""
    made = proposal(tmp_path, SHAPES["totals_only"][0])
    write_study(made, tmp_path, "acme")

    with pytest.raises(InputRefused, match="exists already"):
        write_study(made, tmp_path, "acme")


def test_personal_values_are_never_shown(tmp_path: Path) -> None:
    """Sentences name columns and counts, no customer."""
    made = proposal(tmp_path, SHAPES["r_rfm"][0])
    said = " ".join((*made.understood, *made.unsure))

    assert "Brion" not in said and "example.com" not in said


@pytest.mark.wide
def test_real_online_retail_is_understood(shared_data: Callable[[str], Path]) -> None:
    """The public shop data give the published counts and the rules that fit them."""
    made = propose(shared_data("online_retail/online_retail.parquet"))

    assert made.understood[0] == "541,909 rows: 4,372 customers, 25,900 orders, 2010-12-01 to 2011-12-09"
    assert (made.rules.cancelled_prefix, made.money_decimals, made.currency) == ("C", 3, "GBP")
    assert "25% of the rows have no customer; they are set aside" in made.understood


@pytest.mark.wide
def test_real_baskets_are_understood(shared_data: Callable[[str], Path]) -> None:
    """Households, baskets and sales values of the grocer are recognised."""
    made = propose(shared_data("completejourney/transactions_sample.parquet"))

    assert made.source.columns["customer_id"] == "household_id"
    assert made.source.columns["amount"] == "sales_value" and made.money_decimals == 2


def test_F15_thousands_are_never_taken_for_fractions(tmp_path: Path) -> None:
    """1,950 may be a thousand: the plan keeps the point, and the doubt is said."""
    made = proposal(tmp_path, "client_id;order_id;date;amount\n1;1;2025-01-01;1,950\n1;2;2025-01-02;240\n")

    assert made.source.csv.decimal == "."
    assert any("followed by three digits" in sentence for sentence in made.unsure)


def test_the_description_names_the_next_command(tmp_path: Path) -> None:
    """What is printed ends with the command to type."""
    text = proposal(tmp_path, SHAPES["totals_only"][0]).text(Path("data/acme/plan.yml"), "acme")

    assert text.startswith("Understood:\n  3 rows: 2 customers, 3 orders, 2025-01-01 to 2025-02-02\n")
    assert text.endswith("Read data/acme/plan.yml, correct it, then type: make report STUDY=acme")


def priced(total: bool) -> str:
    """Sixty lines of two products; the price is that of the line or of one unit."""
    rows = [(n, n % 2, n % 5 + 1, (3, 8)[n % 2] * (n % 5 + 1 if total else 1)) for n in range(60)]
    lines = [f"{n},c{n % 7},2026-01-{n % 28 + 1:02d},P{p},{q},{v}.50" for n, p, q, v in rows]
    return "\n".join(["order_id,customer_id,date,sku,quantity,item-price", *lines, ""])


@pytest.mark.parametrize(("total", "field"), [(True, "amount"), (False, "unit_price")])
def test_a_price_that_grows_with_the_quantity_is_the_total_of_the_line(tmp_path: Path, total: bool, field: str) -> None:
    """Marketplaces call the total of a line its price; the values tell which it is."""
    made = proposal(tmp_path, priced(total))

    assert made.source.columns[field] == "item-price"
    assert any("total of the line" in sentence for sentence in made.unsure) is total


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (("$1,234.50", "$5.00", "($7.25)"), (".", ",", ("$",), 2)),
        (("1.234,50 €", "5,00 €", "7,25 €"), (",", ".", ("€",), 2)),
        (("CHF 1'234.50", "CHF 5.00", "CHF 7.25"), (".", "'", ("CHF",), 2)),
        (("US $1,234.50", "US $5.00", "US $7.25"), (".", ",", ("US $",), 2)),
        (("$5.00", "€6.00", "$7.00"), (".", None, (), 2)),
        (("24.400000000000002", "0.1", "7.25"), (".", None, (), 2)),
    ],
)
def test_F15_how_numbers_for_people_are_written(
    tmp_path: Path, values: tuple[str, ...], wanted: tuple[str, str | None, tuple[str, ...], int]
) -> None:
    """Mark, separator and the one sign stand in the plan; two signs are never mixed; noise is no precision."""
    lines = [f"{n};c1;2026-01-0{n};{value}" for n, value in enumerate(values, 1)]
    made = proposal(tmp_path, "\n".join(["order_id;customer_id;date;total", *lines, ""]))
    csv = Plan.load(write_study(made, tmp_path, "acme")).sources["orders"].csv

    assert (csv.decimal, csv.thousands, csv.signs, made.money_decimals) == wanted
    assert not csv.signs or made.currency == {"$": "USD", "€": "EUR", "CHF": "CHF", "US $": "USD"}[csv.signs[0]]


def test_V10_the_largest_line_follows_from_the_file(tmp_path: Path) -> None:
    """A shop whose usual lines are large may have larger ones; ten million is the least, whatever the decimals."""
    text = "order_id,customer_id,date,total\n1,c1,2026-01-01,{0}\n2,c1,2026-01-02,{0}\n"
    small, large = (proposal(tmp_path, text.format(value)) for value in ("5.1234", "4000000"))

    assert (small.money_decimals, small.rules.amount_max_minor) == (4, 10_000_000 * 10**4)
    assert large.rules.amount_max_minor == 1_000_000_000 * 10**2
    assert "lines of up to 1,000,000,000 are taken as plausible" in large.unsure


def test_partly_refunded_orders_are_purchases(tmp_path: Path) -> None:
    """Of an order that was refunded in part something was kept; a failed payment is no order."""
    states = ("paid", "partially_refunded", "refunded", "failed")
    lines = [f"{n},c1,2026-01-0{n},5,{state}" for n, state in enumerate(states, 1)]
    made = proposal(tmp_path, "\n".join(["order_id,customer_id,date,total,status", *lines, ""]))

    assert [*made.rules.states.values()] == ["done", "done", "refunded", "failed"]


def test_only_orders_that_name_nobody_are_nameless(tmp_path: Path) -> None:
    """A customer who stands on the first line of an order stands for the other lines as well."""
    text = "order_id,customer_id,date,total\n1,c1,2026-01-01,5\n1,,,6\n2,c1,2026-01-02,7\n3,,2026-01-03,8\n"

    assert "25% of the rows have no customer; they are set aside" in proposal(tmp_path, text).understood


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EROFS, "SEG-X16 the disk is read-only - data/acme - do: mount it writable, then run again"),
        (errno.ENOSPC, "SEG-X14 disk full - data/acme - do: free disk space, then run again"),
        (errno.EEXIST, "SEG-X14 cannot write the study - data/acme - found: File exists - do: mend permissions"),
    ],
)
def test_X14_X16_a_study_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    """Where the home takes no new study, the sentence says which trouble it is and what to do."""
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,ordered_at,amount\n1,A,2026-01-01,5.00\n2,B,2026-01-02,6.00\n")
    proposal = propose(file)

    def refused(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refused)

    with pytest.raises(EnvironmentTrouble) as caught:
        write_study(proposal, tmp_path, "acme")
    assert str(caught.value) == said
