"""What customers will buy: BG/NBD for how often, Gamma-Gamma for how much, on grouped purchase histories.

Fader, Hardie and Lee, "Counting your customers the easy way", Marketing Science 24 (2005); Fader and Hardie, "The
Gamma-Gamma model of monetary value" (2013). Parameters are in weeks, everything else in whole days.
"""
