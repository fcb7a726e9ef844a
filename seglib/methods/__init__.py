"""Statistics on arrays and frames: no files, no engine, nothing of the ten steps."""
