"""What the pages are told of the host's feelings."""
