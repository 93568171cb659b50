"""How messages leave: one small file per channel. Bytes and addresses in, verdicts out; no database."""
