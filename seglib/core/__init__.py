"""Files, engines and privacy; nothing of marketing."""
