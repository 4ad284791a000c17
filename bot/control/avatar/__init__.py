"""What draws the host, as an operator sees and chooses it."""
