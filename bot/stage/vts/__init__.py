"""VTube Studio: it shows the streamer's model, and is told what the host feels and says."""
