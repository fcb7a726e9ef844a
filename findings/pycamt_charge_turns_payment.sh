#!/usr/bin/env bash
# pycamt 1.1.1: a payment from which the bank took a charge comes back as the charge. Amount and mark for credit or debit are looked for
# anywhere in the details, and where these name no amount of their own (they need not) those of the charge are found.
# Seen: an entry of 92 EUR that came in, CRDT; with a charge of 0.50 inside of its details (camt.053.001.02) it is 0.50 that went out, DBIT.
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
<NtryDtls><TxDtls><Refs><EndToEndId>order 17</EndToEndId></Refs>{}</TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"""
for charge in ("", '<Chrgs><Amt Ccy="EUR">0.50</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs>'):
    payment = Camt053Parser(STATEMENT.format(charge)).get_transactions()[0]
    print("with a charge" if charge else "without", payment["Amount"], payment["CreditDebitIndicator"])
PY
)
printf 'pycamt 1.1.1:\n%s\n' "$seen"
[ "$seen" = "without 92.00 CRDT
with a charge 0.50 DBIT" ] || { echo "changed"; exit 1; }
