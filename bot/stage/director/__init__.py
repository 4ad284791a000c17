"""The director: states of the show as scenes of a video mixer, and cues: small orders set off by what happens."""
