"""What a shop offers: a document of rules over the law as a floor."""
