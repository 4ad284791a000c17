"""haishin vrm: models of the streamer's own for the avatar."""
