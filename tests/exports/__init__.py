"""Export files of shops, tills, payment services and ledgers, made from invented orders after documentation."""
