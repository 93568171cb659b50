"""What outside shop systems send, turned into our documents: bytes in, documents out, no database."""
