"""Tells the stage's layers what viewers may see of the chat, the payments and the programme."""
