#!/usr/bin/env bash
# pycamt 1.1.1: of a payment in a foreign currency the amount is what the customer sent, the currency that of the account: the first Amt
# inside the details is taken, which is the instructed one, and the currency of the entry stays beside it.
# Seen: an entry of 92 EUR, for 100 USD that the customer sent, is 100 EUR. The statement (camt.053.001.02) holds both amounts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pycamt==1.1.1 lxml==6.1.3

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
from pycamt.parser import Camt053Parser

STATEMENT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId><CreDtTm>2025-03-02T06:00:00</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><CreDtTm>2025-03-02T06:00:00</CreDtTm><Acct><Id><Othr><Id>shop</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">92.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2025-03-01</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">92.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2025-03-01</Dt></BookgDt><BkTxCd/>
<NtryDtls><TxDtls>{}</TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"""
sent = '<InstdAmt><Amt Ccy="USD">100.00</Amt></InstdAmt>'
booked = '<TxAmt><Amt Ccy="EUR">92.00</Amt></TxAmt>'
for details in (f"<AmtDtls>{booked}</AmtDtls>", f"<AmtDtls>{sent}{booked}</AmtDtls>"):
    payment = Camt053Parser(STATEMENT.format(details)).get_transactions()[0]
    print(payment["Amount"], payment["Currency"])
PY
)
printf 'pycamt 1.1.1:\n%s\n' "$seen"
[ "$seen" = "92.00 EUR
100.00 EUR" ] || { echo "changed"; exit 1; }
