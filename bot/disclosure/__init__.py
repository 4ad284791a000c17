"""Marks that machines read: this file was made by an AI.

Several laws ask for them where generated sound and pictures leave a program (the EU's AI Act, article 50; China's
GB 45438-2025). What people see is the label on the stage.
"""
