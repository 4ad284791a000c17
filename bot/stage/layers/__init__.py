"""What stands on the stage beside the host: chat, alerts, goals, votes, the programme, screens."""
