"""What the shop's world allows, without a database: clean text, addresses of people, sound orders."""
