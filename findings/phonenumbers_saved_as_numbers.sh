#!/usr/bin/env bash
# phonenumbers 9.0.43: a telephone number that a spreadsheet has kept as a number is read as another valid number. The decimal point is
# dropped and its zero dialled; and 49 of a German mobile is taken for the area code 0491, while 49 of one in Berlin is the country.
# Seen: three numbers that a message would go to, one of them right. Letters (a name behind the number) are dialled too, as its
# questions and answers say. seglib leaves out what holds letters or a decimal point, and what is valid with its first digits as country, too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check phonenumbers==9.0.43

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import phonenumbers

for cell in ("+49 171 3920012", "491713920012", "491713920012.0", "493023125012"):
    number = phonenumbers.parse(cell, "DE")
    print(cell, "is", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), phonenumbers.is_valid_number(number))
PY
)
printf 'phonenumbers 9.0.43:\n%s\n' "$seen"
[ "$seen" = "+49 171 3920012 is +491713920012 True
491713920012 is +49491713920012 True
491713920012.0 is +494917139200120 True
493023125012 is +493023125012 True" ] || { echo "changed"; exit 1; }
