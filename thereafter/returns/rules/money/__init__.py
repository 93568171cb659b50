"""What refunds come to: whole minor units, stored figures, nothing reckoned anew."""
