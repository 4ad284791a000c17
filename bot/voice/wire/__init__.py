"""What the voices of services share: their connections, their errors, and the sound as it comes."""
