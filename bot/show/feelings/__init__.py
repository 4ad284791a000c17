"""What the host feels over minutes: raised by what happens, and lost again by and by."""
